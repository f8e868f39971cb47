//! The provider of cryptography. Every other module names the provider through this one.

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("handclasp-capi needs a provider of cryptography: `aws-lc` (default, hosts) or `rustcrypto`");

#[cfg(feature = "aws-lc")]
pub(crate) use handclasp_provider_aws_lc::*;
#[cfg(not(feature = "aws-lc"))]
pub(crate) use handclasp_provider_rustcrypto::*;
