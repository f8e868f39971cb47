//! Values that configurations, needs, actions and sessions have in common.

use handclasp_codec::CertificateType;
use handclasp_crypto::Hash;

/// The hash of a TLS 1.3 pre-shared key (RFC 8446 §4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskHash {
    /// SHA-256, the default where a key comes without a hash.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl PskHash {
    /// The variant for `hash`, or `None` for a hash that no TLS 1.3 suite uses.
    pub(crate) fn of(hash: &dyn Hash) -> Option<Self> {
        [Self::Sha256, Self::Sha384].into_iter().find(|this| this.is(hash))
    }

    /// Whether `hash` is this one.
    pub fn is(self, hash: &dyn Hash) -> bool {
        hash.output_len()
            == match self {
                Self::Sha256 => 32,
                Self::Sha384 => 48,
            }
    }
}

/// Whether TLS 1.2 requires extended_master_secret (RFC 7627).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtendedMasterSecret {
    /// A peer without it is refused.
    Required,
    /// A connection without it has no exporter and is not resumed.
    Offered,
}

/// The peer's identity, kept after its certificates are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerIdentity {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub pin: [u8; 32],
    /// The earliest notAfter in the accepted chain, in seconds since 1970. `None` if the chain
    /// does not expire, as with a pinned key.
    pub not_after: Option<u64>,
    /// What the peer authenticated with: X509 or RawPublicKey. The handshake sets it.
    pub certificate_type: CertificateType,
}

impl PeerIdentity {
    /// The identity with this public key, accepted until `not_after`.
    pub const fn new(pin: [u8; 32], not_after: Option<u64>) -> Self {
        Self { pin, not_after, certificate_type: CertificateType::X509 }
    }

    /// Sets what the peer authenticated with.
    #[must_use]
    pub const fn with_certificate_type(mut self, certificate_type: CertificateType) -> Self {
        self.certificate_type = certificate_type;
        self
    }
}

/// Negotiated limits of a record's content, from record_size_limit (RFC 8449) or
/// max_fragment_length (RFC 6066 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordLimits {
    /// Largest content that the peer accepts, in bytes.
    pub send: u16,
    /// Largest content that we accept, in bytes.
    pub receive: u16,
    /// Whether the limits also apply to unprotected records.
    pub unprotected: bool,
}

impl RecordLimits {
    /// Limits in both directions, in bytes.
    pub const fn new(send: u16, receive: u16, unprotected: bool) -> Self {
        Self { send, receive, unprotected }
    }
}
