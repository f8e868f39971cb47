//! Finished: RFC 8446 §4.4.4, RFC 5246 §7.4.9.

use crate::structure::structure;

structure! {
    /// Body of a Finished message.
    #[derive(Copy)]
    Finished<'a> in finished {
        /// The whole body: as long as the output of the hash in TLS 1.3, 12 bytes in TLS 1.2. The state
        /// machine checks the length.
        verify_data: &'a [u8] => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn the_whole_body() {
        known!(Finished<'_>, Finished { verify_data: &[0xab; 12] }, "abababababababababababab");
    }
}
