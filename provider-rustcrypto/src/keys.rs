//! Our private keys: loading, making, signing (RFC 5958, RFC 5915).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    EcPrivateKey, Hash, KeyEncoding, KeyError, KeyKind, Keys, PublicKey, Random, SignError, SigningKey,
};
use p256::{
    SecretKey,
    ecdsa::{self, DerSignature, signature::hazmat::PrehashSigner},
    elliptic_curve::sec1::ToSec1Point,
};
use zeroize::Zeroizing;

use crate::{SHA256, SHA384, SHA512, exchange::draw_p256};

/// Keys of P-256, which sign with SHA-256, SHA-384 and SHA-512: TLS 1.2 permits every hash.
pub static KEYS: &dyn Keys = &LocalKeys {
    schemes: &[
        // The hash of the curve's own strength first: TLS 1.3 permits no other.
        SignatureScheme::ecdsa_secp256r1_sha256,
        SignatureScheme::ecdsa_secp384r1_sha384,
        SignatureScheme::ecdsa_secp521r1_sha512,
    ],
    hashes: &[SHA256, SHA384, SHA512],
};

/// Keys of P-256, which sign with SHA-256 alone: a program with no other use for SHA-384 and
/// SHA-512 does not link them.
pub static KEYS_SHA256: &dyn Keys =
    &LocalKeys { schemes: &[SignatureScheme::ecdsa_secp256r1_sha256], hashes: &[SHA256] };

/// What keys sign by: a scheme, and at the same place its hash.
#[derive(Clone, Copy)]
struct LocalKeys {
    schemes: &'static [SignatureScheme],
    hashes: &'static [&'static dyn Hash],
}

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
        Ok(Box::new(LocalKey { private: private.into(), spki, signs_by: *self }))
    }

    fn generate(&self, kind: KeyKind, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyError> {
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
    signs_by: LocalKeys,
}

impl SigningKey for LocalKey {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.signs_by.schemes
    }

    /// Nonces come from key and message (RFC 6979), not from `random`: a weak source on the
    /// device cannot give the key away.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let mut hashes = self.signs_by.schemes.iter().zip(self.signs_by.hashes);
        let (_, hash) = hashes.find(|(one, _)| **one == scheme).ok_or(SignError::Scheme(scheme))?;
        let hashed = hash.hash(&[message]);
        let signature: DerSignature = self.private.sign_prehash(&hashed).map_err(|_| SignError::Failed)?;
        Ok(signature.as_bytes().to_vec())
    }
}
