//! Pre-shared keys (RFC 4279, RFC 8446 §4.2.11, RFC 9257).
//!
//! The same line of text means different bytes to different programs (`openssl -psk` takes hex,
//! others take what is typed), and a wrong key looks like any other failure. A key is therefore
//! never made from text without saying how the text encodes it, and every key has a check value
//! that both ends can compare.

mod interpretations;

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Hash;
use zeroize::Zeroizing;

use crate::text::{self, TextError};
pub use interpretations::KeyInterpretation;

/// A pre-shared key with its identity and its one use. Wiped when dropped; neither cloned nor
/// printed.
pub struct Psk {
    identity: Vec<u8>,
    secret: Zeroizing<Vec<u8>>,
    usage: PskUse,
    context: Vec<u8>,
}

/// What a key is used for. It should be one protocol: with two, what one gives away may break the
/// other (RFC 8446 §E.7, RFC 9257 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskUse {
    /// TLS 1.2 (RFC 4279, RFC 5489).
    Tls12,
    /// TLS 1.3 with suites of SHA-256; also where nothing is said about the hash.
    Tls13Sha256,
    /// TLS 1.3 with suites of SHA-384.
    Tls13Sha384,
    /// TLS 1.3 with suites of any hash, by keys that are derived from this one (RFC 9258). The
    /// key itself belongs to SHA-256.
    Imported,
    /// TLS 1.2, and TLS 1.3 with suites of SHA-256, with the same bytes. RFC 9257 §4.1 advises
    /// against it; some peers do it all the same.
    BothVersions,
}

impl PskUse {
    /// Whether such a key serves in this version.
    pub fn serves(self, version: ProtocolVersion) -> bool {
        match self {
            Self::Tls12 => version == ProtocolVersion::TLS_1_2,
            Self::Tls13Sha256 | Self::Tls13Sha384 | Self::Imported => version == ProtocolVersion::TLS_1_3,
            Self::BothVersions => [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3].contains(&version),
        }
    }
}

/// How a text encodes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Hex digits.
    Hex,
    /// The characters themselves.
    Ascii,
    /// Base64 of either alphabet.
    Base64,
}

/// Why there is no key. [`PskError::allow_weak`] makes an exception for short ones.
#[non_exhaustive]
pub enum PskError {
    /// The text is not in the encoding that was named.
    Text {
        /// The encoding.
        encoding: Encoding,
        /// What is wrong, and where.
        error: TextError,
    },
    /// Sound, but shorter than [`Psk::STRONG`].
    Weak(WeakPsk),
    /// No bytes at all, or more than the 65535 that TLS can carry.
    Length {
        /// Bytes found.
        found: usize,
    },
    /// An identity of more than 65535 bytes, or an empty one for TLS 1.3.
    Identity {
        /// Bytes found.
        found: usize,
    },
}

/// A key refused because it is short.
pub struct WeakPsk(Psk);

impl Psk {
    /// Bytes that a key must have unless weak ones are allowed: 128 bits (RFC 9257 §6).
    pub const STRONG: usize = 16;

    /// From hex digits; `:`, `-` or a space may stand between bytes, `0x` in front. This is what
    /// `openssl -psk` takes.
    ///
    /// # Errors
    /// Not hex, with the place of the mistake; or too short, see [`PskError::allow_weak`].
    pub fn from_hex(identity: impl Into<Vec<u8>>, usage: PskUse, hex: &str) -> Result<Self, PskError> {
        let secret = text::hex(hex).map_err(|error| PskError::Text { encoding: Encoding::Hex, error })?;
        Self::new(identity.into(), usage, secret)
    }

    /// From the characters of a text, one byte each. Only printable ASCII: of other characters
    /// (umlauts, a line end from a file) nobody can tell which bytes the other end holds.
    ///
    /// # Errors
    /// Another character, with its place; or too short, see [`PskError::allow_weak`].
    pub fn from_ascii(identity: impl Into<Vec<u8>>, usage: PskUse, ascii: &str) -> Result<Self, PskError> {
        let refused = ascii.chars().enumerate().find(|(_, c)| !matches!(c, ' '..='~'));
        let error = match refused {
            Some((offset, found)) => TextError::Character { offset, found },
            None if ascii.is_empty() => TextError::Empty,
            None => return Self::new(identity.into(), usage, Zeroizing::new(Vec::from(ascii))),
        };
        Err(PskError::Text { encoding: Encoding::Ascii, error })
    }

    /// From base64 of either alphabet, with `=` at the end or without.
    ///
    /// # Errors
    /// Not base64, with the place of the mistake; or too short, see [`PskError::allow_weak`].
    pub fn from_base64(identity: impl Into<Vec<u8>>, usage: PskUse, base64: &str) -> Result<Self, PskError> {
        let secret =
            text::base64(base64).map_err(|error| PskError::Text { encoding: Encoding::Base64, error })?;
        Self::new(identity.into(), usage, secret)
    }

