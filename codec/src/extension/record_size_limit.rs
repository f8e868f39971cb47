//! record_size_limit: RFC 8449 §4.

use crate::structure::structure;

structure! {
    /// RecordSizeLimit. Values below 64 are for the machine to refuse.
    RecordSizeLimit {
        /// Most plaintext bytes of a record that the sender takes; in 1.3 with the type's byte.
        record_size_limit: u16 => u16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn a_limit() {
        known!(RecordSizeLimit, RecordSizeLimit { record_size_limit: 0x4001 }, "4001");
    }
}
