//! The ways in which programs interpret a typed key. Each was observed: OpenSSL takes hex and drops
//! leading zeros on some paths, editors add line ends, C programs include the NUL, .NET and Java pass
//! UTF-16, scripts encode a key that is already encoded.

use alloc::{string::String, vec::Vec};

use zeroize::Zeroizing;

use crate::text;

/// One interpretation of a typed key.
#[non_exhaustive]
pub struct KeyInterpretation {
    /// A phrase for people that completes "the key was read as".
    pub name: &'static str,
    /// The key under this interpretation.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// The readings that apply, the likely ones first, each result once.
pub(super) fn interpretations(typed: &str) -> Vec<KeyInterpretation> {
    let mut list = List(Vec::new());
    let text = typed.trim();
    list.add("text", Some(typed.as_bytes()));
    decoded(&mut list, text);

    list.add("text without surrounding white space", Some(text.as_bytes()));
    for (name, end) in [
        ("text with a trailing LF", "\n"),
        ("text with a trailing CR LF", "\r\n"),
        ("text with a trailing NUL", "\0"),
        ("text with a trailing CR", "\r"),
        ("text with a trailing space", " "),
    ] {
        list.add(name, Some(&Zeroizing::new([text.as_bytes(), end.as_bytes()].concat())));
    }
    utf16(&mut list, text);
    let upper = changed(text, |c| c.to_uppercase());
    list.add("text in upper case", Some(upper.as_bytes()));
    let lower = changed(text, |c| c.to_lowercase());
    list.add("text in lower case", Some(lower.as_bytes()));
    encoded_again(&mut list, text);
    cut(&mut list, "text cut at 16 bytes", "text cut at 32 bytes", text.as_bytes());
    nothing(&mut list, "zero bytes, as many as the text has (a key that was never loaded)", text.len());
    list.0
}

/// The text, each character replaced by others that together have at most [`CASE_MAX`] times its
/// bytes. Reserved at once: growing would leave copies that nobody wipes.
fn changed<C: IntoIterator<Item = char>>(text: &str, change: impl Fn(char) -> C) -> Zeroizing<String> {
    let mut changed = Zeroizing::new(String::with_capacity(text.len().saturating_mul(CASE_MAX)));
    changed.extend(text.chars().flat_map(change));
    changed
}

/// Hex, base64 and what follows from them.
fn decoded(list: &mut List, text: &str) {
    // Where several separators stand in a row, or others than `hex` takes: digits are digits.
    let digits = changed(text.trim_start_matches("0x"), |c| Some(c).filter(char::is_ascii_hexdigit));
    let only = text
        .trim_start_matches("0x")
        .chars()
        .all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | ' ' | '-' | ','));
    let hex = match text::hex(text) {
        Ok(bytes) => Some(("hex", bytes)),
        Err(_) if only => text::hex(&digits).ok().map(|bytes| ("hex without its separators", bytes)),
        Err(_) => None,
    };
    if let Some((name, bytes)) = &hex {
        list.add(name, Some(bytes));
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        list.add("hex as a number without leading zeros", bytes.get(zeros..));
        let reversed = Zeroizing::new(bytes.iter().rev().copied().collect::<Vec<u8>>());
        list.add("hex, its bytes in reverse order", Some(&reversed));
        let before_nul = bytes.split(|byte| *byte == 0).next();
        list.add("hex, cut before its first zero byte (a C string)", before_nul);
        cut(list, "hex cut at 16 bytes", "hex cut at 32 bytes", bytes);
        nothing(list, "zero bytes, as many as the hex has (a key that was never loaded)", bytes.len());
        // The key was text, encoded as hex by one end and once more by the other.
        let twice = core::str::from_utf8(bytes).ok().and_then(|inner| text::hex(inner).ok());
        list.add("hex, decoded twice", twice.as_deref().map(Vec::as_slice));
    }
    if only && digits.len() % 2 == 1 {
        // OpenSSL's BN_hex2bn and others put the missing digit in front.
        let even = Zeroizing::new(["0", &digits].concat());
        list.add("hex with a leading zero added", text::hex(&even).ok().as_deref().map(Vec::as_slice));
    }
    if let Ok(bytes) = text::base64(text) {
        let url = text.contains(['-', '_']);
        list.add(if url { "base64url" } else { "base64" }, Some(&bytes));
        let inner = core::str::from_utf8(&bytes).ok().and_then(|inner| text::hex(inner).ok());
        list.add("hex inside base64", inner.as_deref().map(Vec::as_slice));
    }
}

/// The beginnings that fixed buffers of 128 and 256 bits hold.
fn cut(list: &mut List, at16: &'static str, at32: &'static str, bytes: &[u8]) {
    for (name, length) in [(at16, 16), (at32, 32)] {
        list.add(name, bytes.get(..length));
    }
}

/// The key of a store that was wiped or never set.
fn nothing(list: &mut List, name: &'static str, length: usize) {
    list.add(name, Some(&alloc::vec![0; length]));
}

/// What Windows, Java and .NET call Unicode.
fn utf16(list: &mut List, text: &str) {
    // Two bytes at most for each byte of UTF-8, reserved at once.
    let encoded = |bytes: fn(u16) -> [u8; 2]| {
        let mut encoded = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(2)));
        encoded.extend(text.encode_utf16().flat_map(bytes));
        encoded
    };
    let (little, big) = (encoded(u16::to_le_bytes), encoded(u16::to_be_bytes));
    list.add("text in UTF-16, little endian", Some(&little));
    list.add("text in UTF-16, big endian", Some(&big));
}