    /// From the bytes of the key. The caller's copy is the caller's to wipe.
    ///
    /// # Errors
    /// No bytes or too many; or too short, see [`PskError::allow_weak`].
    pub fn from_bytes(identity: impl Into<Vec<u8>>, usage: PskUse, bytes: &[u8]) -> Result<Self, PskError> {
        Self::new(identity.into(), usage, Zeroizing::new(Vec::from(bytes)))
    }

    /// The lengths are those of psk_identity and psk in RFC 4279 §2 and PskIdentity in RFC 8446
    /// §4.2.11, where an identity has at least one byte.
    fn new(identity: Vec<u8>, usage: PskUse, secret: Zeroizing<Vec<u8>>) -> Result<Self, PskError> {
        let limit = usize::from(u16::MAX);
        let shortest = match usage {
            PskUse::Tls12 => 0,
            PskUse::Tls13Sha256 | PskUse::Tls13Sha384 | PskUse::Imported | PskUse::BothVersions => 1,
        };
        if secret.is_empty() || secret.len() > limit {
            return Err(PskError::Length { found: secret.len() });
        }
        if identity.len() < shortest || identity.len() > limit {
            return Err(PskError::Identity { found: identity.len() });
        }
        let psk = Self { identity, secret, usage, context: Vec::new() };
        if psk.secret.len() < Self::STRONG { Err(PskError::Weak(WeakPsk(psk))) } else { Ok(psk) }
    }

    /// What names the key on the wire; not a secret.
    pub fn identity(&self) -> &[u8] {
        &self.identity
    }

    /// The key.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// What else both ends know of an imported key, the same on both: such as who is client and
    /// who is server, so that neither can be made to talk to itself (RFC 9258 §3, Selfie).
    #[must_use]
    pub fn with_context(mut self, context: impl Into<Vec<u8>>) -> Self {
        self.context = context.into();
        self
    }

    /// The context of an imported key; no part of any other.
    pub fn context(&self) -> &[u8] {
        &self.context
    }

    /// Its one use.
    pub fn usage(&self) -> PskUse {
        self.usage
    }

    /// As [`Psk::check_value`], with the SHA-256 of the caller's provider.
    pub fn check_value_with(&self, sha256: &dyn Hash) -> String {
        Self::check_value_of_with(&self.secret, sha256)
    }

    /// As [`Psk::check_value_of`], with the SHA-256 of the caller's provider.
    pub fn check_value_of_with(secret: &[u8], sha256: &dyn Hash) -> String {
        // The label makes it differ from plain SHA-256 of the key, which other tools may print.
        let digest = sha256.hash(&[b"handclasp psk check value\0", secret]);
        String::from(text::to_hex(digest.get(..4).unwrap_or_default()).as_str())
    }

    /// The ways in which programs are known to interpret a typed key, the likely ones first. For
    /// finding out which one the peer used.
    pub fn interpretations(typed: &str) -> Vec<KeyInterpretation> {
        interpretations::interpretations(typed)
    }
}

impl PskError {
    /// Accepts a key that is merely short: `Psk::from_hex(…).or_else(PskError::allow_weak)`.
    /// Such a key can be guessed from one recorded handshake.
    ///
    /// # Errors
    /// The error itself, where it is another one.
    pub fn allow_weak(self) -> Result<Psk, Self> {
        match self {
            Self::Weak(WeakPsk(psk)) => Ok(psk),
            other => Err(other),
        }
    }
}

impl fmt::Debug for Psk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Psk")
            .field("identity", &String::from_utf8_lossy(&self.identity))
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WeakPsk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for PskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { encoding: Encoding::Hex, error } => {
                write!(f, "the pre-shared key is not hex: {error}")
            }
            Self::Text { encoding: Encoding::Base64, error } => {
                write!(f, "the pre-shared key is not base64: {error}")
            }
            Self::Text { encoding: Encoding::Ascii, error: TextError::Empty } => {
                write!(f, "the pre-shared key is empty")
            }
            Self::Text { encoding: Encoding::Ascii, error } => write!(
                f,
                "the pre-shared key is not printable ASCII: {error}; pass such keys as hex or base64, so \
                 that both sides use the same bytes"
            ),
            Self::Weak(WeakPsk(psk)) => write!(
                f,
                "the pre-shared key has {} bytes; keys of fewer than {} can be guessed and are accepted \
                 only if weak keys are explicitly allowed",
                psk.secret.len(),
                Psk::STRONG
            ),
            Self::Length { found } => {
                write!(f, "the pre-shared key has {found} bytes; TLS permits 1 to 65535")
            }
            Self::Identity { found } => write!(
                f,
                "the identity of the pre-shared key has {found} bytes; TLS permits at most 65535, and TLS \
                 1.3 requires at least 1"
            ),
        }
    }
}

