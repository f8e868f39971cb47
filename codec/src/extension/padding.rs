//! padding: RFC 7685.

use crate::structure::structure;

structure! {
    /// Content of padding (`PaddingExtension`).
    #[derive(Copy)]
    Padding<'a> {
        /// Zeros (RFC 7685 §3); not checked.
        padding: &'a [u8] => rest,
    }
}

impl Padding<'_> {
    /// Returns `count` zeros, at most 512: no known server bug needs more.
    pub fn of(count: usize) -> Padding<'static> {
        static ZEROS: [u8; 512] = [0; 512];
        Padding { padding: ZEROS.get(..count).unwrap_or(&ZEROS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn zeros_within_bounds() {
        known!(Padding<'_>, Padding::of(3), "000000");
        assert_eq!(Padding::of(512).padding.len(), 512);
        assert_eq!(Padding::of(usize::MAX).padding.len(), 512);
    }
}
