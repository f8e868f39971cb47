//! Cipher suites: what IANA's numbers stand for here.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{
    Authentication::{Ecdsa, Rsa},
    KeyExchangeAlgorithm::{Ecdhe, EcdhePsk, Psk},
    NonceStyle::{Explicit, Xor},
    Suite,
};

use crate::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, SHA256, SHA384};

/// Declares a static for each suite and the list of them all, in the order written.
macro_rules! suites {
    ($(#[$doc:meta])* $list:ident { $($name:ident: $make:ident($($part:expr),+);)+ }) => {
        $(
            #[doc = concat!("`", stringify!($name), "`, made by [`Suite::", stringify!($make), "`].")]
            pub static $name: Suite = Suite::$make(CipherSuite::$name, $($part),+);
        )+

        $(#[$doc])*
        pub static $list: &[&Suite] = &[$(&$name,)+];
    };
}

#[cfg(feature = "cbc")]
mod cbc_etm;
#[cfg(feature = "ccm")]
mod ccm;

#[cfg(feature = "cbc")]
pub use cbc_etm::*;
#[cfg(feature = "ccm")]
pub use ccm::*;

suites! {
    /// The suites that nothing speaks against: TLS 1.3 (RFC 8446 §B.4), ECDHE of 1.2 (RFC 5289,
    /// RFC 7905), PSK of 1.2 (RFC 5487, RFC 7905).
    ALL_SUITES {
        TLS_AES_128_GCM_SHA256: tls13(SHA256, AES_128_GCM);
        TLS_AES_256_GCM_SHA384: tls13(SHA384, AES_256_GCM);
        TLS_CHACHA20_POLY1305_SHA256: tls13(SHA256, CHACHA20_POLY1305);
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: tls12(Ecdhe(Ecdsa), SHA256, AES_128_GCM, Explicit);
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: tls12(Ecdhe(Ecdsa), SHA384, AES_256_GCM, Explicit);
        TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: tls12(Ecdhe(Ecdsa), SHA256, CHACHA20_POLY1305, Xor);
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: tls12(Ecdhe(Rsa), SHA256, AES_128_GCM, Explicit);
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: tls12(Ecdhe(Rsa), SHA384, AES_256_GCM, Explicit);
        TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: tls12(Ecdhe(Rsa), SHA256, CHACHA20_POLY1305, Xor);
        TLS_PSK_WITH_AES_128_GCM_SHA256: tls12(Psk, SHA256, AES_128_GCM, Explicit);
        TLS_PSK_WITH_AES_256_GCM_SHA384: tls12(Psk, SHA384, AES_256_GCM, Explicit);
        TLS_PSK_WITH_CHACHA20_POLY1305_SHA256: tls12(Psk, SHA256, CHACHA20_POLY1305, Xor);
    }
}

suites! {
    /// A pre-shared key with forward secrecy in TLS 1.2 (RFC 8442, RFC 7905); with CCM see
    /// [`CCM_SUITES`].
    ECDHE_PSK_SUITES {
        TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256: tls12(EcdhePsk, SHA256, AES_128_GCM, Explicit);
        TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384: tls12(EcdhePsk, SHA384, AES_256_GCM, Explicit);
        TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256: tls12(EcdhePsk, SHA256, CHACHA20_POLY1305, Xor);
    }
}
