//! The cipher suites that IANA has numbered and that we implement, as tables. A provider
//! instantiates them over its own hashes and AEADs: each suite becomes a `static` of the provider,
//! and one that no policy lists is not linked.

#[doc(hidden)]
pub use handclasp_codec::CipherSuite;

/// Declares a `static` for each suite and the list of them all, in the order written.
#[doc(hidden)]
#[macro_export]
macro_rules! declare_suites {
    ($(#[$doc:meta])* $list:ident { $($name:ident: $make:ident($($part:expr),+);)+ }) => {
        $(
            #[doc = concat!(
                "`", stringify!($name), "`, made by [`Suite::", stringify!($make),
                "`](handclasp_crypto::Suite::", stringify!($make), ")."
            )]
            pub static $name: $crate::Suite = {
                #[allow(unused_imports)]
                use $crate::{Authentication::*, KeyExchangeAlgorithm::*, NonceStyle::*};
                $crate::Suite::$make($crate::suite_table::CipherSuite::$name, $($part),+)
            };
        )+

        $(#[$doc])*
        pub static $list: &[&$crate::Suite] = &[$(&$name,)+];
    };
}

/// Declares `ALL_SUITES` and `ECDHE_PSK_SUITES`. `SHA256`, `SHA384`, `AES_128_GCM`, `AES_256_GCM`
/// and `CHACHA20_POLY1305` must be in scope.
#[macro_export]
macro_rules! aead_suites {
    () => {
        $crate::declare_suites! {
            /// The recommended suites: TLS 1.3 (RFC 8446 §B.4), ECDHE of 1.2 (RFC 5289, RFC 7905),
            /// PSK of 1.2 (RFC 5487, RFC 7905).
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

        $crate::declare_suites! {
            /// A pre-shared key with forward secrecy in TLS 1.2 (RFC 8442, RFC 7905). Those with CCM
            /// are in `CCM_SUITES`.
            ECDHE_PSK_SUITES {
                TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256: tls12(EcdhePsk, SHA256, AES_128_GCM, Explicit);
                TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384: tls12(EcdhePsk, SHA384, AES_256_GCM, Explicit);
                TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256: tls12(EcdhePsk, SHA256, CHACHA20_POLY1305, Xor);
            }
        }
    };
}

/// Declares `CCM_SUITES` and `CCM_8_SUITES`, for devices whose hardware has AES-CCM only: TLS 1.3
/// (RFC 8446 §B.4), ECDHE of 1.2 (RFC 7251), PSK of 1.2 (RFC 6655), ECDHE_PSK of 1.2 (RFC 8442).
/// `SHA256`, `AES_128_CCM` and `AES_128_CCM_8` must be in scope.
#[macro_export]
macro_rules! ccm_suites {
    () => {
        $crate::declare_suites! {
            /// AES-CCM with a tag of 16 bytes.
            CCM_SUITES {
                TLS_AES_128_CCM_SHA256: tls13(SHA256, AES_128_CCM);
                TLS_ECDHE_ECDSA_WITH_AES_128_CCM: tls12(Ecdhe(Ecdsa), SHA256, AES_128_CCM, Explicit);
                TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256: tls12(EcdhePsk, SHA256, AES_128_CCM, Explicit);
                TLS_PSK_WITH_AES_128_CCM: tls12(Psk, SHA256, AES_128_CCM, Explicit);
            }
        }

        $crate::declare_suites! {
            /// AES-CCM with a tag of 8 bytes, which IANA does not recommend for general use.
            CCM_8_SUITES {
                TLS_AES_128_CCM_8_SHA256: tls13(SHA256, AES_128_CCM_8);
                TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: tls12(Ecdhe(Ecdsa), SHA256, AES_128_CCM_8, Explicit);
                TLS_PSK_WITH_AES_128_CCM_8: tls12(Psk, SHA256, AES_128_CCM_8, Explicit);
            }
        }
    };
}

/// Declares `CBC_ETM_SUITES`, for peers that have CBC only (RFC 5246 §A.5, RFC 5289 §3.1,
/// RFC 5487 §3, RFC 5489 §3, RFC 8422 §6); used with encrypt_then_mac alone (RFC 7366). The hash of
/// the PRF is SHA-256 where the name ends with SHA. `SHA256`, `SHA384` and the four AES-CBC
/// protections named below must be in scope.
#[macro_export]
macro_rules! cbc_etm_suites {
    () => {
        $crate::declare_suites! {
            /// CBC with encrypt-then-MAC.
            CBC_ETM_SUITES {
                TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: tls12_cbc_etm(Ecdhe(Ecdsa), SHA256, AES_128_CBC_SHA256);
                TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: tls12_cbc_etm(Ecdhe(Rsa), SHA256, AES_128_CBC_SHA256);
                TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: tls12_cbc_etm(Ecdhe(Ecdsa), SHA256, AES_128_CBC_SHA);
                TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: tls12_cbc_etm(Ecdhe(Rsa), SHA256, AES_128_CBC_SHA);
                TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256: tls12_cbc_etm(EcdhePsk, SHA256, AES_128_CBC_SHA256);
                TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384: tls12_cbc_etm(EcdhePsk, SHA384, AES_256_CBC_SHA384);
                TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA: tls12_cbc_etm(EcdhePsk, SHA256, AES_128_CBC_SHA);
                TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA: tls12_cbc_etm(EcdhePsk, SHA256, AES_256_CBC_SHA);
                TLS_PSK_WITH_AES_128_CBC_SHA256: tls12_cbc_etm(Psk, SHA256, AES_128_CBC_SHA256);
                TLS_PSK_WITH_AES_256_CBC_SHA384: tls12_cbc_etm(Psk, SHA384, AES_256_CBC_SHA384);
                TLS_PSK_WITH_AES_128_CBC_SHA: tls12_cbc_etm(Psk, SHA256, AES_128_CBC_SHA);
                TLS_PSK_WITH_AES_256_CBC_SHA: tls12_cbc_etm(Psk, SHA256, AES_256_CBC_SHA);
            }
        }
    };
}
