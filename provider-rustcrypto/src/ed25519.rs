//! Ed25519 (RFC 8032): verifying the peer's signatures, and keys that sign.

use alloc::{boxed::Box, vec::Vec};

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    BadSignature, Ed25519PrivateKey, KeyEncoding, KeyError, KeyKind, Keys, KnownSignature, PublicKey, Random,
    SignError, SigningKey, Verify, signature_algorithms,
};
use zeroize::Zeroizing;

use crate::{
    known::known,
    local_keys::{KeysOfCurve, LocalKeys},
};

/// Ed25519.
pub static ED25519: &dyn Verify = &Ed25519;

/// Keys of Ed25519 alone.
pub static KEYS_ED25519: &dyn Keys = &LocalKeys(&[KEYS_OF_CURVE]);

/// The entry of the lists of keys.
pub(crate) static KEYS_OF_CURVE: &dyn KeysOfCurve = &Ed25519;

struct Ed25519;

impl Verify for Ed25519 {
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ed25519
    }

    fn key(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    /// Points of small order are refused, as public key and in the signature: under such a key one
    /// signature is valid for many messages.
    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = public_key.try_into().map_err(|_| BadSignature)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| BadSignature)?;
        let signature = Signature::from_bytes(signature.try_into().map_err(|_| BadSignature)?);
        key.verify_strict(message, &signature).map_err(|_| BadSignature)
    }

    fn signature_algorithms(&self) -> &'static [&'static [u8]] {
        const { signature_algorithms(SignatureScheme::ed25519) }
    }

    fn known_signature(&self) -> Option<KnownSignature> {
        Some(known!("ed25519", "Ed25519", b"r"))
    }
}

impl KeysOfCurve for Ed25519 {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        let key = Ed25519PrivateKey::read(encoding, der)?;
        let signer = ed25519_dalek::SigningKey::from_bytes(key.seed);
        let public = signer.verifying_key();
        if key.public.is_some_and(|given| given != public.as_bytes()) {
            return Err(KeyError::Malformed);
        }
        let spki = PublicKey { kind: KeyKind::Ed25519, bits: public.as_bytes() }.to_spki();
        Ok(Box::new(LocalKey { signer, spki }))
    }

    fn generate(&self, random: &mut dyn Random) -> Option<Zeroizing<Vec<u8>>> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *seed).ok()?;
        Some(Ed25519PrivateKey { seed: &seed, public: None }.to_pkcs8())
    }
}

/// A key in memory, which the library wipes.
struct LocalKey {
    signer: ed25519_dalek::SigningKey,
    spki: Vec<u8>,
}

impl SigningKey for LocalKey {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ed25519]
    }

    /// The nonce derives from key and message (RFC 8032 §5.1.6) and not from `random`.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        if scheme != SignatureScheme::ed25519 {
            return Err(SignError::Scheme(scheme));
        }
        let signature = self.signer.try_sign(message).map_err(|_| SignError::Failed)?;
        Ok(signature.to_bytes().to_vec())
    }
}
