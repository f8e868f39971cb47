//! key_share: RFC 8446 §4.2.8.

use crate::{List, NamedGroup, structure::structure};

structure! {
    /// KeyShareEntry.
    #[derive(Copy, PartialEq, Eq)]
    KeyShareEntry<'a> in key_share_entry {
        /// The group.
        group: NamedGroup => word,
        /// The public key, or the KEM's encapsulation.
        key_exchange: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// KeyShareClientHello. That no group comes twice is for the machine to see.
    #[derive(Copy)]
    KeyShareClientHello<'a> {
        /// The client's preference first; empty asks for a HelloRetryRequest.
        client_shares: List<'a, KeyShareEntry<'a>> => list16(0..=0xffff),
    }
}

structure! {
    /// KeyShareServerHello.
    #[derive(Copy)]
    KeyShareServerHello<'a> {
        /// In a group of the client's shares.
        server_share: KeyShareEntry<'a> => nested,
    }
}

structure! {
    /// KeyShareHelloRetryRequest.
    KeyShareHelloRetryRequest {
        /// The group in which a share is wanted.
        selected_group: NamedGroup => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn shares_of_a_client() {
        let shares = [
            KeyShareEntry { group: NamedGroup::x25519, key_exchange: &[0xaa, 0xbb] },
            KeyShareEntry { group: NamedGroup(0x0a0a), key_exchange: &[0] },
        ];
        let value = KeyShareClientHello { client_shares: List::of(&shares) };
        known!(KeyShareClientHello<'_>, value, "000b 001d 0002 aabb 0a0a 0001 00");
        known!(KeyShareClientHello<'_>, KeyShareClientHello { client_shares: List::of(&[]) }, "0000");
        assert!(value.client_shares.contains(&shares[1]));
    }

    #[test]
    fn the_share_of_a_server() {
        let server_share = KeyShareEntry { group: NamedGroup::secp256r1, key_exchange: &[4, 1] };
        known!(KeyShareServerHello<'_>, KeyShareServerHello { server_share }, "0017 0002 0401");
        known!(
            KeyShareHelloRetryRequest,
            KeyShareHelloRetryRequest { selected_group: NamedGroup::X25519MLKEM768 },
            "11ec"
        );
        fails!(KeyShareServerHello<'_>, "0017 0000", Problem::OutOfRange { .. }, 2);
    }
}
