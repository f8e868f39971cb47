//! Files of pre-shared keys: a line for each, `IDENTITY:KEY`, as PSKsecrets of stunnel, `psk_file` of mosquitto and
//! psktool of GnuTLS have them.
//!
//! A line that is empty, or that begins with `#`, is a comment. psktool writes an identity that has a colon as `#` and
//! hexadecimal digits; nothing else that begins so is taken for an identity: a key that was commented out must not come
//! back under another name.

use std::{collections::HashMap, path::Path};

use handclasp::{Psk, PskError, PskUse, TextError};
use handclasp_codec::Printable;
use handclasp_identity::private_file;
use zeroize::Zeroizing;

use crate::{args::PskEncoding, exit::Failure};

/// The longest file: some 100000 keys of 32 bytes.
const FILE_MAX: usize = 16 << 20;

/// Mistakes that are listed; the others are counted.
const LISTED_MAX: usize = 10;

/// What a file of keys is read for.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub encoding: PskEncoding,
    pub usage: PskUse,
    pub allows_weak: bool,
}

/// The content of a file, from its first byte that means something.
pub struct PskFile<'p> {
    path: &'p Path,
    text: Zeroizing<String>,
}

/// A line with a key. It has no `Debug`, since it holds the key.
struct Line<'t> {
    number: usize,
    identity: Vec<u8>,
    key: &'t str,
    /// Characters before the key.
    offset: usize,
}

/// What is wrong with a line.
type Mistake = (usize, String);

impl<'p> PskFile<'p> {
    /// Reads the file, which other users must not be able to read.
    pub fn read(path: &'p Path) -> Result<Self, Failure> {
        let mut bytes = private_file::read_secret(path, FILE_MAX)
            .map_err(|error| Failure::usage(format!("--psk-file: {error}")))?;
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Self { path, text: Zeroizing::new(text) }),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let bytes = Zeroizing::new(error.into_bytes());
                let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
                Err(Failure::usage(format!(
                    "--psk-file: {}: line {line}: expected UTF-8 text, found an invalid byte at offset {offset}",
                    path.display()
                )))
            }
        }
    }

    /// All keys, in the order of the file.
    ///
    /// # Errors
    /// Every line that is wrong, by number; an identity that occurs twice; a file without a key.
    pub fn keys(&self, reading: Reading) -> Result<Vec<Psk>, Failure> {
        let (mut keys, mut mistakes) = (Vec::new(), Vec::new());
        let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
        for line in self.lines() {
            match line.and_then(|line| Ok((line.number, line.load(reading)?))) {
                Ok((number, key)) => {
                    if let Some(first) = seen.insert(key.identity().to_vec(), number) {
                        let name = String::from_utf8_lossy(key.identity()).into_owned();
                        mistakes.push((
                            number,
                            format!("the identity {} has a key in line {first} already", Printable(&name)),
                        ));
                    }
                    keys.push(key);
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        match mistakes.is_empty() {
            true if keys.is_empty() => Err(Failure::usage(format!(
                "--psk-file: {}: expected a line IDENTITY:KEY for each key, found none",
                self.path.display()
            ))),
            true => Ok(keys),
            false => Err(self.refused(&mistakes)),
        }
    }

    /// The key of that identity; without one the first of the file, as stunnel's clients choose. The whole file must be
    /// right.
    pub fn key(&self, identity: Option<&str>, reading: Reading) -> Result<Psk, Failure> {
        let mut keys = self.keys(reading)?.into_iter();
        let Some(identity) = identity else {
            return keys.next().ok_or_else(|| Failure::usage("--psk-file: expected a key"));
        };
        keys.find(|key| key.identity() == identity.as_bytes()).ok_or_else(|| {
            Failure::usage(format!(
                "--psk-id: {} has no key for the identity {}",
                self.path.display(),
                Printable(identity)
            ))
        })
    }

    /// That key as it stands in the file.
    pub fn typed(&self, identity: Option<&str>) -> Option<Zeroizing<String>> {
        let mut lines = self.lines().flatten();
        let is_it = |line: &Line<'_>| identity.is_none_or(|identity| line.identity == identity.as_bytes());
        lines.find(is_it).map(|line| Zeroizing::new(line.key.to_owned()))
    }

    fn lines(&self) -> impl Iterator<Item = Result<Line<'_>, Mistake>> {
        // Editors of Windows put a byte order mark in front.
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(&self.text);
        text.lines().enumerate().filter_map(|(index, line)| {
            let number = index.saturating_add(1);
            let parsed = parsed(number, line);
            parsed.map_err(|mistake| (number, mistake)).transpose()
        })
    }

    fn refused(&self, mistakes: &[Mistake]) -> Failure {
        let path = self.path.display();
        let mut listed: Vec<String> = mistakes
            .iter()
            .take(LISTED_MAX)
            .map(|(line, what)| format!("--psk-file: {path}: line {line}: {what}"))
            .collect();
        if let Some(more @ 1..) = mistakes.len().checked_sub(LISTED_MAX) {
            listed.push(format!("--psk-file: {path}: {more} more lines are wrong"));
        }
        Failure::usage(listed.join("\n"))
    }
}

/// The identity and the key of a line; `None` for a comment. No part of a line is quoted before its colon was found: it
/// may be a key without an identity.
fn parsed(number: usize, line: &str) -> Result<Option<Line<'_>>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let parts = line.split_once(':');
    if let Some(comment) = line.strip_prefix('#') {
        let digits = comment.split_once(':').map(|(digits, _)| digits);
        let Some((bytes, (name, key))) = digits.and_then(hexadecimal).zip(parts) else { return Ok(None) };
        // An identity that psktool could not have written otherwise.
        if std::str::from_utf8(&bytes).is_ok_and(|text| text.contains(':')) {
            let offset = name.chars().count().saturating_add(1);
            return Ok(Some(Line { number, identity: bytes, key, offset }));
        }
        return Err(
            "this may be a comment, or an identity in hexadecimal: for a comment put a space behind #"
                .to_owned(),
        );
    }
    let Some((identity, key)) = parts else {
        return Err("expected IDENTITY:KEY, found no colon; a comment begins with #".to_owned());
    };
    let shown = Printable(identity);
    if identity.is_empty() {
        return Err("expected an identity before the colon, found nothing".to_owned());
    }
    if identity.trim() != identity {
        return Err(format!(
            "the identity \"{shown}\" begins or ends with a space: write IDENTITY:KEY without spaces"
        ));
    }
    if identity.chars().any(char::is_control) {
        return Err(format!("the identity \"{shown}\" has a control character"));
    }
    if key.trim() != key {
        return Err(format!(
            "the key of {shown} begins or ends with a space: write IDENTITY:KEY without spaces"
        ));
    }
    let offset = identity.chars().count().saturating_add(1);
    Ok(Some(Line { number, identity: identity.into(), key, offset }))
}

