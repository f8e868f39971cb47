//! One signature under one key: good, or how it is bad. Every scheme that TLS and X.509 have had
//! and that can be computed here, whatever policy says of it.

#[cfg(test)]
mod tests;

use handclasp_codec::{SignatureAlgorithm, SignatureScheme as Scheme};
use handclasp_crypto::Verify;
use x509_parser::prelude::FromDer as _;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::signature_value::EcdsaSigValue;
use x509_parser::x509::AlgorithmIdentifier;

use super::curve::{Curve, Ecdsa};
use super::hash::Hash;
use super::key::{Family, Key, KeyKind};
use super::rsa::{self, Opened};
use crate::provider;

/// How something is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    RsaPkcs1(Hash),
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
    Ed448,
    Dsa(Hash),
}

/// What verification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verified {
    /// It verifies.
    Good,
    /// It does not.
    Bad(Bad),
    /// The algorithm is one that the key cannot do.
    SchemeDoesNotFitKey,
    /// Algorithm or key are not computed here, or something needed does not show.
    CannotTell,
}

/// How it is bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// RSA: this very key made it and the block is sound, but of another content.
    OtherContent {
        /// The hash in the block.
        hash: Hash,
    },
    /// RSA: this very key signed this very content, but not as named.
    OtherWay {
        /// How it did.
        really: Algorithm,
    },
    /// RSA: the opened block is noise.
    Noise,
    /// RSA: another length than the modulus, which no signature of this key has.
    Length {
        /// Bytes of the modulus.
        expected: usize,
        /// Bytes of the signature.
        found: usize,
    },
    /// Not of the form that such signatures have.
    Malformed,
    /// Its numbers are not of the size that this key permits.
    OutOfRange,
    /// Of sound form, and does not verify.
    Fails,
}

impl Algorithm {
    /// What a scheme stands for; in TLS 1.2 the same bytes are a pair that binds no curve.
    pub fn of_scheme(scheme: Scheme) -> Option<Self> {
        match scheme {
            Scheme::rsa_pss_rsae_sha256 | Scheme::rsa_pss_pss_sha256 => Some(Self::RsaPss(Hash::Sha256)),
            Scheme::rsa_pss_rsae_sha384 | Scheme::rsa_pss_pss_sha384 => Some(Self::RsaPss(Hash::Sha384)),
            Scheme::rsa_pss_rsae_sha512 | Scheme::rsa_pss_pss_sha512 => Some(Self::RsaPss(Hash::Sha512)),
            Scheme::ed25519 => Some(Self::Ed25519),
            Scheme::ed448 => Some(Self::Ed448),
            Scheme::ecdsa_brainpoolP256r1tls13_sha256 => Some(Self::Ecdsa(Hash::Sha256)),
            Scheme::ecdsa_brainpoolP384r1tls13_sha384 => Some(Self::Ecdsa(Hash::Sha384)),
            Scheme::ecdsa_brainpoolP512r1tls13_sha512 => Some(Self::Ecdsa(Hash::Sha512)),
            Scheme::rsa_pkcs1_sha256_legacy => Some(Self::RsaPkcs1(Hash::Sha256)),
            Scheme::rsa_pkcs1_sha384_legacy => Some(Self::RsaPkcs1(Hash::Sha384)),
            Scheme::rsa_pkcs1_sha512_legacy => Some(Self::RsaPkcs1(Hash::Sha512)),
            pair => match (pair.pair().1, Hash::of_pair(pair)?) {
                (SignatureAlgorithm::rsa, hash) => Some(Self::RsaPkcs1(hash)),
                (SignatureAlgorithm::ecdsa, hash) => Some(Self::Ecdsa(hash)),
                (SignatureAlgorithm::dsa, hash) => Some(Self::Dsa(hash)),
                _ => None,
            },
        }
    }

    /// What a key signs with before TLS 1.2 (RFC 4346 §7.4.3, RFC 4492 §5.4).
    pub fn before_tls12(key: &Key) -> Option<Self> {
        match key.family()? {
            Family::Rsa => Some(Self::RsaPkcs1(Hash::Md5Sha1)),
            Family::Ec => Some(Self::Ecdsa(Hash::Sha1)),
            Family::Dsa => Some(Self::Dsa(Hash::Sha1)),
            Family::Edwards => None,
        }
    }

