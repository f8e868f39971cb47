//! Dates of a certificate that is trusted by its key ([`crate::Trust::PinsWithDates`]).

use core::time::Duration;

use handclasp_report::{CertificateError, CertificateFault, Evidence};
use rustls_pki_types::UnixTime;

use crate::{VerifyOptions, chain::time, x509::Certificate};

/// Checks the dates of a leaf that is trusted by its key; returns its notAfter.
pub(crate) fn check(leaf: &[u8], options: &VerifyOptions<'_>) -> Result<UnixTime, CertificateError> {
    let malformed = CertificateFault::Malformed { index: 0 };
    let validity = Certificate::read(leaf).map_err(|_| malformed)?.validity;
    let (not_before, not_after) = time::validity(validity).map_err(|_| malformed)?;
    let now = options.now.as_secs();
    let dates = |limit| Evidence::Dates { limit, now };
    if not_before > not_after {
        Err(CertificateFault::NeverValid { index: 0 }.into())
    } else if options.time_is_known && now < not_before {
        Err(CertificateFault::NotYetValid.with(dates(not_before)))
    } else if now > not_after {
        Err(CertificateFault::Expired.with(dates(not_after)))
    } else {
        Ok(UnixTime::since_unix_epoch(Duration::from_secs(not_after)))
    }
}
