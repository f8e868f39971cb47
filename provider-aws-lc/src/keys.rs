//! Private keys: loading, generating, signing (RFC 5958, RFC 5915, RFC 8017 §A.1.2).

use aws_lc_rs::{
    agreement,
    digest::{self, Digest},
    encoding::{AsDer, Pkcs8V1Der},
    error::Unspecified,
    rand::SystemRandom,
    signature::{
        self as library, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding,
        RsaKeyPair,
    },
};
use handclasp_codec::SignatureScheme;
use handclasp_crypto::{
    KeyEncoding, KeyError, KeyKind, Keys, PublicKey, Random, Secret, SignError, SigningKey,
};
use zeroize::Zeroizing;

/// Keys of every [`KeyKind`]; RSA from 2048 to 8192 bits.
pub static KEYS: &dyn Keys = &LocalKeys;

struct LocalKeys;

impl Keys for LocalKeys {
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        let kind = KeyKind::of_private_key(encoding, der)?;
        let pair = match kind {
            KeyKind::P256 => ecdsa(&library::ECDSA_P256_SHA256_ASN1_SIGNING, der)?,
            KeyKind::P384 => ecdsa(&library::ECDSA_P384_SHA384_ASN1_SIGNING, der)?,
            KeyKind::P521 => ecdsa(&library::ECDSA_P521_SHA512_ASN1_SIGNING, der)?,
            KeyKind::Ed25519 => Pair::Ed25519(Ed25519KeyPair::from_pkcs8(der).map_err(rejected)?),
            KeyKind::Rsa => Pair::Rsa(rsa(encoding, der)?),
            // The library signs only with rsaEncryption keys.
            KeyKind::RsaPss => return Err(KeyError::Unsupported),
        };
        let spki = PublicKey { kind, bits: pair.public() }.to_spki();
        Ok(Box::new(LocalKey { kind, pair, spki }))
    }

    fn generate(&self, kind: KeyKind, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match kind {
            KeyKind::P256 => generate_ec(&agreement::ECDH_P256, 32, 0xff, random),
            KeyKind::P384 => generate_ec(&agreement::ECDH_P384, 48, 0xff, random),
            KeyKind::P521 => generate_ec(&agreement::ECDH_P521, 66, 0x01, random),
            KeyKind::Ed25519 => {
                let mut seed = Secret::zero(32);
                random.fill(seed.expose_mut()).map_err(|_| KeyError::Failed)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose());
                // PKCS#8 version 1: OpenSSL 1.1.1 and Java 17 do not read a later one.
                let der = pair.map_err(|_| KeyError::Failed)?.to_pkcs8v1();
                Ok(Zeroizing::new(der.map_err(|_| KeyError::Failed)?.as_ref().to_vec()))
            }
            // The library searches for primes only with its own generator.
            KeyKind::Rsa => {
                let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048);
                let der: Result<Pkcs8V1Der<'_>, _> = pair.map_err(|_| KeyError::Failed)?.as_der();
                Ok(Zeroizing::new(der.map_err(|_| KeyError::Failed)?.as_ref().to_vec()))
            }
            KeyKind::RsaPss => Err(KeyError::Unsupported),
        }
    }
}

/// Draws scalars until one lies in [1, n-1] (FIPS 186-5 §A.2.2); `mask` clears the bits of the first
/// byte above the order. One draw in 2^32 fails for P-256, fewer for the others: ten failures in a row
/// mean a broken generator.
fn generate_ec(
    curve: &'static agreement::Algorithm,
    length: usize,
    mask: u8,
    random: &mut dyn Random,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut scalar = Secret::zero(length);
    for _ in 0..10 {
        random.fill(scalar.expose_mut()).map_err(|_| KeyError::Failed)?;
        scalar.expose_mut().iter_mut().take(1).for_each(|first| *first &= mask);
        if let Ok(pair) = agreement::PrivateKey::from_private_key(curve, scalar.expose()) {
            let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
            return Ok(Zeroizing::new(der.map_err(|_| KeyError::Failed)?.as_ref().to_vec()));
        }
    }
    Err(KeyError::Failed)
}

/// Loads from either encoding; the library refuses a private key that does not match its public key.
fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm, der: &[u8]) -> Result<Pair, KeyError> {
    EcdsaKeyPair::from_private_key_der(algorithm, der).map(Pair::Ecdsa).map_err(rejected)
}

fn rsa(encoding: KeyEncoding, der: &[u8]) -> Result<RsaKeyPair, KeyError> {
    match encoding {
        KeyEncoding::Pkcs8 => RsaKeyPair::from_pkcs8(der),
        KeyEncoding::Pkcs1 | KeyEncoding::Sec1 => RsaKeyPair::from_der(der),
    }
    .map_err(rejected)
}

/// The library gives reasons only as text; those about the size mean an unsupported key, the others a
/// damaged one.
fn rejected(reason: aws_lc_rs::error::KeyRejected) -> KeyError {
    match reason.description_() {
        "TooSmall" | "TooLarge" => KeyError::Unsupported,
        _ => KeyError::Malformed,
    }
}