impl Line<'_> {
    fn load(&self, reading: Reading) -> Result<Psk, Mistake> {
        let identity = &self.identity[..];
        let psk = match reading.encoding {
            PskEncoding::Hex => Psk::from_hex(identity, reading.usage, self.key),
            PskEncoding::Ascii => Psk::from_ascii(identity, reading.usage, self.key),
            PskEncoding::Base64 => Psk::from_base64(identity, reading.usage, self.key),
        };
        let psk = if reading.allows_weak { psk.or_else(PskError::allow_weak) } else { psk };
        psk.map_err(|error| (self.number, self.refused(&error, reading.encoding)))
    }

    /// What is wrong, without a character of the key.
    fn refused(&self, error: &PskError, encoding: PskEncoding) -> String {
        let name = String::from_utf8_lossy(&self.identity).into_owned();
        let name = Printable(&name);
        let wanted = match encoding {
            PskEncoding::Hex => "hexadecimal digits",
            PskEncoding::Ascii => "printable ASCII",
            PskEncoding::Base64 => "base64",
        };
        match error {
            PskError::Text { error: TextError::Character { offset, .. }, .. } => {
                let column = self.offset.saturating_add(*offset).saturating_add(1);
                format!(
                    "the key of {name} is not {wanted}: another character in column {column}; --psk-encoding says how \
                     keys are written: hex, ascii or base64"
                )
            }
            PskError::Text { error, .. } => format!("the key of {name} is not {wanted}: {error}"),
            PskError::Weak(_) => {
                format!("the identity {name}: {error}\n  --allow-weak-psk accepts it anyway")
            }
            other => format!("the identity {name}: {other}"),
        }
    }
}

/// The bytes of these digits.
fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(text, 16).ok().filter(|_| is_hex)
    };
    if digits.is_empty() { None } else { pairs.map(byte).collect() }
}

#[cfg(test)]
mod tests;
