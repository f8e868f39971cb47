//! ClientKeyExchange: RFC 5246 §7.4.7, RFC 8422 §5.7, RFC 4279 §2 to §4, RFC 5489 §2. The key exchange
//! of the negotiated suite, which the caller knows, selects the structure.

use crate::structure::structure;

structure! {
    /// Body of a ClientKeyExchange with ECDHE or ECDH.
    #[derive(Copy)]
    ClientKeyExchangeEcdhe<'a> in client_key_exchange {
        /// The client's ECDH public key, encoded as its group requires (`ecdh_Yc`); 1 to 255 bytes.
        public: &'a [u8] => opaque8(1..=0xff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with PSK.
    #[derive(Copy)]
    ClientKeyExchangePsk<'a> in client_key_exchange {
        /// Identity of the pre-shared key that the client uses.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with ECDHE_PSK.
    #[derive(Copy)]
    ClientKeyExchangeEcdhePsk<'a> in client_key_exchange {
        /// Identity of the pre-shared key that the client uses.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// The client's ECDH public key, encoded as its group requires (`ecdh_Yc`); 1 to 255 bytes.
        public: &'a [u8] => opaque8(1..=0xff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with RSA.
    #[derive(Copy)]
    ClientKeyExchangeRsa<'a> in client_key_exchange {
        /// Premaster secret, encrypted to the server's RSA key (`EncryptedPreMasterSecret`).
        encrypted: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with DHE.
    #[derive(Copy)]
    ClientKeyExchangeDhe<'a> in client_key_exchange {
        /// The client's Diffie-Hellman public value (`dh_Yc`), big-endian.
        public: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with DHE_PSK.
    #[derive(Copy)]
    ClientKeyExchangeDhePsk<'a> in client_key_exchange {
        /// Identity of the pre-shared key that the client uses.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// The client's Diffie-Hellman public value (`dh_Yc`), big-endian.
        public: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// Body of a ClientKeyExchange with RSA_PSK.
    #[derive(Copy)]
    ClientKeyExchangeRsaPsk<'a> in client_key_exchange {
        /// Identity of the pre-shared key that the client uses.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// Premaster secret, encrypted to the server's RSA key (`EncryptedPreMasterSecret`).
        encrypted: &'a [u8] => opaque16(0..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn elliptic_curves_and_keys() {
        known!(ClientKeyExchangeEcdhe<'_>, ClientKeyExchangeEcdhe { public: &[4, 5] }, "02 0405");
        known!(ClientKeyExchangePsk<'_>, ClientKeyExchangePsk { psk_identity: b"id" }, "0002 6964");
        known!(
            ClientKeyExchangeEcdhePsk<'_>,
            ClientKeyExchangeEcdhePsk { psk_identity: b"id", public: &[4, 5] },
            "0002 6964 02 0405"
        );
        fails!(ClientKeyExchangeEcdhe<'_>, "00", Problem::OutOfRange, _, 0);
    }

    #[test]
    fn those_only_explained() {
        known!(ClientKeyExchangeRsa<'_>, ClientKeyExchangeRsa { encrypted: b"e" }, "0001 65");
        known!(ClientKeyExchangeDhe<'_>, ClientKeyExchangeDhe { public: &[9] }, "0001 09");
        known!(
            ClientKeyExchangeDhePsk<'_>,
            ClientKeyExchangeDhePsk { psk_identity: b"id", public: &[9] },
            "0002 6964 0001 09"
        );
        known!(
            ClientKeyExchangeRsaPsk<'_>,
            ClientKeyExchangeRsaPsk { psk_identity: b"id", encrypted: b"e" },
            "0002 6964 0001 65"
        );
    }
}
