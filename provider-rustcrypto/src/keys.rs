//! Private keys on P-256 and P-384: loading, generating, signing (RFC 5958, RFC 5915).

use alloc::{boxed::Box, vec::Vec};
use core::marker::PhantomData;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    EcPrivateKey, EcdsaSignature, Hash, KeyEncoding, KeyError, KeyKind, Keys, PublicKey, Random, SignError,
    SigningKey,
};
use p256::{
    NistP256,
    ecdsa::signature::hazmat::PrehashSigner,
    elliptic_curve::{
        AffinePoint, CurveArithmetic, FieldBytesSize, SecretKey,
        sec1::{ModulusSize, ToSec1Point},
    },
};
use p384::NistP384;
use zeroize::Zeroizing;

use crate::{
    SHA256, SHA384, SHA512,
    exchange::draw,
    local_keys::{KeysOfCurve, LocalKeys},
};

/// Keys on P-256 and P-384, which sign with SHA-256, SHA-384 and SHA-512 (TLS 1.2 permits every hash), and
/// with the feature `ed25519` those of Ed25519.
pub static KEYS: &dyn Keys = &LocalKeys(&[
    &Curve::<NistP256> {
        // The hash that matches the curve comes first: TLS 1.3 permits no other.
        schemes: &[
            SignatureScheme::ecdsa_secp256r1_sha256,
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp521r1_sha512,
        ],
        hashes: &[SHA256, SHA384, SHA512],
        curve: PhantomData,
    },
    &Curve::<NistP384> {
        schemes: &[
            SignatureScheme::ecdsa_secp384r1_sha384,
            SignatureScheme::ecdsa_secp521r1_sha512,
            SignatureScheme::ecdsa_secp256r1_sha256,
        ],
        hashes: &[SHA384, SHA512, SHA256],
        curve: PhantomData,
    },
    #[cfg(feature = "ed25519")]
    crate::ed25519::KEYS_OF_CURVE,
]);

/// Keys on P-256 that sign with SHA-256 only, so that a program which does not otherwise use P-384,
/// SHA-384 and SHA-512 does not link them.
pub static KEYS_SHA256: &dyn Keys = &LocalKeys(&[&P256_SHA256]);

const P256_SHA256: Curve<NistP256> =
    Curve { schemes: &[SignatureScheme::ecdsa_secp256r1_sha256], hashes: &[SHA256], curve: PhantomData };

/// Loads a key as [`KEYS_SHA256`] does. A program that loads its key with this does not link how keys are
/// made.
///
/// # Errors
/// Those of [`Keys::load`].
pub fn load_p256_sha256(encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
    P256_SHA256.load(encoding, der)
}

/// A curve with the schemes of its keys and, at the same index, their hashes.
struct Curve<C> {
    schemes: &'static [SignatureScheme],
    hashes: &'static [&'static dyn Hash],
    curve: PhantomData<fn() -> C>,
}

impl<C: Signs> KeysOfCurve for Curve<C>
where
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn kind(&self) -> KeyKind {
        C::KIND
    }

    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        let key = EcPrivateKey::read(encoding, der)?;
        if key.kind != C::KIND {
            return Err(KeyError::Unsupported);
        }
        let private = SecretKey::<C>::from_slice(key.scalar).map_err(|_| KeyError::Malformed)?;
        let point = private.public_key().as_affine().to_sec1_point(false);
        if key.public.is_some_and(|public| public != point.as_bytes()) {
            return Err(KeyError::Malformed);
        }
        let spki = PublicKey { kind: C::KIND, bits: point.as_bytes() }.to_spki();
        let (schemes, hashes) = (self.schemes, self.hashes);
        Ok(Box::new(LocalKey::<C> { signer: private.into(), spki, schemes, hashes }))
    }

    fn generate(&self, random: &mut dyn Random) -> Option<Zeroizing<Vec<u8>>> {
        let private = draw::<C>(random)?;
        let point = private.public_key().as_affine().to_sec1_point(false);
        let scalar = Zeroizing::new(private.to_bytes());
        let key = EcPrivateKey { kind: C::KIND, scalar: &scalar, public: Some(point.as_bytes()) };
        Some(key.to_pkcs8())
    }
}

/// ECDSA of RustCrypto over one curve.
trait Signs: CurveArithmetic {
    const KIND: KeyKind;
    /// A signing key, wiped on drop.
    type Signer: From<SecretKey<Self>> + Send + Sync + 'static;

    /// Signs a hash value; returns the signature in DER.
    fn sign(signer: &Self::Signer, hash: &[u8]) -> Option<Vec<u8>>;
}

impl Signs for NistP256 {
    const KIND: KeyKind = KeyKind::P256;
    type Signer = p256::ecdsa::SigningKey;

    fn sign(signer: &Self::Signer, hash: &[u8]) -> Option<Vec<u8>> {
        let signature: p256::ecdsa::Signature = signer.sign_prehash(hash).ok()?;
        let (r, s) = signature.split_bytes();
        Some(EcdsaSignature { r: &r, s: &s }.to_der())
    }
}

impl Signs for NistP384 {
    const KIND: KeyKind = KeyKind::P384;
    type Signer = p384::ecdsa::SigningKey;

    fn sign(signer: &Self::Signer, hash: &[u8]) -> Option<Vec<u8>> {
        let signature: p384::ecdsa::Signature = signer.sign_prehash(hash).ok()?;
        let (r, s) = signature.split_bytes();
        Some(EcdsaSignature { r: &r, s: &s }.to_der())
    }
}

/// A key in memory, which the library wipes.
struct LocalKey<C: Signs> {
    signer: C::Signer,
    spki: Vec<u8>,
    schemes: &'static [SignatureScheme],
    hashes: &'static [&'static dyn Hash],
}

impl<C: Signs> SigningKey for LocalKey<C> {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.schemes
    }

    /// Nonces derive from key and message (RFC 6979) and not from `random`: a weak generator on the
    /// device cannot reveal the key.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let mut hashes = self.schemes.iter().zip(self.hashes);
        let (_, hash) = hashes.find(|(one, _)| **one == scheme).ok_or(SignError::Scheme(scheme))?;
        C::sign(&self.signer, &hash.hash(&[message])).ok_or(SignError::Failed)
    }
}
