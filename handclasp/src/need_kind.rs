//! The kinds of needs that a configuration leaves to the application.

/// The kinds of needs that an application can answer in place of its configuration; see
/// [`crate::Server::late_needs`] and [`crate::Client::late_needs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NeedKind {
    /// The certificate to send: [`crate::LateNeed::Credential`].
    Credential,
    /// The signature by the key of the certificate that was sent: [`crate::LateNeed::Signature`].
    Signature,
    /// The verdict on the peer's certificates: [`crate::LateNeed::PeerCertificate`].
    PeerCertificate,
    /// The pre-shared key that a client names: [`crate::LateNeed::Psk`]. Servers only.
    Psk,
    /// Whether a session is resumed: [`crate::LateNeed::Resumption`]. Servers only.
    Resumption,
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LateNeeds {
    pub(crate) credential: bool,
    pub(crate) signature: bool,
    pub(crate) peer_certificate: bool,
    pub(crate) psk: bool,
    pub(crate) resumption: bool,
}

impl LateNeeds {
    /// These and more.
    pub(crate) fn and(self, kinds: &[NeedKind]) -> Self {
        let has = |kind| kinds.contains(&kind);
        Self {
            credential: self.credential || has(NeedKind::Credential),
            signature: self.signature || has(NeedKind::Signature),
            peer_certificate: self.peer_certificate || has(NeedKind::PeerCertificate),
            psk: self.psk || has(NeedKind::Psk),
            resumption: self.resumption || has(NeedKind::Resumption),
        }
    }
}