impl core::error::Error for PskError {}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec};

    use handclasp_provider_aws_lc::SHA256;

    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f";

    #[test]
    fn one_key_in_every_encoding() {
        let bytes: Vec<u8> = (0..16).collect();
        let hex = Psk::from_hex("id", PskUse::Tls12, HEX).unwrap();
        let base64 = Psk::from_base64("id", PskUse::Tls12, "AAECAwQFBgcICQoLDA0ODw==").unwrap();
        let raw = Psk::from_bytes("id", PskUse::Tls13Sha384, &bytes).unwrap();
        for psk in [&hex, &base64, &raw] {
            assert_eq!(psk.secret(), bytes);
            assert_eq!(psk.identity(), b"id");
            assert_eq!(psk.check_value_with(SHA256), hex.check_value_with(SHA256));
        }
        assert_eq!((hex.usage(), raw.usage()), (PskUse::Tls12, PskUse::Tls13Sha384));

        let ascii = Psk::from_ascii("id", PskUse::Tls13Sha256, HEX).unwrap();
        assert_eq!(ascii.secret(), HEX.as_bytes());
        assert_ne!(ascii.check_value_with(SHA256), hex.check_value_with(SHA256));
    }

    #[test]
    fn check_value_is_fixed() {
        // Both ends may run different versions: printf 'handclasp psk check value\0' and the
        // sixteen bytes, through sha256sum, first eight digits.
        let psk = Psk::from_hex("", PskUse::Tls12, HEX).unwrap();
        assert_eq!(psk.check_value_with(SHA256), "fc51a02b");
        assert_eq!(Psk::check_value_of_with(psk.secret(), SHA256), psk.check_value_with(SHA256));
    }

    #[test]
    fn short_ones_by_name_only() {
        let refused = Psk::from_hex("test", PskUse::Tls12, "abc123");
        assert!(matches!(refused, Err(PskError::Weak(_))));
        let psk = refused.or_else(PskError::allow_weak).unwrap();
        assert_eq!(psk.secret(), [0xab, 0xc1, 0x23]);
        // Other mistakes stay mistakes.
        assert!(Psk::from_hex("test", PskUse::Tls12, "abc12").or_else(PskError::allow_weak).is_err());
        // The limit itself.
        assert!(Psk::from_bytes("i", PskUse::Tls12, &[7; 15]).is_err());
        assert!(Psk::from_bytes("i", PskUse::Tls12, &[7; 16]).is_ok());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told = |result: Result<Psk, PskError>| result.unwrap_err().to_string();
        assert!(told(Psk::from_hex("i", PskUse::Tls12, "abc12")).contains("5 hex digits"));
        assert!(told(Psk::from_hex("i", PskUse::Tls12, "abcdeg")).contains("'g' at offset 5"));
        assert!(told(Psk::from_ascii("i", PskUse::Tls12, "geheim\n")).contains("'\\n' at offset 6"));
        assert!(told(Psk::from_ascii("i", PskUse::Tls12, "Schlüssel")).contains("'ü' at offset 4"));
        assert!(told(Psk::from_ascii("i", PskUse::Tls12, "")).contains("empty"));
        assert!(told(Psk::from_base64("i", PskUse::Tls12, "AA*A")).contains("'*' at offset 2"));
        assert!(told(Psk::from_bytes("i", PskUse::Tls12, &[])).contains("0 bytes"));
        assert!(told(Psk::from_bytes("i", PskUse::Tls12, &[0; 65536])).contains("65536 bytes"));
        assert!(told(Psk::from_bytes(vec![0; 65536], PskUse::Tls12, &[0; 16])).contains("identity"));
        assert!(told(Psk::from_bytes("", PskUse::Tls13Sha256, &[0; 16])).contains("identity"));
        assert!(Psk::from_bytes("", PskUse::Tls12, &[0; 16]).is_ok());
    }

    #[test]
    fn nothing_prints_the_key() {
        let strong = Psk::from_ascii("id", PskUse::Tls12, "correct horse battery").unwrap();
        let weak = Psk::from_ascii("id", PskUse::Tls12, "horse").unwrap_err();
        for text in [format!("{strong:?}"), format!("{weak:?}"), weak.to_string()] {
            assert!(!text.contains("horse"), "{text}");
        }
        assert!(format!("{strong:?}").contains("id"));
    }
}
