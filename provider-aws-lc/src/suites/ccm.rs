//! The suites with AES-CCM, for devices whose hardware has nothing else: TLS 1.3 (RFC 8446
//! §B.4), ECDHE of 1.2 (RFC 7251), PSK of 1.2 (RFC 6655), ECDHE_PSK of 1.2 (RFC 8442).

use handclasp_codec::CipherSuite;
use handclasp_crypto::{
    Authentication::Ecdsa,
    KeyExchangeAlgorithm::{Ecdhe, EcdhePsk, Psk},
    NonceStyle::Explicit,
    Suite,
};

use crate::{AES_128_CCM, AES_128_CCM_8, SHA256};

suites! {
    /// AES-CCM with its whole tag.
    CCM_SUITES {
        TLS_AES_128_CCM_SHA256: tls13(SHA256, AES_128_CCM);
        TLS_ECDHE_ECDSA_WITH_AES_128_CCM: tls12(Ecdhe(Ecdsa), SHA256, AES_128_CCM, Explicit);
        TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256: tls12(EcdhePsk, SHA256, AES_128_CCM, Explicit);
        TLS_PSK_WITH_AES_128_CCM: tls12(Psk, SHA256, AES_128_CCM, Explicit);
    }
}

suites! {
    /// AES-CCM with a tag of 8 bytes, which IANA does not recommend for general use.
    CCM_8_SUITES {
        TLS_AES_128_CCM_8_SHA256: tls13(SHA256, AES_128_CCM_8);
        TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: tls12(Ecdhe(Ecdsa), SHA256, AES_128_CCM_8, Explicit);
        TLS_PSK_WITH_AES_128_CCM_8: tls12(Psk, SHA256, AES_128_CCM_8, Explicit);
    }
}
