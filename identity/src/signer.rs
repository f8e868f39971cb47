//! Our keys as rcgen wants them: it writes the certificate, they sign it.

use alloc::vec::Vec;
use core::cell::RefCell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyKind, PublicKey, Random, SigningKey};

use crate::IssueError;

/// How certificates name a kind of key and its signatures, and the scheme that makes those. The
/// library knows P-521 only together with a back end of its own.
fn algorithm(kind: KeyKind) -> Result<(&'static rcgen::SignatureAlgorithm, SignatureScheme), IssueError> {
    match kind {
        KeyKind::P256 => Ok((&rcgen::PKCS_ECDSA_P256_SHA256, SignatureScheme::ecdsa_secp256r1_sha256)),
        KeyKind::P384 => Ok((&rcgen::PKCS_ECDSA_P384_SHA384, SignatureScheme::ecdsa_secp384r1_sha384)),
        KeyKind::Ed25519 => Ok((&rcgen::PKCS_ED25519, SignatureScheme::ed25519)),
        KeyKind::Rsa => Ok((&rcgen::PKCS_RSA_SHA256, SignatureScheme::rsa_pkcs1_sha256)),
        KeyKind::P521 | KeyKind::RsaPss => Err(IssueError::Unsupported(kind)),
    }
}

/// The key that a certificate is about.
pub(crate) struct Subject<'a> {
    bits: &'a [u8],
    algorithm: &'static rcgen::SignatureAlgorithm,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(spki: &'a [u8]) -> Result<Self, IssueError> {
        let key = PublicKey::from_spki(spki).map_err(|_| IssueError::Failed)?;
        Ok(Self { bits: key.bits, algorithm: algorithm(key.kind)?.0 })
    }
}

impl rcgen::PublicKeyData for Subject<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.bits
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

/// The key that signs it.
pub(crate) struct Signer<'a> {
    key: &'a dyn SigningKey,
    subject: Subject<'a>,
    scheme: SignatureScheme,
    // The library signs through a shared reference.
    random: RefCell<&'a mut dyn Random>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(key: &'a dyn SigningKey, random: &'a mut dyn Random) -> Result<Self, IssueError> {
        let public = PublicKey::from_spki(key.public_key()).map_err(|_| IssueError::Failed)?;
        let (algorithm, scheme) = algorithm(public.kind)?;
        let subject = Subject { bits: public.bits, algorithm };
        Ok(Self { key, subject, scheme, random: RefCell::new(random) })
    }
}

impl rcgen::PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.subject.bits
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.subject.algorithm
    }
}

impl rcgen::SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let mut random = self.random.try_borrow_mut().map_err(|_| rcgen::Error::RemoteKeyError)?;
        self.key.sign(self.scheme, message, &mut **random).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
