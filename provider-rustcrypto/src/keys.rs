//! Our private keys: loading, making, signing (RFC 5958, RFC 5915).
//! Called by `identity`, and by the device when a handshake needs a signature.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    EcPrivateKey, KeyEncoding, KeyError, KeyKind, Keys, PublicKey, Random, SignError, SigningKey,
};
use p256::{
    SecretKey,
    ecdsa::{self, DerSignature, signature::Signer},
    elliptic_curve::sec1::ToSec1Point,
};
use zeroize::Zeroizing;

use crate::exchange::draw_p256;

/// Keys of P-256.
pub static KEYS: &dyn Keys = &LocalKeys;

struct LocalKeys;

impl Keys for LocalKeys {
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        let EcPrivateKey { kind, scalar, public } = EcPrivateKey::read(encoding, der)?;
        if kind != KeyKind::P256 {
            return Err(KeyError::Unsupported);
        }
        let private = SecretKey::from_slice(scalar).map_err(|_| KeyError::Malformed)?;
        let point = private.public_key().to_sec1_point(false);
        // The halves must match: a signature under another public key gives the private one away.
        if public.is_some_and(|public| public != point.as_bytes()) {
            return Err(KeyError::Malformed);
        }
        let spki = PublicKey { kind: KeyKind::P256, bits: point.as_bytes() }.to_spki();
        Ok(Box::new(LocalKey { private: private.into(), spki }))
    }

    fn generate(&self, kind: KeyKind, random: &mut dyn Random) -> Result<Vec<u8>, KeyError> {
        match kind {
            KeyKind::P256 => {
                let private = draw_p256(random).ok_or(KeyError::Failed)?;
                let point = private.public_key().to_sec1_point(false);
                let scalar = Zeroizing::new(private.to_bytes());
                let key = EcPrivateKey { kind, scalar: &scalar, public: Some(point.as_bytes()) };
                Ok(key.to_pkcs8())
            }
            KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519 | KeyKind::Rsa => Err(KeyError::Unsupported),
        }
    }
}

/// A key in memory; the library wipes it.
struct LocalKey {
    private: ecdsa::SigningKey,
    spki: Vec<u8>,
}

impl SigningKey for LocalKey {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ecdsa_secp256r1_sha256]
    }

    /// Nonces come from key and message (RFC 6979), not from `random`: a weak source on the
    /// device cannot give the key away.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        if !self.schemes().contains(&scheme) {
            return Err(SignError::Scheme(scheme));
        }
        let signature: DerSignature = self.private.try_sign(message).map_err(|_| SignError::Failed)?;
        Ok(signature.as_bytes().to_vec())
    }
}
