//! The judgement of an OCSP response.

use handclasp_codec::CertificateType;
use handclasp_report::{CertificateFault, StapleFault};
use handclasp_trust::Trust;

use crate::{answer::Answers, provider, refused::Refused};

impl Answers<'_, '_> {
    /// What the configured trust says of the response about the peer's chain, or of its absence.
    pub(super) fn judge_status(&self, response: Option<&[u8]>, now: u64) -> Result<(), Box<Refused>> {
        let (trust, chain) = (self.settings.trust.as_deref(), self.state.chain());
        let judge = || {
            let trust = trust.ok_or(CertificateFault::NotConfigured)?;
            if response.is_none() && self.settings.requires_status && knows_issuers(trust) {
                return Err(StapleFault::Missing.into());
            }
            trust.verify_status(chain, response, &self.verify_options(now), provider::SHA1)
        };
        judge().map_err(|error| {
            let refused = *self.refused(error, chain, CertificateType::X509);
            Box::new(refused.with_revocation(trust, chain, response))
        })
    }
}

/// Whether the trust, or one of its parts, can verify a response.
fn knows_issuers(trust: &Trust) -> bool {
    match trust {
        Trust::WebPki(_) => true,
        Trust::AnyOf(parts) => parts.iter().any(knows_issuers),
        _ => false,
    }
}
