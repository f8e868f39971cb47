//! Public keys of certificates, weak and odd ones too (RFC 5280 §4.1.2.7, RFC 5480, RFC 8017 §A.1,
//! RFC 8410). What TLS may use of them is no question of this file.

use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::curve::Curve;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// What it is.
    pub kind: KeyKind,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa {
        /// Big-endian, without zeros in front.
        modulus: Vec<u8>,
        exponent: Vec<u8>,
        /// id-RSASSA-PSS: for nothing else (RFC 4055 §1.2).
        pss_only: bool,
    },
    Ec {
        curve: Curve,
        /// As it stands in the BIT STRING.
        point: Vec<u8>,
    },
    Ed25519(Vec<u8>),
    Ed448,
    Dsa,
    /// Anything else.
    Other,
}

/// The algorithms that a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    Ec,
    Edwards,
    Dsa,
}

impl Key {
    /// Reads a SubjectPublicKeyInfo.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        SubjectPublicKeyInfo::from_der(der).ok().map(|(_, spki)| Self::of(&spki))
    }

    /// The same, already read.
    pub fn of(spki: &SubjectPublicKeyInfo<'_>) -> Self {
        Self { spki: spki.raw.to_vec(), kind: kind(spki).unwrap_or(KeyKind::Other) }
    }

    /// Bits, as people speak of a key's size; 0 where nothing is known.
    pub fn bits(&self) -> usize {
        match &self.kind {
            KeyKind::Rsa { modulus, .. } => {
                let unused = modulus.first().map_or(0, |byte| byte.leading_zeros());
                modulus.len() * 8 - usize::try_from(unused).unwrap_or(0)
            }
            KeyKind::Ec { curve, .. } => curve.bits(),
            KeyKind::Ed25519(_) => 256,
            KeyKind::Ed448 => 448,
            KeyKind::Dsa | KeyKind::Other => 0,
        }
    }

    /// What signs with it; `None` for a kind that is not known.
    pub fn family(&self) -> Option<Family> {
        match &self.kind {
            KeyKind::Rsa { .. } => Some(Family::Rsa),
            KeyKind::Ec { .. } => Some(Family::Ec),
            KeyKind::Ed25519(_) | KeyKind::Ed448 => Some(Family::Edwards),
            KeyKind::Dsa => Some(Family::Dsa),
            KeyKind::Other => None,
        }
    }

    /// As evidence names it.
    pub fn describe(&self) -> String {
        match &self.kind {
            KeyKind::Rsa { pss_only: false, .. } => format!("RSA-{}", self.bits()),
            KeyKind::Rsa { pss_only: true, .. } => format!("RSA-{} for PSS only", self.bits()),
            KeyKind::Ec { curve, .. } => format!("EC {}", curve.name()),
            KeyKind::Ed25519(_) => "Ed25519".to_owned(),
            KeyKind::Ed448 => "Ed448".to_owned(),
            KeyKind::Dsa => "DSA".to_owned(),
            KeyKind::Other => "of an unknown type".to_owned(),
        }
    }

    /// Whether it is too small for what most peers ask today: RSA below 2048 bits, curves below
    /// 224 (NIST SP 800-131A).
    pub fn is_weak(&self) -> bool {
        match &self.kind {
            KeyKind::Rsa { .. } => self.bits() < 2048,
            KeyKind::Ec { .. } => self.bits() < 224,
            KeyKind::Ed25519(_) | KeyKind::Ed448 | KeyKind::Dsa | KeyKind::Other => false,
        }
    }
}

fn kind(spki: &SubjectPublicKeyInfo<'_>) -> Option<KeyKind> {
    let bits = spki.subject_public_key.data.as_ref();
    let kind = match spki.algorithm.algorithm.as_bytes() {
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => rsa(bits, false)?,
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" => rsa(bits, true)?,
        b"\x2a\x86\x48\xce\x3d\x02\x01" => {
            let named = spki.algorithm.parameters.as_ref()?.as_oid().ok()?;
            KeyKind::Ec { curve: Curve::from_identifier(named.as_bytes())?, point: bits.to_vec() }
        }
        b"\x2b\x65\x70" => KeyKind::Ed25519(bits.to_vec()),
        b"\x2b\x65\x71" => KeyKind::Ed448,
        b"\x2a\x86\x48\xce\x38\x04\x01" => KeyKind::Dsa,
        _ => KeyKind::Other,
    };
    Some(kind)
}

fn rsa(bits: &[u8], pss_only: bool) -> Option<KeyKind> {
    let (_, key) = RSAPublicKey::from_der(bits).ok()?;
    let number = |bytes: &[u8]| -> Vec<u8> { bytes.iter().copied().skip_while(|byte| *byte == 0).collect() };
    Some(KeyKind::Rsa { modulus: number(key.modulus), exponent: number(key.exponent), pss_only })
}