/// The text of an encoding of what was typed, taken as the key.
fn encoded_again(list: &mut List, text: &str) {
    use base64ct::{Base64, Encoding as _};

    let hex = text::to_hex(text.as_bytes());
    list.add("the hex encoding of the text", Some(hex.as_bytes()));
    let upper = Zeroizing::new(hex.to_uppercase());
    list.add("the hex encoding of the text, in upper case", Some(upper.as_bytes()));
    let base64 = Zeroizing::new(Base64::encode_string(text.as_bytes()));
    list.add("the base64 encoding of the text", Some(base64.as_bytes()));
}

/// A character grows to three times its bytes at most when its case changes (Unicode,
/// SpecialCasing.txt).
const CASE_MAX: usize = 3;

/// Readings, each result once.
struct List(Vec<KeyInterpretation>);

impl List {
    /// Adds a reading unless it is empty or there already under a likelier name.
    fn add(&mut self, name: &'static str, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return };
        if self.0.iter().all(|one| one.bytes.as_slice() != bytes) {
            self.0.push(KeyInterpretation { name, bytes: Zeroizing::new(Vec::from(bytes)) });
        }
    }
}

impl core::fmt::Debug for KeyInterpretation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeyInterpretation").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    fn find(typed: &str, name: &str) -> Option<Vec<u8>> {
        interpretations(typed).into_iter().find(|one| one.name == name).map(|one| one.bytes.to_vec())
    }

    #[test]
    fn hex_and_characters() {
        // `openssl s_server -psk abc123` against an app that takes the characters.
        let all = interpretations("abc123");
        assert_eq!(all[0].bytes.as_slice(), b"abc123");
        assert_eq!((all[1].name, all[1].bytes.as_slice()), ("hex", [0xab, 0xc1, 0x23].as_slice()));
        assert!(all.iter().any(|one| one.bytes.as_slice() == b"616263313233"));
        // And the other way round: the repaired server key, typed into the app.
        assert_eq!(find("616263313233", "hex").unwrap(), b"abc123");
    }

    #[test]
    fn each_interpretation() {
        for (typed, name, expected) in [
            ("ab:c1:23", "hex", vec![0xab, 0xc1, 0x23]),
            ("0xABC123", "hex", vec![0xab, 0xc1, 0x23]),
            ("ab, c1, 23", "hex without its separators", vec![0xab, 0xc1, 0x23]),
            ("0000abcd", "hex as a number without leading zeros", vec![0xab, 0xcd]),
            ("abc12", "hex with a leading zero added", vec![0x0a, 0xbc, 0x12]),
            ("363136323633", "hex, decoded twice", b"abc".to_vec()),
            ("Zm9vYmFy", "base64", b"foobar".to_vec()),
            ("-_8", "base64url", vec![0xfb, 0xff]),
            ("YWJjMTIz", "hex inside base64", vec![0xab, 0xc1, 0x23]),
            (" key ", "text without surrounding white space", b"key".to_vec()),
            ("key", "text with a trailing LF", b"key\n".to_vec()),
            ("key", "text with a trailing CR LF", b"key\r\n".to_vec()),
            ("key", "text with a trailing NUL", b"key\0".to_vec()),
            ("ab", "text in UTF-16, little endian", b"a\0b\0".to_vec()),
            ("ab", "text in UTF-16, big endian", b"\0a\0b".to_vec()),
            ("Key", "text in upper case", b"KEY".to_vec()),
            ("Key", "text in lower case", b"key".to_vec()),
            ("key", "the hex encoding of the text", b"6b6579".to_vec()),
            ("jkl", "the hex encoding of the text, in upper case", b"6A6B6C".to_vec()),
            ("key", "the base64 encoding of the text", b"a2V5".to_vec()),
        ] {
            assert_eq!(find(typed, name), Some(expected), "{typed}: {name}");
        }
    }

    #[test]
    fn a_change_of_case_fits_what_is_reserved() {
        for c in '\0'..=char::MAX {
            let bytes = |changed: &mut dyn Iterator<Item = char>| changed.map(char::len_utf8).sum::<usize>();
            let longest = bytes(&mut c.to_uppercase()).max(bytes(&mut c.to_lowercase()));
            assert!(longest <= CASE_MAX * c.len_utf8(), "{c:?}");
        }
    }

    #[test]
    fn each_result_once() {
        let all = interpretations("abc123");
        for (index, one) in all.iter().enumerate() {
            assert!(all[index + 1..].iter().all(|other| other.bytes != one.bytes), "{}", one.name);
        }
        // A capital letter in place: upper case is what was typed.
        assert_eq!(find("KEY", "text in upper case"), None);
        assert!(interpretations("").iter().all(|one| !one.bytes.is_empty()));
        assert!(!format!("{:?}", all[1]).contains("ab"), "no key in Debug");
    }

    #[test]
    fn what_devices_make_of_a_key() {
        let found = interpretations("0102030405060708090a0b0c0d0e0f001112");
        let has = |bytes: &[u8]| found.iter().any(|one| one.bytes.as_slice() == bytes);
        assert!(has(&[0; 18]), "a key that was never loaded");
        assert!(has(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), "cut before its NUL");
        assert!(has(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0]), "cut at 16 bytes");
        assert!(has(&[18, 17, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), "reversed");
        assert!(has(b"0102030405060708090a0b0c0d0e0f001112 "));
    }
}
