//! How an identity signs: with a key here, or with one in a secure element, in a trusted execution environment, behind
//! a bus.

use alloc::{boxed::Box, vec::Vec};
use core::cell::RefCell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{EcdsaSignature, PublicKey, Random, SignError, SigningKey, Verify};

use crate::{BootError, algorithms, self_test::test_p256_sha256};

/// A private key on P-256 that is used and not seen. It signs a hash and gives r and s, as the ATECC608, the
/// SE050 and PKCS#11 do.
pub trait Signer {
    /// Signs a SHA-256 value by ECDSA. Returns r and s, each 32 bytes, big endian.
    ///
    /// # Errors
    /// [`SignError::Because`] with words for the report, or [`SignError::Failed`].
    fn sign(&mut self, hash: &[u8; 32]) -> Result<[u8; 64], SignError>;
}

/// A key, and its part of the self-test.
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

    /// Tests that it signs.
    fn test(&self, random: &mut dyn Random) -> Result<(), BootError>;
}

/// A key on P-256 in memory. It is tested by known answer, so that its program does not link how signatures are
/// verified.
pub(crate) struct InMemory(pub(crate) Box<dyn SigningKey>);

impl Key for InMemory {
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

    fn test(&self, random: &mut dyn Random) -> Result<(), BootError> {
        test_p256_sha256(algorithms::load_p256_sha256, random)
    }
}

/// What a signature is verified with: the public key of the certificate.
pub(crate) struct Verifier {
    verify: &'static dyn Verify,
    public_key: Vec<u8>,
}

impl Verifier {
    /// For the key of this certificate, which signs with `scheme` first.
    pub(crate) fn new(
        verify: &'static dyn Verify,
        key: &PublicKey<'_>,
        schemes: &[SignatureScheme],
    ) -> Result<Self, BootError> {
        let fits = |scheme: &SignatureScheme| verify.key() == key.kind && verify.scheme() == *scheme;
        match schemes.first() {
            Some(scheme) if !fits(scheme) => Err(BootError::NoVerify(*scheme)),
            _ => Ok(Self { verify, public_key: key.bits.to_vec() }),
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
        let verified = self.verify.verify(&self.public_key, message, signature);
        verified.map_err(|_| SignError::DoesNotVerify)
    }
}

/// The message that a key signs in the self-test.
const MESSAGE: &[u8] = b"handclasp self-test: not a message of TLS";

/// A key of a provider, in memory.
pub(crate) struct Local {
    pub(crate) key: Box<dyn SigningKey>,
    pub(crate) verifier: Verifier,
}

impl Key for Local {
    fn schemes(&self) -> &[SignatureScheme] {
        self.key.schemes()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        self.key.sign(scheme, message, random)
    }

    fn test(&self, random: &mut dyn Random) -> Result<(), BootError> {
        let signed = self.key.sign(self.verifier.verify.scheme(), MESSAGE, random);
        signed.and_then(|signature| self.verifier.verify(MESSAGE, &signature)).map_err(BootError::Sign)
    }
}

/// A key elsewhere. Connections share it, and use it one after another. Each of its signatures is verified before it is
/// sent.
pub(crate) struct Elsewhere<S> {
    pub(crate) signer: RefCell<S>,
    pub(crate) verifier: Verifier,
}

/// The schemes of [`Elsewhere`].
pub(crate) const ELSEWHERE: [SignatureScheme; 1] = [SignatureScheme::ecdsa_secp256r1_sha256];

impl<S: Signer> Key for Elsewhere<S> {
    fn schemes(&self) -> &[SignatureScheme] {
        &ELSEWHERE
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        if !ELSEWHERE.contains(&scheme) {
            return Err(SignError::Scheme(scheme));
        }
        let hash = algorithms::SHA256.hash(&[message]);
        let hash = (*hash).try_into().map_err(|_| SignError::Failed)?;
        // Taken only while the signer signs, which does not call back.
        let mut signer = self.signer.try_borrow_mut().map_err(|_| SignError::Failed)?;
        let signature = signer.sign(hash)?;
        let (r, s) = signature.split_at(32);
        let signature = EcdsaSignature { r, s }.to_der();
        self.verifier.verify(message, &signature)?;
        Ok(signature)
    }

    fn test(&self, random: &mut dyn Random) -> Result<(), BootError> {
        let [scheme] = ELSEWHERE;
        self.sign(scheme, MESSAGE, random).map(drop).map_err(BootError::Sign)
    }
}
