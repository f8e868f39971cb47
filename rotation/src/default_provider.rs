//! The function that uses the default provider: aws-lc (feature `aws-lc`), else RustCrypto (feature
//! `rustcrypto`). With both features it is aws-lc.

use alloc::vec::Vec;

#[cfg(feature = "aws-lc")]
use handclasp_provider_aws_lc::VERIFY;
#[cfg(not(feature = "aws-lc"))]
use handclasp_provider_rustcrypto::VERIFY;

use crate::{KeyRotation, RotationError};

impl KeyRotation {
    /// Reads the statements of a PEM text in their order, and verifies each.
    ///
    /// # Errors
    /// A section that is not a statement, or whose signatures do not verify.
    pub fn all_from_pem(pem: &[u8]) -> Result<Vec<Self>, RotationError> {
        Self::all_from_pem_with(pem, VERIFY)
    }
}
