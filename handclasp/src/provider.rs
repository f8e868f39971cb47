//! The default provider of cryptography. Every other module of this crate names the provider
//! through this one.

use handclasp_crypto::{KeyExchange, Suite};
pub(crate) use handclasp_provider_aws_lc::{AES_256_GCM, SHA1, SHA384, VERIFY};
pub use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom};

use handclasp_provider_aws_lc as aws_lc;

/// Every cipher suite of the provider.
pub(crate) fn suites() -> impl Iterator<Item = &'static Suite> {
    let lists = [
        aws_lc::ALL_SUITES,
        aws_lc::ECDHE_PSK_SUITES,
        aws_lc::CCM_SUITES,
        aws_lc::CCM_8_SUITES,
        aws_lc::CBC_ETM_SUITES,
    ];
    lists.into_iter().flatten().copied()
}

/// Every key exchange group of the provider.
pub(crate) fn groups() -> impl Iterator<Item = &'static dyn KeyExchange> {
    [aws_lc::HYBRID_GROUPS, aws_lc::GROUPS].into_iter().flatten().copied()
}