    /// How a certificate names it (RFC 3279 §2.2, RFC 4055, RFC 5758, RFC 8410).
    pub fn of_certificate(identifier: &AlgorithmIdentifier<'_>) -> Option<Self> {
        const PKCS1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
        const ECDSA: &[u8] = b"\x2a\x86\x48\xce\x3d\x04";
        let name = identifier.algorithm.as_bytes();
        if let Some(rest) = name.strip_prefix(PKCS1) {
            return match rest {
                [4] => Some(Self::RsaPkcs1(Hash::Md5)),
                [5] => Some(Self::RsaPkcs1(Hash::Sha1)),
                [11] => Some(Self::RsaPkcs1(Hash::Sha256)),
                [12] => Some(Self::RsaPkcs1(Hash::Sha384)),
                [13] => Some(Self::RsaPkcs1(Hash::Sha512)),
                [14] => Some(Self::RsaPkcs1(Hash::Sha224)),
                [10] => pss_hash(identifier).map(Self::RsaPss),
                _ => None,
            };
        }
        match name.strip_prefix(ECDSA) {
            Some([1]) => Some(Self::Ecdsa(Hash::Sha1)),
            Some([3, 1]) => Some(Self::Ecdsa(Hash::Sha224)),
            Some([3, 2]) => Some(Self::Ecdsa(Hash::Sha256)),
            Some([3, 3]) => Some(Self::Ecdsa(Hash::Sha384)),
            Some([3, 4]) => Some(Self::Ecdsa(Hash::Sha512)),
            Some(_) => None,
            None => match name {
                b"\x2b\x65\x70" => Some(Self::Ed25519),
                b"\x2b\x65\x71" => Some(Self::Ed448),
                b"\x2a\x86\x48\xce\x38\x04\x03" => Some(Self::Dsa(Hash::Sha1)),
                _ => None,
            },
        }
    }

    /// The hash, where it is a parameter.
    pub fn hash(self) -> Option<Hash> {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss(hash) | Self::Ecdsa(hash) | Self::Dsa(hash) => Some(hash),
            Self::Ed25519 | Self::Ed448 => None,
        }
    }

    /// The kind of key that does it.
    pub fn family(self) -> Family {
        match self {
            Self::RsaPkcs1(_) | Self::RsaPss(_) => Family::Rsa,
            Self::Ecdsa(_) => Family::Ec,
            Self::Ed25519 | Self::Ed448 => Family::Edwards,
            Self::Dsa(_) => Family::Dsa,
        }
    }

    /// As evidence names it.
    pub fn describe(self) -> String {
        match self {
            Self::RsaPkcs1(hash) => format!("RSA (PKCS#1 v1.5) with {}", hash.name()),
            Self::RsaPss(hash) => format!("RSA-PSS with {}", hash.name()),
            Self::Ecdsa(hash) => format!("ECDSA with {}", hash.name()),
            Self::Ed25519 => "Ed25519".to_owned(),
            Self::Ed448 => "Ed448".to_owned(),
            Self::Dsa(hash) => format!("DSA with {}", hash.name()),
        }
    }
}

/// The hash of RSASSA-PSS-params; SHA-1 unless it stands there.
fn pss_hash(identifier: &AlgorithmIdentifier<'_>) -> Option<Hash> {
    let Some(parameters) = identifier.parameters.as_ref() else { return Some(Hash::Sha1) };
    let parameters = RsaSsaPssParams::try_from(parameters).ok()?;
    let named = parameters.hash_algorithm_oid().as_bytes();
    Hash::NAMED.into_iter().find(|hash| hash.identifier() == named)
}

/// Verifies.
pub fn verify(key: &Key, algorithm: Algorithm, content: &[u8], signature: &[u8]) -> Verified {
    match (&key.kind, algorithm) {
        (KeyKind::Rsa { .. }, Algorithm::RsaPkcs1(hash) | Algorithm::RsaPss(hash)) => {
            rsa(key, algorithm, hash, content, signature)
        }
        (KeyKind::Ec { curve, point }, Algorithm::Ecdsa(hash)) => {
            ecdsa(*curve, point, hash, content, signature)
        }
        (KeyKind::Ed25519(public), Algorithm::Ed25519) => ed25519(public, content, signature),
        (KeyKind::Ed448, Algorithm::Ed448) | (KeyKind::Dsa, Algorithm::Dsa(_)) => Verified::CannotTell,
        (KeyKind::Other, _) => Verified::CannotTell,
        (
            KeyKind::Rsa { .. } | KeyKind::Ec { .. } | KeyKind::Ed25519(_) | KeyKind::Ed448 | KeyKind::Dsa,
            Algorithm::RsaPkcs1(_)
            | Algorithm::RsaPss(_)
            | Algorithm::Ecdsa(_)
            | Algorithm::Ed25519
            | Algorithm::Ed448
            | Algorithm::Dsa(_),
        ) => Verified::SchemeDoesNotFitKey,
    }
}

