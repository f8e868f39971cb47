//! The judgement of a peer where a file of known peers decides, alone or among other kinds of trust.

use handclasp_codec::CertificateType;
use handclasp_report::{CertificateError, CertificateFault};

use super::{Answers, Judged, Reply};
use crate::known_peer::{Judgement, OwnedContact};

impl<'s> Answers<'s, '_> {
    /// What the configured trust says, and what of a known peer is kept.
    pub(crate) fn judged<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        certificate_type: CertificateType,
        now: u64,
    ) -> Judged<'s> {
        let Some(peers) = self.settings.known_peers() else {
            return Judged::plain(self.judge(chain, certificate_type, now));
        };
        let refused = |error| self.refused(error, chain, certificate_type);
        let options = self.verify_options(now);
        let contact = match self.contact(chain, certificate_type, now) {
            Ok(contact) => contact,
            Err(error) => return Judged::plain(Err(refused(error))),
        };
        let others = self.settings.trust.as_ref().and_then(|trust| match (certificate_type, chain) {
            (CertificateType::RawPublicKey, [key]) => trust.verify_raw_key_by_others(key.as_ref(), &options),
            _ => trust.verify_chain_by_others(chain, &options),
        });
        let others = match others {
            Some(Ok(key)) if contact.is_good(peers) => return Judged::plain(Ok(key)),
            Some(Err(other)) if other.error.fault == CertificateFault::Revoked => {
                return Judged::plain(Err(refused(other.error)));
            }
            Some(Err(other)) if other.is_specific => Some(other.error),
            _ => None,
        };
        let (judgement, state) = contact.judge(peers);
        let (reply, refusal) = match judgement {
            // The file only says that it does not have the key.
            Judgement::Refuse(fault, _) if fault.fault == CertificateFault::NotListed && others.is_some() => {
                return Judged::plain(Err(refused(others.unwrap_or(fault))));
            }
            Judgement::Accept(key) => (Reply::Peer(Ok(key)), None),
            Judgement::Later => (Reply::Later, None),
            Judgement::Dates(fault) => (Reply::Peer(Err(refused(fault))), None),
            Judgement::Refuse(fault, refusal) => {
                (Reply::Peer(Err(refused(fault).with_refusal(Some(&refusal)))), Some(refusal))
            }
            Judgement::Deny(refusal) => {
                (Reply::Denied(refused(state.mismatch()).with_refusal(Some(&refusal))), Some(refusal))
            }
        };
        Judged { reply, known: Some(Box::new(state)), refusal }
    }

    /// The peer of a certificate or raw public key, as the file of known peers looks it up.
    pub(crate) fn contact<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        certificate_type: CertificateType,
        now: u64,
    ) -> Result<OwnedContact, CertificateError> {
        let known_name = self.state.known_name.as_deref();
        OwnedContact::of(chain, certificate_type, &self.verify_options(now), known_name)
    }
}
