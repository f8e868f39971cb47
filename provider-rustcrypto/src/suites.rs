//! Cipher suites: what IANA's numbers stand for here.
//! Called by policies, which list some of them in their order of preference.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{
    Authentication::{Ecdsa, Rsa},
    Exchange::{Ecdhe, Psk},
    NonceStyle::{Explicit, Xor},
    Suite,
};

use crate::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, SHA256, SHA384};

/// Declares a static for each suite and the list of them all, in the order written.
macro_rules! suites {
    (
        tls13 { $($name13:ident: $hash13:ident, $aead13:ident;)+ }
        tls12 { $($name12:ident: $exchange12:expr, $hash12:ident, $aead12:ident, $nonce12:ident;)+ }
    ) => {
        $(
            #[doc = concat!("`", stringify!($name13), "`, TLS 1.3.")]
            pub static $name13: Suite = Suite::tls13(CipherSuite::$name13, $hash13, $aead13);
        )+
        $(
            #[doc = concat!("`", stringify!($name12), "`, TLS 1.2.")]
            pub static $name12: Suite =
                Suite::tls12(CipherSuite::$name12, $exchange12, $hash12, $aead12, $nonce12);
        )+

        /// Every suite of this provider: TLS 1.3 (RFC 8446 §B.4), ECDHE of 1.2 (RFC 5289,
        /// RFC 7905), PSK of 1.2 (RFC 5487, RFC 7905).
        pub static ALL_SUITES: &[&Suite] = &[$(&$name13,)+ $(&$name12,)+];
    };
}

suites! {
    tls13 {
        TLS_AES_128_GCM_SHA256: SHA256, AES_128_GCM;
        TLS_AES_256_GCM_SHA384: SHA384, AES_256_GCM;
        TLS_CHACHA20_POLY1305_SHA256: SHA256, CHACHA20_POLY1305;
    }
    tls12 {
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: Ecdhe(Ecdsa), SHA256, AES_128_GCM, Explicit;
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: Ecdhe(Ecdsa), SHA384, AES_256_GCM, Explicit;
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: Ecdhe(Ecdsa), SHA256, CHACHA20_POLY1305, Xor;
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: Ecdhe(Rsa), SHA256, AES_128_GCM, Explicit;
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: Ecdhe(Rsa), SHA384, AES_256_GCM, Explicit;
        TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: Ecdhe(Rsa), SHA256, CHACHA20_POLY1305, Xor;
        TLS_PSK_WITH_AES_128_GCM_SHA256: Psk, SHA256, AES_128_GCM, Explicit;
        TLS_PSK_WITH_AES_256_GCM_SHA384: Psk, SHA384, AES_256_GCM, Explicit;
        TLS_PSK_WITH_CHACHA20_POLY1305_SHA256: Psk, SHA256, CHACHA20_POLY1305, Xor;
    }
}