fn rsa(key: &Key, algorithm: Algorithm, hash: Hash, content: &[u8], signature: &[u8]) -> Verified {
    let KeyKind::Rsa { modulus, exponent, pss_only } = &key.kind else { return Verified::CannotTell };
    if *pss_only && matches!(algorithm, Algorithm::RsaPkcs1(_)) {
        return Verified::SchemeDoesNotFitKey;
    }
    let Some(opened) = rsa::open(modulus, exponent, signature) else { return Verified::CannotTell };
    let really = match &opened {
        Opened::Pkcs1 { hash, .. } => Algorithm::RsaPkcs1(*hash),
        Opened::Pss { hash, .. } => Algorithm::RsaPss(*hash),
        Opened::Noise => return Verified::Bad(Bad::Noise),
        Opened::WrongLength { expected, found } => {
            return Verified::Bad(Bad::Length { expected: *expected, found: *found });
        }
        Opened::OutOfRange => return Verified::Bad(Bad::OutOfRange),
    };
    if really == algorithm && opened.is_of(content, hash) {
        return Verified::Good;
    }
    let made = really.hash().unwrap_or(hash);
    match opened.is_of(content, made) {
        true => Verified::Bad(Bad::OtherWay { really }),
        false => Verified::Bad(Bad::OtherContent { hash: made }),
    }
}

fn ecdsa(curve: Curve, point: &[u8], hash: Hash, content: &[u8], signature: &[u8]) -> Verified {
    let Ok((rest, value)) = EcdsaSigValue::from_der(signature) else { return Verified::Bad(Bad::Malformed) };
    if !rest.is_empty() {
        return Verified::Bad(Bad::Malformed);
    }
    if by_provider(curve, hash).is_some_and(|verify| verify.verify(point, content, signature).is_ok()) {
        return Verified::Good;
    }
    match curve.verify(point, &hash.of(&[content]), value.r.as_ref(), value.s.as_ref()) {
        Some(Ecdsa::Good) => Verified::Good,
        Some(Ecdsa::Fails) => Verified::Bad(Bad::Fails),
        Some(Ecdsa::OutOfRange) => Verified::Bad(Bad::OutOfRange),
        None => Verified::CannotTell,
    }
}

/// The provider's verification, which is the faster one, where it has that pair. It says no more
/// than yes or no.
fn by_provider(curve: Curve, hash: Hash) -> Option<&'static dyn Verify> {
    let kind = match curve {
        Curve::P256 => handclasp_crypto::KeyKind::P256,
        Curve::P384 => handclasp_crypto::KeyKind::P384,
        Curve::P521 => handclasp_crypto::KeyKind::P521,
        Curve::Secp256k1 | Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::Other { .. } => {
            return None;
        }
    };
    let named = |verify: &&dyn Verify| Algorithm::of_scheme(verify.scheme()) == Some(Algorithm::Ecdsa(hash));
    provider::VERIFY.iter().copied().filter(|verify| verify.key() == kind).find(named)
}

fn ed25519(public: &[u8], content: &[u8], signature: &[u8]) -> Verified {
    match provider::ED25519.verify(public, content, signature) {
        Ok(()) => Verified::Good,
        Err(_) if signature.len() != 64 => Verified::Bad(Bad::Malformed),
        Err(_) => Verified::Bad(Bad::Fails),
    }
}

/// What bad signatures are, in words.
impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherContent { hash } => write!(
                f,
                "decrypted with the key, its padding is intact and contains a {} digest, but of something \
                 else: this key signed, but not these bytes",
                hash.name()
            ),
            Self::OtherWay { really } => {
                write!(f, "this key signed these bytes, but with {}", really.describe())
            }
            Self::Noise => write!(
                f,
                "decrypted with the key it contains no valid padding: it was made with another private key, \
                 or was damaged"
            ),
            Self::Length { expected, found } => {
                write!(f, "it has {found} bytes where a signature of this key has {expected}")
            }
            Self::Malformed => write!(f, "it is not encoded as such a signature"),
            Self::OutOfRange => write!(f, "its integers are too large for the key"),
            Self::Fails => write!(f, "it is well formed but does not verify"),
        }
    }
}
