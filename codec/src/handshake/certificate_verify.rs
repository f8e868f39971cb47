//! CertificateVerify: RFC 8446 §4.4.3, RFC 5246 §7.4.8. Both versions have the same structure.

use crate::{SignatureScheme, structure::structure};

structure! {
    /// Body of a CertificateVerify message.
    #[derive(Copy)]
    CertificateVerify<'a> in certificate_verify {
        /// A signature scheme in TLS 1.3; a signature and hash pair in TLS 1.2.
        algorithm: SignatureScheme => word,
        /// Signature over the transcript of the handshake up to this message.
        signature: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// Body of a CertificateVerify before TLS 1.2: the type of key determines the algorithm (RFC 4346
    /// §7.4.8).
    #[derive(Copy)]
    CertificateVerify10<'a> in certificate_verify {
        /// Signature over MD5 and SHA-1 of the transcript (RSA), or over SHA-1 alone (DSA, ECDSA).
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
        fails!(CertificateVerify<'_>, "0403 0000 00", Problem::Trailing, [1, 0, 0], 4);
    }
}
