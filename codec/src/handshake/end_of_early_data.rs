//! EndOfEarlyData: RFC 8446 §4.5.

use crate::structure::structure;

structure! {
    /// Body of an EndOfEarlyData message, which is empty.
    EndOfEarlyData in end_of_early_data;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn nothing() {
        known!(EndOfEarlyData, EndOfEarlyData, "");
        fails!(EndOfEarlyData, "00", Problem::Trailing, [1, 0, 0], 0);
    }
}
