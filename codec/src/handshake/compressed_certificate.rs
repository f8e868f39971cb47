//! CompressedCertificate: RFC 8879 §4.

use crate::{CertificateCompressionAlgorithm, structure::structure};

structure! {
    /// CompressedCertificate.
    #[derive(Copy)]
    CompressedCertificate<'a> in compressed_certificate {
        /// How.
        algorithm: CertificateCompressionAlgorithm => word,
        /// Bytes of the Certificate message that comes out.
        uncompressed_length: u32 => u24,
        /// The Certificate message, compressed.
        compressed_certificate_message: &'a [u8] => opaque24(1..=0xff_ffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn round_trip() {
        let compressed = CompressedCertificate {
            algorithm: CertificateCompressionAlgorithm::zlib,
            uncompressed_length: 0x01_0203,
            compressed_certificate_message: b"zz",
        };
        known!(CompressedCertificate<'_>, compressed, "0001 010203 000002 7a7a");
    }
}
