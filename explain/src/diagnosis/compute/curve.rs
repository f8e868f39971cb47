//! Curves over prime fields: whether bytes are a point, and whether an ECDSA signature verifies
//! over any digest (SEC 1 §2.3.4, §4.1.4). The arithmetic is RustCrypto's; nothing here is secret.

use ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use handclasp_codec::NamedGroup;

/// A curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
    BrainpoolP256r1,
    BrainpoolP384r1,
    /// One with which nothing can be computed here: only its size is known.
    Other {
        /// As the registries call it.
        name: &'static str,
        /// Bits of its field.
        bits: usize,
    },
}

/// What is said about bytes that ought to be a public key of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// It is one.
    Valid,
    /// Another number of bytes than the group has.
    WrongLength {
        /// What it has.
        expected: usize,
        /// What is there.
        found: usize,
    },
    /// No form of a point that TLS knows (RFC 8422 §5.4.1).
    WrongForm {
        /// The first byte.
        first: u8,
    },
    /// The coordinates do not satisfy the equation of the curve.
    NotOnCurve,
    /// A point of small order: every secret with it is zero (RFC 7748 §6).
    SmallOrder,
    /// A group that is not computed here.
    Unknown,
}

macro_rules! curves {
    ($($curve:ident => $type:ty, $bytes:literal;)+) => {
        impl Curve {
            /// Bytes of a coordinate and of a scalar; both are of one size on all these curves.
            pub fn field_bytes(self) -> usize {
                match self {
                    $(Self::$curve => $bytes,)+
                    Self::Other { bits, .. } => bits.div_ceil(8),
                }
            }

            fn decodes(self, point: &[u8]) -> Option<bool> {
                match self {
                    $(Self::$curve => Some(VerifyingKey::<$type>::from_sec1_bytes(point).is_ok()),)+
                    Self::Other { .. } => None,
                }
            }

            /// Whether (r, s) verifies over a digest under a point; `None` where it cannot be
            /// computed.
            pub fn verify(self, point: &[u8], digest: &[u8], r: &[u8], s: &[u8]) -> Option<Ecdsa> {
                match self {
                    $(Self::$curve => {
                        let key = VerifyingKey::<$type>::from_sec1_bytes(point).ok()?;
                        let (r, s) = (padded::<$bytes>(r), padded::<$bytes>(s));
                        let signature = r.zip(s).and_then(|(r, s)| Signature::from_scalars(r, s).ok());
                        let Some(signature) = signature else { return Some(Ecdsa::OutOfRange) };
                        // s and its negative both verify (SEC 1 §4.1.4); of secp256k1 the library
                        // takes the lower one only.
                        let verified = key.verify_prehash(digest, &signature.normalize_s()).is_ok();
                        Some(if verified { Ecdsa::Good } else { Ecdsa::Fails })
                    })+
                    Self::Other { .. } => None,
                }
            }
        }
    };
}

curves! {
    P256 => p256::NistP256, 32;
    P384 => p384::NistP384, 48;
    P521 => p521::NistP521, 66;
    Secp256k1 => k256::Secp256k1, 32;
    BrainpoolP256r1 => bp256::BrainpoolP256r1, 32;
    BrainpoolP384r1 => bp384::BrainpoolP384r1, 48;
}

/// How an ECDSA signature does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ecdsa {
    Good,
    Fails,
    /// r or s is zero or not below the order.
    OutOfRange,
}

/// A number with zeros in front up to `N` bytes, if it fits.
fn padded<const N: usize>(number: &[u8]) -> Option<[u8; N]> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let significant = number.get(zeros..)?;
    let mut out = [0; N];
    out.get_mut(N.checked_sub(significant.len())?..)?.copy_from_slice(significant);
    Some(out)
}

impl Curve {
    /// By the content of its object identifier (RFC 5480 §2.1.1.1, RFC 5639).
    pub fn from_identifier(identifier: &[u8]) -> Option<Self> {
        const BRAINPOOL: &[u8] = b"\x2b\x24\x03\x03\x02\x08\x01\x01";
        let other = |name, bits| Some(Self::Other { name, bits });
        match identifier {
            b"\x2a\x86\x48\xce\x3d\x03\x01\x07" => Some(Self::P256),
            b"\x2b\x81\x04\x00\x22" => Some(Self::P384),
            b"\x2b\x81\x04\x00\x23" => Some(Self::P521),
            b"\x2b\x81\x04\x00\x0a" => Some(Self::Secp256k1),
            b"\x2b\x81\x04\x00\x21" => other("secp224r1", 224),
            b"\x2b\x81\x04\x00\x20" => other("secp224k1", 224),
            b"\x2a\x86\x48\xce\x3d\x03\x01\x01" => other("secp192r1", 192),
            b"\x2b\x81\x04\x00\x1f" => other("secp192k1", 192),
            b"\x2b\x81\x04\x00\x08" => other("secp160r1", 160),
            _ => match identifier.strip_prefix(BRAINPOOL)? {
                [7] => Some(Self::BrainpoolP256r1),
                [11] => Some(Self::BrainpoolP384r1),
                [13] => other("brainpoolP512r1", 512),
                _ => None,
            },
        }
    }

    /// By its number in TLS.
    pub fn from_group(group: NamedGroup) -> Option<Self> {
        let other = |name, bits| Some(Self::Other { name, bits });
        match group {
            NamedGroup::secp256r1 => Some(Self::P256),
            NamedGroup::secp384r1 => Some(Self::P384),
            NamedGroup::secp521r1 => Some(Self::P521),
            NamedGroup::secp256k1 => Some(Self::Secp256k1),
            NamedGroup::brainpoolP256r1 | NamedGroup::brainpoolP256r1tls13 => Some(Self::BrainpoolP256r1),
            NamedGroup::brainpoolP384r1 | NamedGroup::brainpoolP384r1tls13 => Some(Self::BrainpoolP384r1),
            NamedGroup::brainpoolP512r1 | NamedGroup::brainpoolP512r1tls13 => other("brainpoolP512r1", 512),
            NamedGroup::secp224r1 => other("secp224r1", 224),
            NamedGroup::secp192r1 => other("secp192r1", 192),
            _ => None,
        }
    }

    /// Bits of its field.
    pub fn bits(self) -> usize {
        match self {
            Self::P521 => 521,
            Self::Other { bits, .. } => bits,
            Self::P256 | Self::P384 | Self::Secp256k1 | Self::BrainpoolP256r1 | Self::BrainpoolP384r1 => {
                self.field_bytes() * 8
            }
        }
    }

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::Other { name, .. } => name,
        }
    }

    /// Whether these bytes are a point of it. Compressed ones count: before TLS 1.3 the two ends may
    /// agree on that form (RFC 4492 §5.1.2).
    pub fn point(self, bytes: &[u8]) -> Point {
        let field = self.field_bytes();
        let expected = match bytes.first() {
            Some(2 | 3) => 1 + field,
            Some(4) | None => 1 + 2 * field,
            Some(&first) if bytes.len() == 1 || bytes.len() == 1 + 2 * field => {
                return Point::WrongForm { first };
            }
            Some(_) => 1 + 2 * field,
        };
        if bytes.len() != expected {
            return Point::WrongLength { expected, found: bytes.len() };
        }
        match self.decodes(bytes) {
            Some(true) => Point::Valid,
            Some(false) => Point::NotOnCurve,
            None => Point::Unknown,
        }
    }
}
