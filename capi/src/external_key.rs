//! A certificate chain whose private key the application has: its signatures come as answers.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyKind, PublicKey, Random, SignError, SigningKey};
use handclasp_identity::Identity;

use crate::{certificates, codes::HC_IDENTITY, refusal::Refusal, trust::key_of};

struct ExternalKey {
    spki: Vec<u8>,
    schemes: &'static [SignatureScheme],
}

impl SigningKey for ExternalKey {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.schemes
    }

    fn sign(&self, _: SignatureScheme, _: &[u8], _: &mut dyn Random) -> Result<Vec<u8>, SignError> {
        Err(SignError::Failed)
    }
}

/// The identity of a chain, PEM or one certificate as DER.
pub(crate) fn identity(bytes: &[u8]) -> Result<Identity, Refusal> {
    let chain = certificates::read(bytes).map_err(|_| HC_IDENTITY)?;
    let leaf = key_of(chain.first().map(AsRef::as_ref).unwrap_or_default()).map_err(|_| HC_IDENTITY)?;
    let spki = Vec::from(leaf.spki.as_ref());
    let kind = PublicKey::from_spki(&spki).map_err(|_| HC_IDENTITY)?.kind;
    let key = ExternalKey { spki, schemes: schemes(kind) };
    Identity::from_signer(chain, Box::new(key)).map_err(|error| Refusal::new(HC_IDENTITY, &error))
}

/// The schemes of a kind of key, in order of preference. PKCS #1 v1.5 serves TLS 1.2 only.
fn schemes(kind: KeyKind) -> &'static [SignatureScheme] {
    use SignatureScheme as S;
    match kind {
        KeyKind::P256 => &[S::ecdsa_secp256r1_sha256],
        KeyKind::P384 => &[S::ecdsa_secp384r1_sha384],
        KeyKind::P521 => &[S::ecdsa_secp521r1_sha512],
        KeyKind::Ed25519 => &[S::ed25519],
        KeyKind::Rsa => &[S::rsa_pss_rsae_sha256, S::rsa_pkcs1_sha256],
        KeyKind::RsaPss => &[S::rsa_pss_pss_sha256],
    }
}
