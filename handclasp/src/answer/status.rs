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
            let options = self.verify_options(now);
            if self.settings.known_peers().is_none() {
                let status = trust.verify_status(chain, response, &options, provider::SHA1);
                // What the application accepted without a path has no issuer whose key verifies a response.
                let may_be_excused = self.state.is_accepted && !self.settings.requires_status;
                return status.or_else(|error| match may_be_excused {
                    true if trust.verify_chain(chain, &options).is_err() => Ok(()),
                    _ => Err(error),
                });
            }
            let others = trust.verify_status_by_others(chain, response, &options, provider::SHA1);
            match others.unwrap_or(Ok(())) {
                // The file, or a person, has accepted the peer: that an issuer says nothing does not count.
                Err(error) if self.state.known.is_some() && error.fault != CertificateFault::Revoked => {
                    Ok(())
                }
                outcome => outcome,
            }
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
