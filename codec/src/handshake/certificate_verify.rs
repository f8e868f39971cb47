//! CertificateVerify: RFC 8446 §4.4.3, RFC 5246 §7.4.8: one shape in both versions.

use crate::{SignatureScheme, structure::structure};

structure! {
    /// CertificateVerify.
    #[derive(Copy)]
    CertificateVerify<'a> in certificate_verify {
        /// A scheme in 1.3, a pair in 1.2.
        algorithm: SignatureScheme => word,
        /// Over the transcript.
        signature: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// CertificateVerify before TLS 1.2, where the key alone tells the algorithm (RFC 4346 §7.4.8).
    #[derive(Copy)]
    CertificateVerify10<'a> in certificate_verify {
        /// Over MD5 and SHA-1 of the transcript, or SHA-1 alone.
        signature: &'a [u8] => opaque16(0..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn both_shapes() {
        let algorithm = SignatureScheme::ecdsa_secp256r1_sha256;
        known!(CertificateVerify<'_>, CertificateVerify { algorithm, signature: b"sig" }, "0403 0003 736967");
        known!(CertificateVerify10<'_>, CertificateVerify10 { signature: b"sig" }, "0003 736967");
        fails!(CertificateVerify<'_>, "0403 0000 00", Problem::Trailing { extra: 1 }, 4);
    }
}
