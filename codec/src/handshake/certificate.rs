//! Certificate: RFC 8446 §4.4.2, RFC 5246 §7.4.2, RFC 7250 §3 (raw public keys).

use crate::{CertificateEntryExtensions, List, structure::structure};

structure! {
    /// Body of a TLS 1.3 Certificate message.
    Certificate13<'a> in certificate {
        /// Empty in a server's message; in a client's, the context of the CertificateRequest.
        certificate_request_context: &'a [u8] => opaque8(0..=0xff),
        /// Chain, the sender's certificate first; empty if a client has no certificate.
        certificate_list: List<'a, CertificateEntry<'a>> => list24(0..=0xff_ffff),
    }
}

structure! {
    /// One certificate of the chain with its extensions (`CertificateEntry`).
    CertificateEntry<'a> in certificate_entry {
        /// DER-encoded certificate, or SubjectPublicKeyInfo if RawPublicKey was negotiated.
        cert_data: &'a [u8] => opaque24(1..=0xff_ffff),
        /// Extensions that apply to this certificate, such as a stapled OCSP response.
        extensions: CertificateEntryExtensions<'a> => nested,
    }
}

structure! {
    /// Body of a TLS 1.2 Certificate message with X.509 certificates.
    #[derive(Copy)]
    Certificate12<'a> in certificate {
        /// Chain, the sender's certificate first; empty if a client has no certificate.
        certificate_list: List<'a, Asn1Cert<'a>> => list24(0..=0xff_ffff),
    }
}

structure! {
    /// A DER-encoded X.509 certificate.
    Asn1Cert<'a>(opaque24(1..=0xff_ffff) in asn1_cert)
}

structure! {
    /// Body of a TLS 1.2 Certificate message if RawPublicKey was negotiated: a single key and not a
    /// list.
    #[derive(Copy)]
    CertificateRawPublicKey12<'a> in certificate {
        /// DER-encoded SubjectPublicKeyInfo; empty if a client has no key.
        asn1_subject_public_key_info: &'a [u8] => opaque24(0..=0xff_ffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn of_1_3() {
        let stapled = CertificateEntryExtensions {
            status_request: Some(CertificateStatus {
                status_type: CertificateStatusType::ocsp,
                response: b"good",
            }),
            signed_certificate_timestamp: Some(Opaque { opaque: b"s" }),
            ..Default::default()
        };
        let entries = [
            CertificateEntry { cert_data: b"leaf", extensions: stapled },
            CertificateEntry { cert_data: b"ca", extensions: Default::default() },
        ];
        let certificate =
            Certificate13 { certificate_request_context: b"c", certificate_list: List::of(&entries) };
        known!(
            Certificate13<'_>,
            certificate,
            "01 63 000021 000004 6c656166 0011 0005 0008 01 000004 676f6f64 0012 0001 73 000002 6361 0000"
        );
        let none = Certificate13 { certificate_request_context: b"", certificate_list: List::of(&[]) };
        known!(Certificate13<'_>, none, "00 000000");
        fails!(Certificate13<'_>, "00 000005 000000 0000", Problem::OutOfRange, _, 4);
    }

    #[test]
    fn of_1_2() {
        let certs = [Asn1Cert(b"leaf"), Asn1Cert(b"ca")];
        let certificate = Certificate12 { certificate_list: List::of(&certs) };
        known!(Certificate12<'_>, certificate, "00000c 000004 6c656166 000002 6361");
        known!(Certificate12<'_>, Certificate12 { certificate_list: List::of(&[]) }, "000000");
        let raw = CertificateRawPublicKey12 { asn1_subject_public_key_info: b"key" };
        known!(CertificateRawPublicKey12<'_>, raw, "000003 6b6579");
    }

    #[test]
    fn announced_but_not_there() {
        fails!(Certificate12<'_>, "ffffff", Problem::Truncated, [0xff_ffff, 0, 0], 3);
    }
}
