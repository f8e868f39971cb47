//! The default provider of cryptography. Every other module of this crate names the provider
//! through this one.

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!(
    "handclasp needs a provider of cryptography: enable its feature `aws-lc` (default) or `rustcrypto`. \
     Devices that choose algorithms one by one use the crate `handclasp-connection`"
);
#[cfg(not(feature = "std"))]
compile_error!(
    "handclasp needs its feature `std`: it opens sockets and files. \
     Devices without an operating system use the crate `handclasp-connection`"
);

use handclasp_crypto::{KeyExchange, Suite};
#[cfg(feature = "aws-lc")]
use handclasp_provider_aws_lc as library;
#[cfg(not(feature = "aws-lc"))]
use handclasp_provider_rustcrypto as library;

pub(crate) use library::{AES_256_GCM, SHA1, SHA384, VERIFY};
pub use library::{KEYS, SHA256, SystemRandom};

/// Every cipher suite of the provider.
pub(crate) fn suites() -> impl Iterator<Item = &'static Suite> {
    let lists = [
        library::ALL_SUITES,
        library::ECDHE_PSK_SUITES,
        library::CCM_SUITES,
        library::CCM_8_SUITES,
        library::CBC_ETM_SUITES,
    ];
    lists.into_iter().flatten().copied()
}

/// Every key exchange group of the provider.
pub(crate) fn groups() -> impl Iterator<Item = &'static dyn KeyExchange> {
    #[cfg(feature = "aws-lc")]
    let hybrids = library::HYBRID_GROUPS;
    // RustCrypto has no X25519MLKEM768 here.
    #[cfg(not(feature = "aws-lc"))]
    let hybrids: &[&'static dyn KeyExchange] = &[];
    hybrids.iter().chain(library::GROUPS).copied()
}
