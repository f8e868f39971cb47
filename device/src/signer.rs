//! Keys that are elsewhere: in a secure element, in a trusted execution environment, behind a bus.

use alloc::{boxed::Box, vec::Vec};
use core::cell::RefCell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{EcdsaSignature, Random, SignError, SigningKey};

use crate::algorithms;

/// A private key on P-256 that is used and not seen. It signs a hash and gives r and s, as the ATECC608, the
/// SE050 and PKCS#11 do.
pub trait Signer {
    /// Signs a SHA-256 value by ECDSA. Returns r and s, each 32 bytes, big endian.
    ///
    /// # Errors
    /// [`SignError::Because`] with words for the report, or [`SignError::Failed`].
    fn sign(&mut self, hash: &[u8; 32]) -> Result<[u8; 64], SignError>;
}

/// How an identity signs.
pub(crate) trait Key {
    /// As [`SigningKey::schemes`].
    fn schemes(&self) -> &[SignatureScheme];

    /// As [`SigningKey::sign`].
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError>;
}

/// A key of a provider, in memory.
pub(crate) struct Local(pub(crate) Box<dyn SigningKey>);

impl Key for Local {
    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        self.0.sign(scheme, message, random)
    }
}

/// A key elsewhere. Connections share it, and use it one after another.
pub(crate) struct Elsewhere<S>(pub(crate) RefCell<S>);

impl<S: Signer> Key for Elsewhere<S> {
    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ecdsa_secp256r1_sha256]
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        if scheme != SignatureScheme::ecdsa_secp256r1_sha256 {
            return Err(SignError::Scheme(scheme));
        }
        let hash = algorithms::SHA256.hash(&[message]);
        let hash = (*hash).try_into().map_err(|_| SignError::Failed)?;
        // Taken only while the signer signs, which does not call back.
        let mut signer = self.0.try_borrow_mut().map_err(|_| SignError::Failed)?;
        let signature = signer.sign(hash)?;
        let (r, s) = signature.split_at(32);
        Ok(EcdsaSignature { r, s }.to_der())
    }
}
