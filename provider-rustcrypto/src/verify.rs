//! Verifying the peer's signatures: ECDSA over P-256 (RFC 8422 §5.10), by the numbers of
//! RFC 8446 §4.2.3.
//! Called by `handshake` (CertificateVerify, ServerKeyExchange) and by `trust` (certificates).

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{BadSignature, Hash, KeyKind, Verify};
use p256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};

use crate::{SHA256, SHA384, SHA512, exchange::uncompressed_p256};

/// ECDSA, P-256 and SHA-256.
pub static ECDSA_P256_SHA256: &dyn Verify =
    &EcdsaP256 { scheme: SignatureScheme::ecdsa_secp256r1_sha256, hash: SHA256 };

/// ECDSA, P-256 and SHA-384: TLS 1.2 and X.509.
pub static ECDSA_P256_SHA384: &dyn Verify =
    &EcdsaP256 { scheme: SignatureScheme::ecdsa_secp384r1_sha384, hash: SHA384 };

/// ECDSA, P-256 and SHA-512: TLS 1.2 and X.509.
pub static ECDSA_P256_SHA512: &dyn Verify =
    &EcdsaP256 { scheme: SignatureScheme::ecdsa_secp521r1_sha512, hash: SHA512 };

/// Every pair of scheme and key that this provider verifies, in order of preference.
pub static VERIFY: &[&dyn Verify] = &[ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P256_SHA512];

struct EcdsaP256 {
    scheme: SignatureScheme,
    hash: &'static dyn Hash,
}

impl Verify for EcdsaP256 {
    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn key(&self) -> KeyKind {
        KeyKind::P256
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = public_key.try_into().map_err(|_| BadSignature)?;
        let key = uncompressed_p256(key).ok_or(BadSignature)?;
        let key = VerifyingKey::from_affine(key).map_err(|_| BadSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| BadSignature)?;
        key.verify_prehash(&self.hash.hash(&[message]), &signature).map_err(|_| BadSignature)
    }
}
