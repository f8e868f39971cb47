//! Our certificate chain, and the key that belongs to it.

use alloc::{boxed::Box, vec::Vec};
use core::cell::RefCell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyEncoding, KeyKind, Keys, PublicKey, Random, SignError, SigningKey, Verify};
use handclasp_handshake::Credential;
use rustls_pki_types::CertificateDer;

use crate::{
    BootError, Signer, algorithms,
    signer::{Elsewhere, Key, Local},
};

/// How this device authenticates: a certificate chain and the private key of its first certificate.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    kind: KeyKind,
    key: Box<dyn Key>,
    verify: &'static dyn Verify,
    /// Whether the key is elsewhere, so that each of its signatures is verified before it is sent.
    is_foreign: bool,
}

impl Identity {
    /// A chain of certificates (DER), end-entity certificate first, and its key on P-256 (PKCS#8, DER),
    /// which signs with SHA-256.
    ///
    /// # Errors
    /// A certificate or key that does not parse, or a key of another certificate.
    pub fn p256(chain: &[&'static [u8]], key: &[u8]) -> Result<Self, BootError> {
        let key = algorithms::load_p256_sha256(KeyEncoding::Pkcs8, key).map_err(BootError::Key)?;
        Self::with_key(certificates(chain), key, algorithms::ECDSA_P256_SHA256)
    }

    /// As [`Identity::p256`], with the chain, the kinds of keys and the verification of the caller.
    /// `verify` verifies the first scheme of the key.
    ///
    /// # Errors
    /// As [`Identity::p256`].
    pub fn load(
        chain: Vec<CertificateDer<'static>>,
        encoding: KeyEncoding,
        key: &[u8],
        keys: &dyn Keys,
        verify: &'static dyn Verify,
    ) -> Result<Self, BootError> {
        Self::with_key(chain, keys.load(encoding, key).map_err(BootError::Key)?, verify)
    }

    fn with_key(
        chain: Vec<CertificateDer<'static>>,
        key: Box<dyn SigningKey>,
        verify: &'static dyn Verify,
    ) -> Result<Self, BootError> {
        if key.public_key() != leaf_key(&chain)? {
            return Err(BootError::KeyMismatch);
        }
        Self::new(chain, Box::new(Local(key)), verify, false)
    }

    /// A chain whose key on P-256 is elsewhere. The boot has it sign, and verifies the signature with the
    /// certificate; so is each signature before it is sent.
    ///
    /// # Errors
    /// A certificate that does not parse, or one of another kind of key.
    pub fn with_signer(chain: &[&'static [u8]], signer: impl Signer + 'static) -> Result<Self, BootError> {
        let key = Box::new(Elsewhere(RefCell::new(signer)));
        Self::new(certificates(chain), key, algorithms::ECDSA_P256_SHA256, true)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: Box<dyn Key>,
        verify: &'static dyn Verify,
        is_foreign: bool,
    ) -> Result<Self, BootError> {
        for (index, der) in (0..).zip(&chain) {
            PublicKey::spki_of(der).ok_or(BootError::Certificate { index })?;
        }
        let kind =
            PublicKey::from_spki(leaf_key(&chain)?).map_err(|_| BootError::Certificate { index: 0 })?.kind;
        let fits = |scheme: &&SignatureScheme| verify.key() == kind && verify.scheme() == **scheme;
        match key.schemes().first() {
            Some(scheme) if !fits(&scheme) => Err(BootError::NoVerify(*scheme)),
            _ => Ok(Self { chain, kind, key, verify, is_foreign }),
        }
    }

    pub(crate) fn credential(&self) -> Credential<'_> {
        Credential::x509(&self.chain, self.kind, self.key.schemes())
    }

    pub(crate) fn kind(&self) -> KeyKind {
        self.kind
    }

    pub(crate) fn schemes(&self) -> &[SignatureScheme] {
        self.key.schemes()
    }

    /// Signs a message, which the scheme hashes.
    pub(crate) fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let signature = self.key.sign(scheme, message, random)?;
        if self.is_foreign {
            self.verify(message, &signature)?;
        }
        Ok(signature)
    }

    /// The schemes of the key that can be verified here.
    pub(crate) fn verified_schemes(&self) -> impl Iterator<Item = SignatureScheme> {
        self.key.schemes().iter().copied().filter(|scheme| *scheme == self.verify.scheme())
    }

    /// Verifies a signature of the scheme that is verified here.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
        let spki = leaf_key(&self.chain).map_err(|_| SignError::Failed)?;
        let key = PublicKey::from_spki(spki).map_err(|_| SignError::Failed)?;
        self.verify.verify(key.bits, message, signature).map_err(|_| SignError::DoesNotVerify)
    }
}

fn certificates(chain: &[&'static [u8]]) -> Vec<CertificateDer<'static>> {
    chain.iter().map(|der| CertificateDer::from(*der)).collect()
}

/// SubjectPublicKeyInfo (DER) of the end-entity certificate.
fn leaf_key<'a>(chain: &'a [CertificateDer<'_>]) -> Result<&'a [u8], BootError> {
    let leaf = chain.first().ok_or(BootError::NoCertificate)?;
    PublicKey::spki_of(leaf).ok_or(BootError::Certificate { index: 0 })
}

impl core::fmt::Debug for Identity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Identity").field("kind", &self.kind).finish_non_exhaustive()
    }
}
