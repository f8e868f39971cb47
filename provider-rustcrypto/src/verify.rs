//! Verification of the peer's signatures: ECDSA over P-256 and P-384 (RFC 8422 §5.10), and the list of
//! everything that is verified, with RSA and Ed25519 from the modules of these names, as numbered in RFC
//! 8446 §4.2.3.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    BadSignature, EcdsaSignature, Hash, KeyKind, KnownSignature, Verify, signature_algorithms,
};
use p256::{
    NistP256,
    ecdsa::signature::hazmat::PrehashVerifier,
    elliptic_curve::{Curve, FieldBytes},
};
use p384::NistP384;

use crate::{SHA256, SHA384, SHA512, exchange::uncompressed, known::known, rsa::*};

/// Declares one static for each pair of scheme and curve.
macro_rules! ecdsa {
    ($($(#[$doc:meta])* $name:ident: $scheme:ident, $hash:ident, $kind:ident, $verify:ident, $known:expr;)+) => {
        $($(#[$doc])* pub static $name: &dyn Verify = &Ecdsa {
            scheme: SignatureScheme::$scheme,
            names: signature_algorithms(SignatureScheme::$scheme),
            hash: $hash,
            kind: KeyKind::$kind,
            verify: $verify,
            known: $known,
        };)+
    };
}

ecdsa! {
    /// ECDSA with P-256 and SHA-256.
    ECDSA_P256_SHA256: ecdsa_secp256r1_sha256, SHA256, P256, p256, known!("ecdsa_secp256r1_sha256", "P256");
    /// ECDSA with P-384 and SHA-384.
    ECDSA_P384_SHA384: ecdsa_secp384r1_sha384, SHA384, P384, p384, known!("ecdsa_secp384r1_sha384", "P384");
    /// ECDSA with P-256 and SHA-384, for TLS 1.2 and X.509.
    ECDSA_P256_SHA384: ecdsa_secp384r1_sha384, SHA384, P256, p256, known!("ecdsa_secp384r1_sha384", "P256");
    /// ECDSA with P-256 and SHA-512, for TLS 1.2 and X.509.
    ECDSA_P256_SHA512: ecdsa_secp521r1_sha512, SHA512, P256, p256, known!("ecdsa_secp521r1_sha512", "P256");
    /// ECDSA with P-384 and SHA-256, for TLS 1.2 and X.509.
    ECDSA_P384_SHA256: ecdsa_secp256r1_sha256, SHA256, P384, p384, known!("ecdsa_secp256r1_sha256", "P384");
    /// ECDSA with P-384 and SHA-512, for TLS 1.2 and X.509.
    ECDSA_P384_SHA512: ecdsa_secp521r1_sha512, SHA512, P384, p384, known!("ecdsa_secp521r1_sha512", "P384");
}

/// Every pair of scheme and key type that this provider verifies, in order of preference: pairs for TLS
/// 1.3 first, then those that only TLS 1.2 and X.509 permit. A device that knows its server lists fewer;
/// what it does not list is not linked.
pub static VERIFY: &[&dyn Verify] = &[
    ECDSA_P256_SHA256,
    ECDSA_P384_SHA384,
    #[cfg(feature = "ed25519")]
    crate::ED25519,
    RSA_PSS_SHA256,
    RSA_PSS_SHA384,
    RSA_PSS_SHA512,
    RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512,
    ECDSA_P256_SHA384,
    ECDSA_P256_SHA512,
    ECDSA_P384_SHA256,
    ECDSA_P384_SHA512,
];

/// ECDSA with one hash and one curve.
struct Ecdsa {
    scheme: SignatureScheme,
    names: &'static [&'static [u8]],
    hash: &'static dyn Hash,
    kind: KeyKind,
    verify: VerifyHash,
    known: KnownSignature,
}

/// Verifies a signature: public key, hash value, signature.
type VerifyHash = fn(&[u8], &[u8], &[u8]) -> Result<(), BadSignature>;

impl Verify for Ecdsa {
    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    fn key(&self) -> KeyKind {
        self.kind
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.verify_hash(public_key, &self.hash.hash(&[message]), signature)
    }

    fn hash(&self) -> Option<&'static dyn Hash> {
        Some(self.hash)
    }

    fn verify_hash(&self, public_key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if hash.len() != self.hash.output_len() {
            return Err(BadSignature);
        }
        (self.verify)(public_key, hash, signature)
    }

    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        self.names
    }

    fn known_signature(&self) -> Option<KnownSignature> {
        Some(self.known)
    }
}

fn p256(public_key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let point = uncompressed::<NistP256>(public_key).ok_or(BadSignature)?;
    let key = p256::ecdsa::VerifyingKey::from_affine(point).map_err(|_| BadSignature)?;
    let (r, s) = scalars::<NistP256>(signature).ok_or(BadSignature)?;
    // Checks that both lie in [1, n-1].
    let signature = p256::ecdsa::Signature::from_scalars(r, s).map_err(|_| BadSignature)?;
    key.verify_prehash(hash, &signature).map_err(|_| BadSignature)
}

fn p384(public_key: &[u8], hash: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let point = uncompressed::<NistP384>(public_key).ok_or(BadSignature)?;
    let key = p384::ecdsa::VerifyingKey::from_affine(point).map_err(|_| BadSignature)?;
    let (r, s) = scalars::<NistP384>(signature).ok_or(BadSignature)?;
    // Checks that both lie in [1, n-1].
    let signature = p384::ecdsa::Signature::from_scalars(r, s).map_err(|_| BadSignature)?;
    key.verify_prehash(hash, &signature).map_err(|_| BadSignature)
}

/// Decodes a signature to r and s, each as long as the curve's order.
fn scalars<C: Curve>(signature: &[u8]) -> Option<(FieldBytes<C>, FieldBytes<C>)> {
    let EcdsaSignature { r, s } = EcdsaSignature::read(signature)?;
    let padded = |integer: &[u8]| {
        let mut bytes = FieldBytes::<C>::default();
        let start = bytes.len().checked_sub(integer.len())?;
        bytes.get_mut(start..)?.copy_from_slice(integer);
        Some(bytes)
    };
    Some((padded(r)?, padded(s)?))
}
