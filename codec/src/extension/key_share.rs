//! key_share: RFC 8446 §4.2.8.

use crate::{List, NamedGroup, structure::structure};

structure! {
    /// Key share of one group (`KeyShareEntry`).
    #[derive(Copy, PartialEq, Eq)]
    KeyShareEntry<'a> in key_share_entry {
        /// Group of the key exchange.
        group: NamedGroup => word,
        /// Public key, or the encapsulation of a KEM; 1 to 65535 bytes.
        key_exchange: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// Content of key_share in a ClientHello. The state machine rejects a repeated group.
    #[derive(Copy)]
    KeyShareClientHello<'a> {
        /// In order of preference; an empty list requests a HelloRetryRequest.
        client_shares: List<'a, KeyShareEntry<'a>> => list16(0..=0xffff),
    }
}

structure! {
    /// Content of key_share in a ServerHello.
    #[derive(Copy)]
    KeyShareServerHello<'a> {
        /// Share in one of the groups for which the client sent a share.
        server_share: KeyShareEntry<'a> => nested,
    }
}

structure! {
    /// Content of key_share in a HelloRetryRequest.
    KeyShareHelloRetryRequest {
        /// Group for which the client must send a share in its second ClientHello.
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
        fails!(KeyShareServerHello<'_>, "0017 0000", Problem::OutOfRange, _, 2);
    }
}
