//! Pins: SHA-256 of a SubjectPublicKeyInfo, written `sha256/BASE64` as RFC 7469 §2.4 hashes it
//! and curl, Android and OkHttp print it. A pin survives the renewal of a certificate.

use core::{fmt, str::FromStr};

use base64ct::{Base64, Encoding as _};
use handclasp_crypto::Hash;
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::text::{self, TextError};

/// SHA-256 of a SubjectPublicKeyInfo (DER).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin(pub [u8; 32]);

/// Why a text does not parse as a pin.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// The hash named before the slash is not SHA-256.
    Hash,
    /// Neither base64 nor hex.
    Text(TextError),
    /// The length is not 32 bytes.
    Length {
        /// Bytes found: 20 suggest SHA-1, 48 and 64 SHA-384 and SHA-512.
        found: usize,
    },
}

impl Pin {
    /// As [`Pin::of_spki`], with the SHA-256 of the caller's provider.
    pub fn of_spki_with(spki: &SubjectPublicKeyInfoDer<'_>, sha256: &dyn Hash) -> Self {
        Self::of(spki, sha256)
    }

    /// SHA-256 of these bytes.
    pub(crate) fn of(der: &[u8], sha256: &dyn Hash) -> Self {
        let digest = sha256.hash(&[der]);
        let mut pin = [0; 32];
        pin.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        Self(pin)
    }

    /// Parses `sha256/BASE64`, curl's `sha256//BASE64`, or base64 or hex alone (with colons, as OpenSSL
    /// and browsers print digests).
    ///
    /// # Errors
    /// A hash other than SHA-256, an invalid character, or a length other than 32 bytes.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        const OTHERS: [&str; 6] = ["sha1", "sha-1", "sha384", "sha-384", "sha512", "md5"];
        let text = text.trim();
        // Base64 contains slashes too, but not after the name of a hash.
        let (value, named) = match text.split_once(['/', ':']) {
            Some((name, value)) if ["sha256", "sha-256"].iter().any(|n| name.eq_ignore_ascii_case(n)) => {
                (value, true)
            }
            Some((name, _)) if OTHERS.iter().any(|n| name.eq_ignore_ascii_case(n)) => {
                return Err(PinError::Hash);
            }
            _ => (text, false),
        };
        // 43 characters and `=`: one more in front is the second slash of curl's spelling.
        let value = match value.strip_prefix('/') {
            Some(rest) if named && rest.trim_end_matches('=').len() >= 43 => rest,
            _ => value,
        };

        // 40 and more hex digits (SHA-1 and longer) would also be base64, of something nobody means.
        let hex_digits = value.chars().filter(|c| *c != ':').count();
        let hex = hex_digits >= 40 && value.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
        let bytes = if hex { text::hex(value) } else { text::base64(value) }.map_err(PinError::Text)?;
        <[u8; 32]>::try_from(bytes.as_slice()).map(Self).map_err(|_| PinError::Length { found: bytes.len() })
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        Self::parse(text)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 32 bytes always fit 44 characters.
        let mut buffer = [0; 44];
        write!(f, "sha256/{}", Base64::encode(&self.0, &mut buffer).unwrap_or_default())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash => write!(f, "a pin is SHA-256 of a public key: sha256/ and 44 characters of base64"),
            Self::Text(error) => {
                write!(f, "not a pin: {error}; expected sha256/ and 44 characters of base64")
            }
            Self::Length { found } => {
                write!(f, "not a pin: {found} bytes, SHA-256 has 32")?;
                match found {
                    20 => write!(f, "; 20 is the length of SHA-1"),
                    48 => write!(f, "; 48 is the length of SHA-384"),
                    64 => write!(f, "; 64 is the length of SHA-512"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl core::error::Error for PinError {}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    // SHA-256 of nothing.
    const TEXT: &str = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn round_trip() {
        let pin = Pin::of(b"", handclasp_provider_aws_lc::SHA256);
        assert_eq!(pin.to_string(), TEXT);
        assert_eq!(format!("{pin:?}"), TEXT);
        assert_eq!(TEXT.parse(), Ok(pin));
    }

    #[test]
    fn every_spelling() {
        let pin = Pin::parse(TEXT);
        assert!(pin.is_ok());
        let base64 = &TEXT[7..];
        let mut colons = alloc::string::String::new();
        for (index, digit) in HEX.to_ascii_uppercase().chars().enumerate() {
            colons.extend((index > 0 && index % 2 == 0).then_some(':'));
            colons.push(digit);
        }
        for text in [
            format!("sha256//{base64}"),
            format!("SHA256/{base64}"),
            format!("sha256:{HEX}"),
            format!("sha-256/{base64}"),
            format!(" {TEXT}\n"),
            base64.to_string(),
            base64.trim_end_matches('=').to_string(),
            base64.replace('+', "-").replace('/', "_"),
            HEX.to_string(),
            colons,
        ] {
            assert_eq!(Pin::parse(&text), pin, "{text}");
        }
    }

    #[test]
    fn base64_may_begin_with_a_slash() {
        let pin = Pin([0xff; 32]);
        assert!(pin.to_string().starts_with("sha256///"));
        // The length tells curl's second slash from a first character.
        assert_eq!(Pin::parse(&pin.to_string()), Ok(pin));
        assert_eq!(Pin::parse(&pin.to_string().replace("sha256/", "sha256//")), Ok(pin));
        assert_eq!(Pin::parse(&pin.to_string()[7..]), Ok(pin));
    }

    #[test]
    fn mistakes() {
        assert_eq!(Pin::parse(""), Err(PinError::Text(TextError::Empty)));
        assert_eq!(Pin::parse("sha256/"), Err(PinError::Text(TextError::Empty)));
        assert_eq!(Pin::parse("sha1/2jmj7l5rSw0yVb/vlWAYkK/YBwk="), Err(PinError::Hash));
        assert_eq!(Pin::parse("sha512/AAAA"), Err(PinError::Hash));
        assert_eq!(
            Pin::parse("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            Err(PinError::Length { found: 20 })
        );
        assert_eq!(Pin::parse(&TEXT[..40]), Err(PinError::Text(TextError::Base64Length { characters: 33 })));
        assert_eq!(Pin::parse(&format!("sha256/{}", "Z".repeat(64))), Err(PinError::Length { found: 48 }));
        assert_eq!(
            Pin::parse("sha256/47DEQpj8HBSa*"),
            Err(PinError::Text(TextError::Character { offset: 12, found: '*' }))
        );
        for error in [
            PinError::Hash,
            PinError::Text(TextError::Base64Mixed),
            PinError::Length { found: 20 },
            PinError::Length { found: 48 },
            PinError::Length { found: 64 },
            PinError::Length { found: 1 },
        ] {
            assert!(error.to_string().len() > 20);
        }
    }
}
