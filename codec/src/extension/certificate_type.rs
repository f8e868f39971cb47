//! client_certificate_type and server_certificate_type: RFC 7250 §3. The server's answer is a single
//! [`crate::CertificateType`].

use crate::{CertificateType, List, structure::structure};

structure! {
    /// Certificate types that a client can send or accept.
    #[derive(Copy)]
    CertificateTypeList<'a> {
        /// In order of preference. Named `client_certificate_types` or `server_certificate_types` in the
        /// RFC.
        certificate_types: List<'a, CertificateType> => words8(1..=0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn both_types() {
        let types = [CertificateType::RawPublicKey, CertificateType::X509];
        known!(
            CertificateTypeList<'_>,
            CertificateTypeList { certificate_types: List::of(&types) },
            "02 02 00"
        );
        known!(CertificateType, CertificateType::RawPublicKey, "02");
        fails!(CertificateTypeList<'_>, "00", Problem::OutOfRange, _, 0);
    }
}
