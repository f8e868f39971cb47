//! record_size_limit: RFC 8449 §4.

use crate::structure::structure;

structure! {
    /// Content of record_size_limit. The state machine rejects values below 64.
    RecordSizeLimit {
        /// Most plaintext bytes per record that the sender accepts; in TLS 1.3 this counts the content
        /// type and padding.
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
