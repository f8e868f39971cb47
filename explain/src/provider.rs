//! The provider of cryptography: aws-lc-rs (feature `aws-lc`), or RustCrypto alone (feature
//! `rustcrypto`), which also builds for WebAssembly.
//!
//! With `rustcrypto` RSA private keys are not loaded. A rule that would need one reports no finding of
//! confidence "proved".

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("handclasp-explain needs one of the features `aws-lc` and `rustcrypto`");

#[cfg(feature = "aws-lc")]
use handclasp_provider_aws_lc as provider;
#[cfg(all(feature = "rustcrypto", not(feature = "aws-lc")))]
use handclasp_provider_rustcrypto as provider;

pub(crate) use provider::{
    AES_256_CCM, AES_256_CCM_8, ALL_SUITES, CCM_8_SUITES, CCM_SUITES, ED25519, KEYS, SHA1, SHA256, SHA384,
    TLS_PSK_WITH_AES_128_CCM, TLS_PSK_WITH_AES_128_CCM_8, TLS_PSK_WITH_AES_128_GCM_SHA256,
    TLS_PSK_WITH_AES_256_GCM_SHA384, TLS_PSK_WITH_CHACHA20_POLY1305_SHA256, VERIFY,
};

#[cfg(test)]
mod tests {
    #[test]
    fn every_suite_of_tls_1_3_can_be_decrypted() {
        let suites = [super::ALL_SUITES, super::CCM_SUITES, super::CCM_8_SUITES].into_iter().flatten();
        let tls13 = suites.filter(|suite| suite.exchange == handclasp_crypto::KeyExchangeAlgorithm::Tls13);
        assert_eq!(tls13.count(), 5);
    }
}
