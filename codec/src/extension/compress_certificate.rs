//! compress_certificate: RFC 8879 §3.

use crate::{CertificateCompressionAlgorithm, List, structure::structure};

structure! {
    /// Content of compress_certificate (`CertificateCompressionAlgorithms`).
    #[derive(Copy)]
    CertificateCompressionAlgorithms<'a> {
        /// Algorithms that the sender can decompress, 1 to 127.
        algorithms: List<'a, CertificateCompressionAlgorithm> => words8(2..=0xfe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn two_algorithms() {
        let algorithms = [CertificateCompressionAlgorithm::brotli, CertificateCompressionAlgorithm::zlib];
        let value = CertificateCompressionAlgorithms { algorithms: List::of(&algorithms) };
        known!(CertificateCompressionAlgorithms<'_>, value, "04 0002 0001");
        fails!(CertificateCompressionAlgorithms<'_>, "03 000200", Problem::NotWhole, [2, 3, 0], 1);
    }
}
