//! ClientKeyExchange: RFC 5246 §7.4.7, RFC 8422 §5.7, RFC 4279 §2 to §4, RFC 5489 §2. The
//! suite's key exchange, which the caller knows, decides which of these it is.

use crate::structure::structure;

structure! {
    /// ClientKeyExchange of ECDHE and ECDH.
    #[derive(Copy)]
    ClientKeyExchangeEcdhe<'a> in client_key_exchange {
        /// ECPoint `ecdh_Yc`.
        public: &'a [u8] => opaque8(1..=0xff),
    }
}

structure! {
    /// ClientKeyExchange of plain PSK.
    #[derive(Copy)]
    ClientKeyExchangePsk<'a> in client_key_exchange {
        /// Which key.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// ClientKeyExchange of ECDHE with PSK.
    #[derive(Copy)]
    ClientKeyExchangeEcdhePsk<'a> in client_key_exchange {
        /// Which key.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// ECPoint `ecdh_Yc`.
        public: &'a [u8] => opaque8(1..=0xff),
    }
}

structure! {
    /// ClientKeyExchange of RSA.
    #[derive(Copy)]
    ClientKeyExchangeRsa<'a> in client_key_exchange {
        /// EncryptedPreMasterSecret.
        encrypted: &'a [u8] => opaque16(0..=0xffff),
    }
}

structure! {
    /// ClientKeyExchange of DHE.
    #[derive(Copy)]
    ClientKeyExchangeDhe<'a> in client_key_exchange {
        /// `dh_Yc`.
        public: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// ClientKeyExchange of DHE with PSK.
    #[derive(Copy)]
    ClientKeyExchangeDhePsk<'a> in client_key_exchange {
        /// Which key.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// `dh_Yc`.
        public: &'a [u8] => opaque16(1..=0xffff),
    }
}

structure! {
    /// ClientKeyExchange of RSA with PSK.
    #[derive(Copy)]
    ClientKeyExchangeRsaPsk<'a> in client_key_exchange {
        /// Which key.
        psk_identity: &'a [u8] => opaque16(0..=0xffff),
        /// EncryptedPreMasterSecret.
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
        fails!(ClientKeyExchangeEcdhe<'_>, "00", Problem::OutOfRange { .. }, 0);
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
