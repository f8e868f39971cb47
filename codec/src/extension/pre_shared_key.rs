//! pre_shared_key: RFC 8446 §4.2.11. The binders are the last bytes of a ClientHello: they cover the
//! message without its last [`OfferedPsks::binders_wire_len`] bytes.

use crate::{List, structure::structure};

structure! {
    /// One pre-shared key that the client offers (`PskIdentity`).
    #[derive(Copy, PartialEq, Eq)]
    PskIdentity<'a> in psk_identity {
        /// A ticket, or the identity of an external key; 1 to 65535 bytes.
        identity: &'a [u8] => opaque16(1..=0xffff),
        /// Age of the ticket in milliseconds plus ticket_age_add, modulo 2^32; 0 for an external key.
        obfuscated_ticket_age: u32 => u32,
    }
}

structure! {
    /// Binder of one offered key: an HMAC with the key's hash, so at least 32 bytes. The state machine
    /// checks that length, because a ClientHello that leads to TLS 1.2 must not fail because of it.
    PskBinderEntry<'a>(opaque8(1..=0xff) in psk_binder_entry)
}

structure! {
    /// Content of pre_shared_key in a ClientHello. The state machine checks that both lists have the
    /// same length.
    #[derive(Copy)]
    OfferedPsks<'a> {
        /// In order of preference.
        identities: List<'a, PskIdentity<'a>> => list16(7..=0xffff),
        /// One binder per identity, in the same order.
        binders: List<'a, PskBinderEntry<'a>> => list16(2..=0xffff),
    }
}

impl OfferedPsks<'_> {
    /// Length of the binders list on the wire, its two length bytes included. The transcript for the
    /// binders ends before it (RFC 8446 §4.2.11.2).
    pub fn binders_wire_len(&self) -> usize {
        let entries: usize = match self.binders.wire_bytes() {
            Some(bytes) => bytes.len(),
            None => self.binders.iter().map(|binder| binder.0.len().saturating_add(1)).sum(),
        };
        entries.saturating_add(2)
    }
}

structure! {
    /// Content of pre_shared_key in a ServerHello.
    PreSharedKeyServerHello {
        /// Index into the client's list of identities, from 0.
        selected_identity: u16 => u16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{bytes, encoded, fails, known, sound};
    use crate::*;

    #[test]
    fn two_identities() {
        let identities = [
            PskIdentity { identity: b"id", obfuscated_ticket_age: 0x0102_0304 },
            PskIdentity { identity: b"x", obfuscated_ticket_age: 0 },
        ];
        let binders = [PskBinderEntry(&[7; 32]), PskBinderEntry(&[8; 48])];
        let offered = OfferedPsks { identities: List::of(&identities), binders: List::of(&binders) };
        let wire = encoded(&offered);
        assert_eq!(&wire[..17], bytes("000f 0002 6964 01020304 0001 78 00000000"));
        assert_eq!(offered.binders_wire_len(), 2 + 33 + 49);
        assert_eq!(wire.len(), 17 + offered.binders_wire_len());
        sound::<OfferedPsks<'_>>(&wire);
        let decoded = OfferedPsks::from_bytes(&wire, Field::pre_shared_key).unwrap();
        assert_eq!(decoded.binders_wire_len(), offered.binders_wire_len());
        assert!(decoded.identities.iter().eq(identities));
        assert!(decoded.binders.iter().eq(binders));
    }

    #[test]
    fn bounds() {
        fails!(OfferedPsks<'_>, "0006 0000 00000000", Problem::OutOfRange, _, 0);
        fails!(OfferedPsks<'_>, "0007 0001 78 00000000 0001 00", Problem::OutOfRange, _, 9);
        fails!(OfferedPsks<'_>, "0007 0001 78 00000000 0002 0000", Problem::OutOfRange, _, 11);
        let selected_identity = 0x0102;
        known!(PreSharedKeyServerHello, PreSharedKeyServerHello { selected_identity }, "0102");
    }
}
