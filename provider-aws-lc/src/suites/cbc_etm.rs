//! The suites with CBC, for peers that have nothing else (RFC 5246 §A.5, RFC 5289 §3.1,
//! RFC 5487 §3, RFC 5489 §3, RFC 8422 §6), and only where encrypt_then_mac is negotiated
//! (RFC 7366). The PRF's hash is SHA-256 where the name ends with SHA.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{
    Authentication::{Ecdsa, Rsa},
    KeyExchangeAlgorithm::{Ecdhe, EcdhePsk, Psk},
    Suite,
};

use crate::{AES_128_CBC_SHA, AES_128_CBC_SHA256, AES_256_CBC_SHA, AES_256_CBC_SHA384, SHA256, SHA384};

suites! {
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
