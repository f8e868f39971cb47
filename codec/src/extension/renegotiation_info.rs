//! renegotiation_info: RFC 5746 §3.2.

use crate::structure::structure;

structure! {
    /// Content of renegotiation_info (`RenegotiationInfo`).
    #[derive(Copy)]
    RenegotiationInfo<'a> {
        /// Empty in an initial handshake; this stack does not renegotiate.
        renegotiated_connection: &'a [u8] => opaque8(0..=0xff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn first_and_later() {
        known!(RenegotiationInfo<'_>, RenegotiationInfo { renegotiated_connection: &[] }, "00");
        known!(RenegotiationInfo<'_>, RenegotiationInfo { renegotiated_connection: &[1, 2] }, "02 0102");
    }
}
