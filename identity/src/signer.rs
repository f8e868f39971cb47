//! Our keys as rcgen wants them: it writes the certificate, they sign it.

use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyKind, PublicKey, Random, SignError, SigningKey, Verify, verify_signature};
use rustls_pki_types::CertificateDer;

use crate::IssueError;

/// How certificates name the signatures of a kind of key, and the scheme that makes those.
type Algorithm = (KeyKind, &'static rcgen::SignatureAlgorithm, SignatureScheme);

/// The preferred one of a kind comes first. The library knows P-521 only together with a back end of its
/// own, and RSASSA-PSS not at all.
static ALGORITHMS: [Algorithm; 6] = [
    (KeyKind::P256, &rcgen::PKCS_ECDSA_P256_SHA256, SignatureScheme::ecdsa_secp256r1_sha256),
    (KeyKind::P384, &rcgen::PKCS_ECDSA_P384_SHA384, SignatureScheme::ecdsa_secp384r1_sha384),
    (KeyKind::Ed25519, &rcgen::PKCS_ED25519, SignatureScheme::ed25519),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA256, SignatureScheme::rsa_pkcs1_sha256),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA384, SignatureScheme::rsa_pkcs1_sha384),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA512, SignatureScheme::rsa_pkcs1_sha512),
];

/// Those of a kind of key.
fn algorithms(kind: KeyKind) -> impl Iterator<Item = &'static Algorithm> {
    ALGORITHMS.iter().filter(move |(of, ..)| *of == kind)
}

/// The key that a certificate is about.
pub(crate) struct Subject<'a> {
    bits: &'a [u8],
    algorithm: &'static rcgen::SignatureAlgorithm,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(spki: &'a [u8]) -> Result<Self, IssueError> {
        let key = PublicKey::from_spki(spki).map_err(|_| IssueError::Failed)?;
        let (_, algorithm, _) = algorithms(key.kind).next().ok_or(IssueError::Unsupported(key.kind))?;
        Ok(Self { bits: key.bits, algorithm })
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
    /// What verifies the signature before it is used. Empty for keys of the provider.
    verify: &'a [&'a dyn Verify],
    // The library signs through a shared reference, and keeps no reason.
    random: RefCell<&'a mut dyn Random>,
    failure: Cell<Option<SignError>>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(
        key: &'a dyn SigningKey,
        verify: &'a [&'a dyn Verify],
        random: &'a mut dyn Random,
    ) -> Result<Self, IssueError> {
        let public = PublicKey::from_spki(key.public_key()).map_err(|_| IssueError::Failed)?;
        let subject = Subject::new(key.public_key())?;
        let (_, algorithm, scheme) = algorithms(public.kind)
            .find(|(_, _, scheme)| key.schemes().contains(scheme))
            .ok_or(IssueError::NoCertificateScheme(public.kind))?;
        let subject = Subject { algorithm, ..subject };
        let (random, failure) = (RefCell::new(random), Cell::new(None));
        Ok(Self { key, subject, scheme: *scheme, verify, random, failure })
    }

    /// Why the library got no signature.
    pub(crate) fn failure(&self) -> IssueError {
        self.failure.take().map_or(IssueError::Failed, IssueError::Signer)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut random = self.random.try_borrow_mut().map_err(|_| SignError::Failed)?;
        let signature = self.key.sign(self.scheme, message, &mut **random)?;
        if !self.verify.is_empty() {
            verify_signature(self.key.public_key(), self.scheme, message, &signature, self.verify)?;
        }
        Ok(signature)
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
        self.signature(message).map_err(|why| {
            self.failure.set(Some(why));
            rcgen::Error::RemoteKeyError
        })
    }
}

/// A certificate for the key of `signer`, signed by it. The signature is verified with one of `verify`; an
/// empty list skips that.
pub(crate) fn self_signed(
    certificate: &rcgen::CertificateParams,
    signer: &dyn SigningKey,
    verify: &[&dyn Verify],
    random: &mut dyn Random,
) -> Result<CertificateDer<'static>, IssueError> {
    let signer = Signer::new(signer, verify, random)?;
    let made = certificate.self_signed(&signer).map_err(|_| signer.failure())?;
    Ok(made.der().clone())
}
