//! CertificateStatus: RFC 6066 §8 (a message of TLS 1.2, an extension of a certificate in
//! 1.3), RFC 6961 (several responses).

use crate::{CertificateStatusType, structure::structure};

structure! {
    /// CertificateStatus.
    #[derive(Copy)]
    CertificateStatus<'a> in certificate_status {
        /// ocsp, or ocsp_multi.
        status_type: CertificateStatusType => word,
        /// An OCSPResponse in DER; for ocsp_multi a list of such, each behind three bytes of length.
        response: &'a [u8] => opaque24(1..=0xff_ffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn a_response() {
        let status = CertificateStatus { status_type: CertificateStatusType::ocsp, response: b"good" };
        known!(CertificateStatus<'_>, status, "01 000004 676f6f64");
        fails!(CertificateStatus<'_>, "01 000000", Problem::OutOfRange { .. }, 1);
    }
}
