//! NewSessionTicket: RFC 8446 §4.6.1, RFC 5077 §3.3 (TLS 1.2).

use crate::{NewSessionTicketExtensions, structure::structure};

structure! {
    /// Body of a TLS 1.3 NewSessionTicket.
    NewSessionTicket13<'a> in new_session_ticket {
        /// Lifetime of the ticket in seconds, at most 604800 (7 days).
        ticket_lifetime: u32 => u32,
        /// Added, modulo 2^32, to the ticket's age in milliseconds to obscure it.
        ticket_age_add: u32 => u32,
        /// Unique per ticket on this connection; input to the derivation of its pre-shared key.
        ticket_nonce: &'a [u8] => opaque8(0..=0xff),
        /// The ticket, which the client sends as PskIdentity; 1 to 65535 bytes.
        ticket: &'a [u8] => opaque16(1..=0xffff),
        /// Extensions; only early_data is defined.
        extensions: NewSessionTicketExtensions<'a> => nested,
    }
}

structure! {
    /// Body of a TLS 1.2 NewSessionTicket.
    #[derive(Copy)]
    NewSessionTicket12<'a> in new_session_ticket {
        /// Lifetime of the ticket in seconds; 0 leaves it unspecified.
        ticket_lifetime_hint: u32 => u32,
        /// The ticket; empty if the server decided not to issue one.
        ticket: &'a [u8] => opaque16(0..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn of_1_3() {
        let extensions = NewSessionTicketExtensions {
            early_data: Some(EarlyDataSize { max_early_data_size: 16 }),
            ..Default::default()
        };
        let ticket = NewSessionTicket13 {
            ticket_lifetime: 7200,
            ticket_age_add: 0x0102_0304,
            ticket_nonce: &[0],
            ticket: b"tick",
            extensions,
        };
        known!(
            NewSessionTicket13<'_>,
            ticket,
            "00001c20 01020304 01 00 0004 7469636b 0008 002a 0004 00000010"
        );
    }

    #[test]
    fn of_1_2() {
        let ticket = NewSessionTicket12 { ticket_lifetime_hint: 300, ticket: b"tick" };
        known!(NewSessionTicket12<'_>, ticket, "0000012c 0004 7469636b");
    }
}
