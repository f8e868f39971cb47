//! early_data: RFC 8446 §4.2.10. Empty except in a NewSessionTicket.

use crate::structure::structure;

structure! {
    /// Content of early_data in a NewSessionTicket (`EarlyDataIndication`).
    EarlyDataSize {
        /// Most bytes of 0-RTT data that the server accepts.
        max_early_data_size: u32 => u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn a_size() {
        known!(EarlyDataSize, EarlyDataSize { max_early_data_size: 0x1_0000 }, "00010000");
    }
}
