//! CertificateRequest: RFC 8446 §4.3.2 and RFC 5246 §7.4.4. The two share only the message type.

use crate::{
    CertificateRequestExtensions, ClientCertificateType, DistinguishedName, List, SignatureScheme,
    structure::structure,
};

structure! {
    /// Body of a TLS 1.3 CertificateRequest.
    CertificateRequest13<'a> in certificate_request {
        /// Empty during the handshake; identifies a post-handshake request.
        certificate_request_context: &'a [u8] => opaque8(0..=0xff),
        /// Must include signature_algorithms (RFC 8446 §4.3.2).
        extensions: CertificateRequestExtensions<'a> => nested,
    }
}

structure! {
    /// Body of a TLS 1.2 CertificateRequest.
    #[derive(Copy)]
    CertificateRequest12<'a> in certificate_request {
        /// Certificate types that the client may send.
        certificate_types: List<'a, ClientCertificateType> => words8(1..=0xff),
        /// Signature and hash pairs that the server can verify, in order of preference.
        supported_signature_algorithms: List<'a, SignatureScheme> => words16(2..=0xfffe),
        /// Names of acceptable certificate authorities; an empty list accepts any.
        certificate_authorities: List<'a, DistinguishedName<'a>> => list16(0..=0xffff),
    }
}

structure! {
    /// Body of a CertificateRequest before TLS 1.2 (RFC 4346 §7.4.4), for `explain`.
    #[derive(Copy)]
    CertificateRequest10<'a> in certificate_request {
        /// Certificate types that the client may send.
        certificate_types: List<'a, ClientCertificateType> => words8(1..=0xff),
        /// Names of acceptable certificate authorities; an empty list accepts any.
        certificate_authorities: List<'a, DistinguishedName<'a>> => list16(0..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn of_1_3() {
        let schemes = [SignatureScheme::ecdsa_secp256r1_sha256];
        let extensions = CertificateRequestExtensions {
            signature_algorithms: Some(SignatureSchemeList {
                supported_signature_algorithms: List::of(&schemes),
            }),
            ..Default::default()
        };
        let request = CertificateRequest13 { certificate_request_context: b"", extensions };
        known!(CertificateRequest13<'_>, request, "00 0008 000d 0004 0002 0403");
    }

    #[test]
    fn of_1_2_and_before() {
        let types = [ClientCertificateType::ecdsa_sign, ClientCertificateType::rsa_sign];
        let schemes = [SignatureScheme::rsa_pkcs1_sha256];
        let names = [DistinguishedName(b"ca")];
        let request = CertificateRequest12 {
            certificate_types: List::of(&types),
            supported_signature_algorithms: List::of(&schemes),
            certificate_authorities: List::of(&names),
        };
        known!(CertificateRequest12<'_>, request, "02 40 01 0002 0401 0004 0002 6361");
        let older = CertificateRequest10 {
            certificate_types: List::of(&types),
            certificate_authorities: List::of(&[]),
        };
        known!(CertificateRequest10<'_>, older, "02 40 01 0000");
        fails!(CertificateRequest12<'_>, "00 0002 0401 0000", Problem::OutOfRange, _, 0);
    }
}
