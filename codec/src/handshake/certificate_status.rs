//! CertificateStatus: RFC 6066 §8, RFC 6961 (several responses). A message in TLS 1.2, an extension of a
//! CertificateEntry in TLS 1.3.

use crate::{CertificateStatusType, structure::structure};

structure! {
    /// A stapled certificate status (`CertificateStatus`).
    #[derive(Copy)]
    CertificateStatus<'a> in certificate_status {
        /// ocsp, or ocsp_multi (RFC 6961).
        status_type: CertificateStatusType => word,
        /// For ocsp a DER-encoded OCSPResponse; for ocsp_multi a list of them, each with a three-byte
        /// length prefix.
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
        fails!(CertificateStatus<'_>, "01 000000", Problem::OutOfRange, _, 1);
    }
}
