//! client_certificate_type and server_certificate_type: RFC 7250 §3. The reply is a lone
//! [`crate::CertificateType`].

use crate::{CertificateType, List, structure::structure};

structure! {
    /// What a client can send, or take, its preference first.
    #[derive(Copy)]
    CertificateTypeList<'a> {
        /// The RFC says `client_certificate_types` or `server_certificate_types`.
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
        fails!(CertificateTypeList<'_>, "00", Problem::OutOfRange { .. }, 0);
    }
}