/// A key of aws-lc-rs.
enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Pair {
    /// Content of the subjectPublicKey BIT STRING.
    fn public(&self) -> &[u8] {
        match self {
            Self::Ecdsa(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
            Self::Rsa(pair) => pair.public_key().as_ref(),
        }
    }
}

/// A key in memory; the library wipes it on drop.
struct LocalKey {
    kind: KeyKind,
    pair: Pair,
    spki: Vec<u8>,
}

impl SigningKey for LocalKey {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        match self.kind {
            // The hash that matches the curve comes first: TLS 1.3 permits no other.
            KeyKind::P256 => &[
                SignatureScheme::ecdsa_secp256r1_sha256,
                SignatureScheme::ecdsa_secp384r1_sha384,
                SignatureScheme::ecdsa_secp521r1_sha512,
            ],
            KeyKind::P384 => &[
                SignatureScheme::ecdsa_secp384r1_sha384,
                SignatureScheme::ecdsa_secp521r1_sha512,
                SignatureScheme::ecdsa_secp256r1_sha256,
            ],
            KeyKind::P521 => &[
                SignatureScheme::ecdsa_secp521r1_sha512,
                SignatureScheme::ecdsa_secp384r1_sha384,
                SignatureScheme::ecdsa_secp256r1_sha256,
            ],
            KeyKind::Ed25519 => &[SignatureScheme::ed25519],
            KeyKind::Rsa => &[
                SignatureScheme::rsa_pss_rsae_sha256,
                SignatureScheme::rsa_pss_rsae_sha384,
                SignatureScheme::rsa_pss_rsae_sha512,
                SignatureScheme::rsa_pkcs1_sha256,
                SignatureScheme::rsa_pkcs1_sha384,
                SignatureScheme::rsa_pkcs1_sha512,
            ],
            // Such keys are never loaded.
            KeyKind::RsaPss => &[],
        }
    }

    /// The library draws nonces and salts from its own generator and not from `random`.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        if !self.schemes().contains(&scheme) {
            return Err(SignError::Scheme(scheme));
        }
        let signature = match &self.pair {
            Pair::Ecdsa(pair) => {
                let (own, hash) = (ecdsa_hash(self.schemes()), ecdsa_hash(&[scheme]));
                let (own, hash) = own.zip(hash).ok_or(SignError::Scheme(scheme))?;
                ecdsa_sign(pair, own, hash, message)
            }
            Pair::Ed25519(pair) => pair.try_sign(message).map(|bytes| bytes.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let padding = rsa_padding(scheme).ok_or(SignError::Scheme(scheme))?;
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), message, &mut bytes).map(|()| bytes)
            }
        };
        signature.map_err(|_| SignError::Failed)
    }
}

/// Signs with any hash. The library binds each curve to one hash when it signs, but ECDSA takes the
/// leftmost bits of any (FIPS 186-5 §6.4.1). So another hash is truncated, or padded with zeros on the
/// left, to the length of the bound one: the same integer is signed.
fn ecdsa_sign(
    pair: &EcdsaKeyPair,
    own: &'static digest::Algorithm,
    hash: &'static digest::Algorithm,
    message: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    if own == hash {
        return pair.sign(&SystemRandom::new(), message).map(|bytes| bytes.as_ref().to_vec());
    }
    let hashed = digest::digest(hash, message);
    let kept = hashed.as_ref().get(..own.output_len()).unwrap_or(hashed.as_ref());
    let mut filled = vec![0; own.output_len().saturating_sub(kept.len())];
    filled.extend_from_slice(kept);
    let digest = Digest::import_less_safe(&filled, own)?;
    pair.sign_digest(&digest).map(|bytes| bytes.as_ref().to_vec())
}

/// Returns the hash of the first of these schemes, if it is an ECDSA scheme.
fn ecdsa_hash(schemes: &[SignatureScheme]) -> Option<&'static digest::Algorithm> {
    match schemes.first().copied()? {
        SignatureScheme::ecdsa_secp256r1_sha256 => Some(&digest::SHA256),
        SignatureScheme::ecdsa_secp384r1_sha384 => Some(&digest::SHA384),
        SignatureScheme::ecdsa_secp521r1_sha512 => Some(&digest::SHA512),
        _ => None,
    }
}

/// Returns padding and hash of an RSA scheme.
fn rsa_padding(scheme: SignatureScheme) -> Option<&'static dyn RsaEncoding> {
    match scheme {
        SignatureScheme::rsa_pss_rsae_sha256 => Some(&library::RSA_PSS_SHA256),
        SignatureScheme::rsa_pss_rsae_sha384 => Some(&library::RSA_PSS_SHA384),
        SignatureScheme::rsa_pss_rsae_sha512 => Some(&library::RSA_PSS_SHA512),
        SignatureScheme::rsa_pkcs1_sha256 => Some(&library::RSA_PKCS1_SHA256),
        SignatureScheme::rsa_pkcs1_sha384 => Some(&library::RSA_PKCS1_SHA384),
        SignatureScheme::rsa_pkcs1_sha512 => Some(&library::RSA_PKCS1_SHA512),
        _ => None,
    }
}
