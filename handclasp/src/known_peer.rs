//! Handshakes with known peers: the file is asked when the certificate comes, and written when the
//! handshake is complete.

use handclasp_codec::CertificateType;
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use handclasp_trust::{
    Contact, Decision, KnownPeers, PeerRefusal, PeerVerdict, Role, Trust, VerifiedKey, VerifyOptions,
    certificate,
};
use rustls_pki_types::UnixTime;

/// The peer of a handshake.
pub(crate) struct KnownPeerState {
    contact: OwnedContact,
    /// What the file said, if the peer was accepted.
    verdict: Option<PeerVerdict>,
    /// Whether the peer is written into the file once the handshake is complete.
    pub(crate) is_recorded: bool,
}

/// A [`Contact`] that outlives the certificate.
pub(crate) struct OwnedContact {
    role: Role,
    name: Option<String>,
    key: VerifiedKey,
    not_before: Option<UnixTime>,
    now: UnixTime,
    /// Whether the certificate is valid now.
    dates: Result<(), CertificateError>,
}

/// What the file says of a peer's certificate.
pub(crate) enum Judgement {
    Accept(VerifiedKey),
    /// The application is asked.
    Later,
    /// The fault, and why.
    Refuse(CertificateError, Box<PeerRefusal>),
    /// Its certificate is not valid now.
    Dates(CertificateError),
    /// The peer is not on the list: access_denied.
    Deny(Box<PeerRefusal>),
}

impl OwnedContact {
    /// Of a peer's leaf certificate or raw public key. `known_name` is a server's name in the file, where it is
    /// not the one that `options` has.
    pub(crate) fn of<C: AsRef<[u8]>>(
        chain: &[C],
        certificate_type: CertificateType,
        options: &VerifyOptions<'_>,
        known_name: Option<&str>,
    ) -> Result<Self, CertificateError> {
        // The key, as of a peer that is trusted without a question.
        let (key, leaf) = match (certificate_type, chain) {
            (CertificateType::RawPublicKey, [key]) => {
                (Trust::DangerNobody.verify_raw_key(key.as_ref(), options)?, None)
            }
            _ => (Trust::DangerNobody.verify_chain(chain, options)?, chain.first().map(AsRef::as_ref)),
        };
        let name = match options.role {
            Role::Server => {
                known_name.map(ToOwned::to_owned).or_else(|| options.name.map(ToString::to_string))
            }
            Role::Client => leaf.and_then(certificate::claimed_name),
        };
        let not_before = leaf.and_then(certificate::not_before);
        let dates = leaf.map_or(Ok(()), |leaf| certificate::check_dates(leaf, options).map(drop));
        Ok(Self { role: options.role, name, key, not_before, now: options.now, dates })
    }

    pub(crate) fn contact(&self) -> Contact<'_> {
        Contact::new(self.role, self.name.as_deref(), self.key.pin, self.now).with_not_before(self.not_before)
    }

    /// Whether the file can be read and does not revoke the key.
    pub(crate) fn is_good(&self, peers: &KnownPeers) -> bool {
        matches!(peers.revocation(self.key.pin), Ok(None))
    }

    /// A peer that the application judges.
    pub(crate) fn unjudged(self) -> KnownPeerState {
        KnownPeerState { contact: self, verdict: None, is_recorded: false }
    }

    /// What the file says, and the state until the handshake is complete.
    pub(crate) fn judge(self, peers: &KnownPeers) -> (Judgement, KnownPeerState) {
        // A changed key is an alarm whatever its certificate says; nobody is asked about an expired one.
        let is_judged =
            |verdict| !matches!(verdict, Err(_) | Ok(PeerVerdict::Changed(_) | PeerVerdict::Revoked(..)));
        if let Err(fault) = self.dates
            && peers.checks_dates()
            && is_judged(peers.verdict(&self.contact()))
        {
            return (Judgement::Dates(fault), self.unjudged());
        }
        let decision = peers.decide(&self.contact());
        let (judgement, verdict) = match decision {
            Decision::Accept(verdict) => (Judgement::Accept(self.key.clone()), Some(verdict)),
            Decision::Refuse(refusal) => match refusal.fault() {
                Some(fault) => (Judgement::Refuse(fault, refusal), None),
                None => (Judgement::Deny(refusal), None),
            },
            // Ask, and what a later version decides.
            _ => (Judgement::Later, None),
        };
        let is_recorded = matches!(judgement, Judgement::Accept(_));
        (judgement, KnownPeerState { contact: self, verdict, is_recorded })
    }
}

impl KnownPeerState {
    pub(crate) fn contact(&self) -> Contact<'_> {
        self.contact.contact()
    }

    pub(crate) fn judged(&mut self, verdict: Option<PeerVerdict>) {
        self.verdict = verdict;
    }

    /// What the file said of the peer; `New` where a person has accepted it.
    pub(crate) fn verdict(&self) -> PeerVerdict {
        self.verdict.clone().unwrap_or(PeerVerdict::New)
    }

    /// The fault of a peer that is judged without its words.
    pub(crate) fn mismatch(&self) -> CertificateError {
        CertificateFault::PinMismatch.with(Evidence::Pin(self.contact.key.pin.0))
    }
}
