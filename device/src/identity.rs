//! Our certificate chain, and the key that belongs to it.

use alloc::{boxed::Box, vec::Vec};
use core::cell::RefCell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyEncoding, KeyKind, Keys, PublicKey, Random, SignError, SigningKey, Verify};
use handclasp_handshake::Credential;
use rustls_pki_types::CertificateDer;

use crate::{
    BootError, Signer, algorithms,
    signer::{ELSEWHERE, Elsewhere, InMemory, Key, Local, Verifier},
};

/// How this device authenticates: a certificate chain and the private key of its first certificate.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    kind: KeyKind,
    key: Box<dyn Key>,
}

impl Identity {
    /// A chain of certificates (DER), end-entity certificate first, and its key on P-256 (PKCS#8, DER),
    /// which signs with SHA-256.
    ///
    /// # Errors
    /// A certificate or key that does not parse, or a key of another certificate.
    pub fn p256(chain: &[&'static [u8]], key: &[u8]) -> Result<Self, BootError> {
        let key = algorithms::load_p256_sha256(KeyEncoding::Pkcs8, key).map_err(BootError::Key)?;
        let chain = Chain::new(certificates(chain))?;
        chain.must_be_of(&*key)?;
        Ok(Self { chain: chain.0, kind: KeyKind::P256, key: Box::new(InMemory(key)) })
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
        let key = keys.load(encoding, key).map_err(BootError::Key)?;
        let chain = Chain::new(chain)?;
        chain.must_be_of(&*key)?;
        let public = chain.public_key()?;
        let verifier = Verifier::new(verify, &public, key.schemes())?;
        Ok(Self { kind: public.kind, key: Box::new(Local { key, verifier }), chain: chain.0 })
    }

    /// A chain whose key on P-256 is elsewhere. The boot has it sign, and verifies the signature with the
    /// certificate; so is each signature before it is sent.
    ///
    /// # Errors
    /// A certificate that does not parse, or one of another kind of key.
    pub fn with_signer(chain: &[&'static [u8]], signer: impl Signer + 'static) -> Result<Self, BootError> {
        let chain = Chain::new(certificates(chain))?;
        let public = chain.public_key()?;
        let verifier = Verifier::new(algorithms::ECDSA_P256_SHA256, &public, &ELSEWHERE)?;
        let key = Box::new(Elsewhere { signer: RefCell::new(signer), verifier });
        Ok(Self { kind: public.kind, key, chain: chain.0 })
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
        self.key.sign(scheme, message, random)
    }

    /// Tests that the key signs. It is the certificate's: a key in memory was compared with it, and a signature of any
    /// other key is verified.
    pub(crate) fn test(&self, random: &mut dyn Random) -> Result<(), BootError> {
        self.key.test(random)
    }
}

/// At least one certificate, each of which is DER as far as its key.
struct Chain(Vec<CertificateDer<'static>>);

impl Chain {
    fn new(chain: Vec<CertificateDer<'static>>) -> Result<Self, BootError> {
        for (index, der) in (0..).zip(&chain) {
            PublicKey::spki_of(der).ok_or(BootError::Certificate { index })?;
        }
        match chain.is_empty() {
            true => Err(BootError::NoCertificate),
            false => Ok(Self(chain)),
        }
    }

    /// SubjectPublicKeyInfo (DER) of the end-entity certificate.
    fn leaf_key(&self) -> Option<&[u8]> {
        self.0.first().and_then(|leaf| PublicKey::spki_of(leaf))
    }

    /// The key of the end-entity certificate.
    fn public_key(&self) -> Result<PublicKey<'_>, BootError> {
        let key = self.leaf_key().and_then(|spki| PublicKey::from_spki(spki).ok());
        key.ok_or(BootError::Certificate { index: 0 })
    }

    /// Refuses the key of another certificate.
    fn must_be_of(&self, key: &dyn SigningKey) -> Result<(), BootError> {
        match self.leaf_key() == Some(key.public_key()) {
            true => Ok(()),
            false => Err(BootError::KeyMismatch),
        }
    }
}

fn certificates(chain: &[&'static [u8]]) -> Vec<CertificateDer<'static>> {
    chain.iter().map(|der| CertificateDer::from(*der)).collect()
}

impl core::fmt::Debug for Identity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Identity").field("kind", &self.kind).finish_non_exhaustive()
    }
}
