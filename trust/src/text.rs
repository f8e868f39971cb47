//! Hex and base64 (RFC 4648) as people type and paste them. An error names
//! its place: most mistakes with keys and pins are one character long.

use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

/// Why a text does not decode. Offsets count characters from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing was typed.
    Empty,
    /// A character that cannot stand there.
    Character {
        /// Its place.
        offset: usize,
        /// The character.
        found: char,
    },
    /// Two hex digits make a byte.
    OddHex {
        /// How many there are.
        digits: usize,
    },
    /// A number of base64 characters that no number of bytes encodes to.
    Base64Length {
        /// How many there are, `=` left out.
        characters: usize,
    },
    /// A number of `=` that does not fill the last four characters.
    Base64Padding,
    /// Characters of both alphabets: `+` or `/` with `-` or `_`.
    Base64Mixed,
    /// The last character carries bits that belong to no byte: something was cut off.
    Base64Trailing,
}

/// Decodes hex digits of either case. Between whole bytes one `:`, `-` or space may stand, and
/// `0x` in front: there is only one way to read those.
pub(crate) fn hex(text: &str) -> Result<Zeroizing<Vec<u8>>, TextError> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let skipped = text.len().saturating_sub(digits.len());
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().div_ceil(2)));
    let mut high: Option<u8> = None;
    // Whether a separator may stand here, and whether one stands before.
    let (mut may_separate, mut separated) = (false, None);

    for (index, found) in digits.chars().enumerate() {
        let offset = index.saturating_add(skipped);
        let digit = found.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (digit, high.take()) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(high)) => bytes.push(high << 4 | digit),
            (None, None) if may_separate && matches!(found, ':' | '-' | ' ') => {
                (may_separate, separated) = (false, Some((offset, found)));
                continue;
            }
            (None, _) => return Err(TextError::Character { offset, found }),
        }
        (may_separate, separated) = (high.is_none(), None);
    }
    match (high, separated) {
        (Some(_), _) => Err(TextError::OddHex { digits: bytes.len().saturating_mul(2).saturating_add(1) }),
        (None, Some((offset, found))) => Err(TextError::Character { offset, found }),
        (None, None) if bytes.is_empty() => Err(TextError::Empty),
        (None, None) => Ok(bytes),
    }
}

/// Decodes either alphabet of base64, with `=` at the end or without.
pub(crate) fn base64(text: &str) -> Result<Zeroizing<Vec<u8>>, TextError> {
    let body = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(body.len());
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    if let Some((offset, found)) = body.chars().enumerate().find(|(_, c)| !legal(c)) {
        return Err(TextError::Character { offset, found });
    }
    let (standard, url) = (body.contains(['+', '/']), body.contains(['-', '_']));
    let missing = match body.len() % 4 {
        0 => 0,
        1 => return Err(TextError::Base64Length { characters: body.len() }),
        2 => 2,
        _ => 1,
    };
    if body.is_empty() {
        return Err(TextError::Empty);
    }
    if standard && url {
        return Err(TextError::Base64Mixed);
    }
    if padding != 0 && padding != missing {
        return Err(TextError::Base64Padding);
    }
    let decoded = if url { Base64UrlUnpadded::decode_vec(body) } else { Base64Unpadded::decode_vec(body) };
    decoded.map(Zeroizing::new).map_err(|_| TextError::Base64Trailing)
}

/// Lower-case hex.
pub(crate) fn to_hex(bytes: &[u8]) -> Zeroizing<alloc::string::String> {
    // One digit is a u32 below 16, so the conversion never fails.
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = alloc::string::String::with_capacity(bytes.len().saturating_mul(2));
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    Zeroizing::new(text)
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty"),
            Self::Character { offset, found } => {
                write!(f, "character {found:?} at offset {offset} is not permitted")
            }
            Self::OddHex { digits } => {
                write!(f, "{digits} hex digits are not a whole number of bytes; is one missing?")
            }
            Self::Base64Length { characters } => {
                write!(f, "{characters} base64 characters are not a whole number of bytes; is one missing?")
            }
            Self::Base64Padding => write!(f, "the number of '=' at its end does not match its length"),
            Self::Base64Mixed => {
                write!(f, "it mixes the two alphabets of base64 ('+' or '/' with '-' or '_')")
            }
            Self::Base64Trailing => write!(f, "its last character has unused bits set; was it truncated?"),
        }
    }
}

impl core::error::Error for TextError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexed(text: &str) -> Result<Vec<u8>, TextError> {
        hex(text).map(|bytes| bytes.to_vec())
    }

    fn based(text: &str) -> Result<Vec<u8>, TextError> {
        base64(text).map(|bytes| bytes.to_vec())
    }

    #[test]
    fn hex_as_typed() {
        let expected = Ok(alloc::vec![0xab, 0xc1, 0x23]);
        for text in ["abc123", "ABC123", "0xabc123", "ab:c1:23", "AB C1 23", "ab-c1-23", "0xab:c123"] {
            assert_eq!(hexed(text), expected, "{text}");
        }
        assert_eq!(hexed("00"), Ok(alloc::vec![0]));
    }

    #[test]
    fn hex_mistakes_have_a_place() {
        assert_eq!(hexed(""), Err(TextError::Empty));
        assert_eq!(hexed("0x"), Err(TextError::Empty));
        assert_eq!(hexed("abc12"), Err(TextError::OddHex { digits: 5 }));
        assert_eq!(hexed("abcg12"), Err(TextError::Character { offset: 3, found: 'g' }));
        assert_eq!(hexed("0xzz"), Err(TextError::Character { offset: 2, found: 'z' }));
        // An O for a zero, a separator inside a byte, doubled, in front, at the end, a line end.
        assert_eq!(hexed("1O"), Err(TextError::Character { offset: 1, found: 'O' }));
        assert_eq!(hexed("a:bc"), Err(TextError::Character { offset: 1, found: ':' }));
        assert_eq!(hexed("ab::cd"), Err(TextError::Character { offset: 3, found: ':' }));
        assert_eq!(hexed(":ab"), Err(TextError::Character { offset: 0, found: ':' }));
        assert_eq!(hexed("ab:"), Err(TextError::Character { offset: 2, found: ':' }));
        assert_eq!(hexed("ab\n"), Err(TextError::Character { offset: 2, found: '\n' }));
    }

    #[test]
    fn base64_as_typed() {
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(based(text), Ok(alloc::vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(based("AAAA"), Ok(alloc::vec![0, 0, 0]));
    }

    #[test]
    fn base64_mistakes() {
        assert_eq!(based(""), Err(TextError::Empty));
        assert_eq!(based("="), Err(TextError::Empty));
        assert_eq!(based("AB CD"), Err(TextError::Character { offset: 2, found: ' ' }));
        assert_eq!(based("AB=CD"), Err(TextError::Character { offset: 2, found: '=' }));
        assert_eq!(based("ABCDE"), Err(TextError::Base64Length { characters: 5 }));
        assert_eq!(based("AAA=="), Err(TextError::Base64Padding));
        assert_eq!(based("+-AA"), Err(TextError::Base64Mixed));
        assert_eq!(based("AB=="), Err(TextError::Base64Trailing));
    }

    #[test]
    fn hex_back() {
        assert_eq!(to_hex(&[0, 0xaf, 0x10]).as_str(), "00af10");
    }
}
