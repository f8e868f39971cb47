//! ec_point_formats: RFC 8422 §5.1.2.

use crate::{ECPointFormat, List, structure::structure};

structure! {
    /// Content of ec_point_formats (`ECPointFormatList`).
    #[derive(Copy)]
    ECPointFormatList<'a> {
        /// Must include uncompressed (RFC 8422 §5.1.2).
        ec_point_format_list: List<'a, ECPointFormat> => words8(1..=0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn uncompressed_and_another() {
        let formats = [ECPointFormat::uncompressed, ECPointFormat::ansiX962_compressed_prime];
        let value = ECPointFormatList { ec_point_format_list: List::of(&formats) };
        known!(ECPointFormatList<'_>, value, "02 00 01");
    }
}
