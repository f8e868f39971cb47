//! Extensions without content, whose presence is the message: extended_master_secret (RFC 7627 §5.1),
//! encrypt_then_mac (RFC 7366 §2), post_handshake_auth (RFC 8446 §4.2.6), and a server's answers to
//! server_name (RFC 6066 §3), status_request and session_ticket.

use crate::{Decode, Encode, Malformed, Reader, Trace, Writer};

/// Content of an extension that has zero bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

impl<'a> Decode<'a> for Empty {
    fn decode<T: Trace>(_: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        Ok(Self)
    }
}

impl Encode for Empty {
    fn encode(&self, _: &mut Writer<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn nothing() {
        known!(Empty, Empty, "");
        fails!(Empty, "00", Problem::Trailing, [1, 0, 0], 0);
    }
}
