//! CompressedCertificate: RFC 8879 §4.

use crate::{CertificateCompressionAlgorithm, structure::structure};

structure! {
    /// Body of a CompressedCertificate message.
    #[derive(Copy)]
    CompressedCertificate<'a> in compressed_certificate {
        /// Algorithm, one of those that the receiver offered in compress_certificate.
        algorithm: CertificateCompressionAlgorithm => word,
        /// Length in bytes of the Certificate message after decompression.
        uncompressed_length: u32 => u24,
        /// Compressed body of a Certificate message.
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
