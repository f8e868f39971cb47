//! cookie: RFC 8446 §4.2.2.

use crate::structure::structure;

structure! {
    /// Content of cookie, sent in a HelloRetryRequest and echoed in the second ClientHello.
    #[derive(Copy)]
    Cookie<'a> {
        /// Opaque to the client, which echoes it unchanged; 1 to 65535 bytes.
        cookie: &'a [u8] => opaque16(1..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn a_cookie() {
        known!(Cookie<'_>, Cookie { cookie: b"abc" }, "0003 616263");
        fails!(Cookie<'_>, "0000", Problem::OutOfRange, _, 0);
    }
}
