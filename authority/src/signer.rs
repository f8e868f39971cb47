//! The key of the CA as rcgen wants it: rcgen writes certificates and CRLs, the identity signs them.

use std::cell::Cell;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyKind, PublicKey, SignError};
use handclasp_identity::Identity;
use handclasp_provider_aws_lc::{SystemRandom, VERIFY};
use rcgen::SignatureAlgorithm;
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::AuthorityProblem;

/// How certificates name the signatures of a kind of key, and the scheme that makes those.
type Algorithm = (KeyKind, &'static SignatureAlgorithm, SignatureScheme);

/// The preferred one of a kind comes first. rcgen knows P-521 only together with a back end of its own, and
/// RSASSA-PSS not at all.
static ALGORITHMS: [Algorithm; 6] = [
    (KeyKind::P256, &rcgen::PKCS_ECDSA_P256_SHA256, SignatureScheme::ecdsa_secp256r1_sha256),
    (KeyKind::P384, &rcgen::PKCS_ECDSA_P384_SHA384, SignatureScheme::ecdsa_secp384r1_sha384),
    (KeyKind::Ed25519, &rcgen::PKCS_ED25519, SignatureScheme::ed25519),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA256, SignatureScheme::rsa_pkcs1_sha256),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA384, SignatureScheme::rsa_pkcs1_sha384),
    (KeyKind::Rsa, &rcgen::PKCS_RSA_SHA512, SignatureScheme::rsa_pkcs1_sha512),
];

fn algorithms(kind: KeyKind) -> impl Iterator<Item = &'static Algorithm> {
    ALGORITHMS.iter().filter(move |(of, ..)| *of == kind)
}

/// A public key.
pub(crate) struct Key<'a> {
    bits: &'a [u8],
    algorithm: &'static SignatureAlgorithm,
}

impl<'a> Key<'a> {
    pub(crate) fn new(spki: &'a [u8]) -> Result<Self, AuthorityProblem> {
        let key = PublicKey::from_spki(spki).map_err(|_| AuthorityProblem::UnsupportedKey(None))?;
        let (_, algorithm, _) =
            algorithms(key.kind).next().ok_or(AuthorityProblem::UnsupportedKey(Some(key.kind)))?;
        Ok(Self { bits: key.bits, algorithm })
    }
}

impl rcgen::PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.bits
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

/// The key that signs.
pub(crate) struct Signer<'a> {
    identity: &'a Identity,
    key: Key<'a>,
    scheme: SignatureScheme,
    failure: Cell<Option<SignError>>,
}

impl<'a> Signer<'a> {
    /// `spki` is that of `identity`.
    pub(crate) fn new(
        identity: &'a Identity,
        spki: &'a SubjectPublicKeyInfoDer<'a>,
    ) -> Result<Self, AuthorityProblem> {
        let kind = identity.key_kind();
        let key = Key::new(spki)?;
        let (_, algorithm, scheme) = algorithms(kind)
            .find(|(.., scheme)| identity.schemes().contains(scheme))
            .ok_or(AuthorityProblem::NoScheme(kind))?;
        Ok(Self { identity, key: Key { algorithm, ..key }, scheme: *scheme, failure: Cell::new(None) })
    }

    /// Why rcgen made nothing.
    pub(crate) fn failure(&self) -> AuthorityProblem {
        let reason = match self.failure.take() {
            Some(_) if self.identity.signer_words().is_some() => self.identity.signer_words(),
            Some(SignError::Because(reason)) => Some(reason.to_owned()),
            Some(SignError::DoesNotVerify) => {
                Some("its signature does not verify under the key of the CA".to_owned())
            }
            Some(SignError::RawEcdsa) => {
                Some("its signature is r and s concatenated, expected DER (ECDSA-Sig-Value)".to_owned())
            }
            Some(SignError::Scheme(_)) => Some(format!("it cannot sign by {}", self.scheme)),
            Some(SignError::Failed) | None => None,
        };
        AuthorityProblem::NotSigned(reason)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.identity.sign(self.scheme, message, &mut SystemRandom)?;
        // Also of a key in this process: a certificate that does not verify never leaves.
        self.identity.verify(self.scheme, message, &signature, VERIFY)?;
        Ok(signature)
    }
}

impl rcgen::PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.key.bits
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.key.algorithm
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
