//! Details of a refused certificate for the report: its key, which a person may know to be right,
//! its names, where they do not match, otherwise the first, and which certificate was revoked.

use handclasp_codec::CertificateType;
use handclasp_connection::Connection as Engine;
use handclasp_crypto::KeyKind;
use handclasp_report::{
    CertificateError, CertificateFault, RevokedNote, Side, Tag, changed_key_note, key_note,
};
use handclasp_trust::{Name, PeerRefusal, RefusalReason, Revocation, Role, Trust, certificate};

use crate::provider::SHA256;

/// Names that are noted; the fault counts them all.
const NAMES: usize = 4;

/// A refusal, and the details that explain it.
pub(crate) struct Refused {
    pub(crate) error: CertificateError,
    peer: Side,
    key: Option<(KeyKind, [u8; 32])>,
    is_changed: bool,
    names: Vec<String>,
    expected: Option<String>,
    revocation: Option<Revocation>,
}

impl Refused {
    /// Of a chain, or a raw public key.
    pub(crate) fn new<C: AsRef<[u8]>>(
        error: CertificateError,
        peer: Role,
        chain: &[C],
        certificate_type: CertificateType,
        name: Option<&Name>,
    ) -> Self {
        let peer = match peer {
            Role::Server => Side::Server,
            Role::Client => Side::Client,
        };
        let leaf = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let key = match certificate_type {
            CertificateType::RawPublicKey => certificate::raw_key_and_pin(leaf, SHA256),
            _ => certificate::key_and_pin(leaf, SHA256),
        };
        let (names, expected) = match error.fault {
            CertificateFault::NameMismatch { .. } => {
                (certificate::subject_alt_names(leaf), name.map(Name::to_string))
            }
            // Whose certificate it is, or pretends to be: what an operator looks for first.
            _ if certificate_type == CertificateType::X509 => {
                (certificate::claimed_name(leaf).into_iter().collect(), None)
            }
            _ => (Vec::new(), None),
        };
        let key = key.map(|(kind, pin)| (kind, pin.0));
        Self { error, peer, key, is_changed: false, names, expected, revocation: None }
    }

    /// Adds which certificate was revoked, by the lists of this trust or by this OCSP response.
    pub(crate) fn with_revocation<C: AsRef<[u8]>>(
        mut self,
        trust: Option<&Trust>,
        chain: &[C],
        response: Option<&[u8]>,
    ) -> Self {
        if self.error.fault == CertificateFault::Revoked {
            self.revocation = trust.and_then(|trust| trust.revocation(chain, response));
        }
        self
    }

    /// Adds what the file of known peers says against the peer.
    pub(crate) fn with_refusal(mut self: Box<Self>, refusal: Option<&PeerRefusal>) -> Box<Self> {
        let reason = refusal.map(|refusal| &refusal.reason);
        self.is_changed = matches!(reason, Some(RefusalReason::Changed(_)));
        self
    }

    pub(crate) fn note(&self, engine: &mut Engine) {
        match &self.key {
            Some((kind, pin)) if self.is_changed => {
                engine.note(self.peer, Tag::CertificateKey, &changed_key_note(*kind, pin));
            }
            Some((kind, pin)) => engine.note(self.peer, Tag::CertificateKey, &key_note(*kind, pin)),
            None => {}
        }
        if let Some(expected) = &self.expected {
            engine.note(self.peer.other(), Tag::ExpectedName, expected.as_bytes());
        }
        if let Some(revocation) = &self.revocation {
            let Revocation { serial, issuer, date, reason, .. } = revocation;
            let note = RevokedNote::new(reason.0, date.as_secs(), serial, issuer.as_bytes());
            note.encode(|bytes| engine.note(self.peer, Tag::Revoked, bytes));
        }
        for name in self.names.iter().take(NAMES) {
            engine.note(self.peer, Tag::CertificateName, name.as_bytes());
        }
    }
}
