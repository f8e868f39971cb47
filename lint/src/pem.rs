//! PEM (RFC 7468) read tolerantly: every byte of the DER keeps the offset of its base64 character in the file.

use handclasp_identity::Found;
use zeroize::Zeroizing;

use crate::{Code, Finding, finding::Place};

/// One structure of a file.
pub(crate) struct Section {
    /// The PEM label; empty for a file in DER.
    pub(crate) label: String,
    pub(crate) der: Zeroizing<Vec<u8>>,
    /// Offset in the file of each base64 character; empty for a file in DER.
    characters: Vec<usize>,
    /// Which of the files it is in, from 0.
    pub(crate) file: usize,
    /// Offset of the first byte of the section in the file.
    pub(crate) start: usize,
    /// Whether the headers of OpenSSL's older encryption stand in it (RFC 1421 §4.6.1.1).
    pub(crate) is_legacy_encrypted: bool,
    pub(crate) findings: Vec<Finding>,
    /// What it is, where a PKCS#12 around it says so; its bytes are then not those of the file.
    pub(crate) inside: Option<Found>,
}

impl Section {
    /// A file in DER.
    pub(crate) fn of_der(bytes: &[u8]) -> Self {
        Self {
            label: String::new(),
            der: Zeroizing::new(bytes.to_vec()),
            characters: Vec::new(),
            file: 0,
            start: 0,
            is_legacy_encrypted: false,
            findings: Vec::new(),
            inside: None,
        }
    }

    /// The same, in the file of this number.
    pub(crate) fn of_file(mut self, number: usize) -> Self {
        self.file = number;
        self
    }

    /// Offset in the file of a byte of the DER.
    pub(crate) fn file_offset(&self, der: usize) -> usize {
        // Three bytes are four characters: byte n begins in character n · 8 / 6.
        let character = der.saturating_mul(4) / 3;
        if self.label.is_empty() && self.characters.is_empty() {
            return der;
        }
        let behind = self.characters.last().map_or(self.start, |last| last.saturating_add(1));
        self.characters.get(character).copied().unwrap_or(behind)
    }

    /// What is inside of this PKCS#12.
    pub(crate) fn inside(&self, kind: Found, der: Zeroizing<Vec<u8>>) -> Self {
        let outer = Self { file: self.file, start: self.start, ..Self::of_der(&[]) };
        Self { der, inside: Some(kind), ..outer }
    }

    /// A finding about the text.
    fn text(&mut self, code: Code, file: usize, expected: impl Into<String>, found: impl Into<String>) {
        let place = Place { der: None, file: Some(file) };
        self.findings.push(Finding { code, place, expected: expected.into(), found: found.into() });
    }

    /// Decodes base64 that begins at `start` of the file. Other characters than base64's and white space are
    /// left out.
    fn decode(&mut self, body: &[u8], start: usize) {
        let mut bits = 0u32;
        let mut filled = 0u32;
        let mut padding = 0usize;
        let mut reported = false;
        for (index, character) in body.iter().enumerate() {
            let at = start.saturating_add(index);
            match sextet(*character) {
                Some(value) => {
                    self.characters.push(at);
                    bits = (bits << 6) | value;
                    filled = filled.saturating_add(6);
                    if filled >= 8 {
                        filled = filled.saturating_sub(8);
                        // The eight bits above those that wait.
                        self.der.push(bits.checked_shr(filled).unwrap_or_default().to_le_bytes()[0]);
                    }
                }
                None if *character == b'=' => padding = padding.saturating_add(1),
                None if character.is_ascii_whitespace() => {}
                None if !reported => {
                    reported = true;
                    let found = match character {
                        0x21..=0x7e => format!("'{}'", char::from(*character)),
                        other => format!("byte {other:02x}"),
                    };
                    self.text(Code::PemCharacter, at, "base64 or a line end", found);
                }
                None => {}
            }
        }
        let characters = self.characters.len();
        if !characters.saturating_add(padding).is_multiple_of(4) {
            let found = format!("{characters} characters of base64 and {padding} of padding");
            self.text(Code::PemCut, start.saturating_add(body.len()), "a multiple of 4", found);
        }
        if characters == 0 {
            self.text(Code::PemEmpty, start, "base64", "");
        }
    }
}

/// The value of a base64 character, without a table: tables leave traces of secrets in caches.
fn sextet(character: u8) -> Option<u32> {
    let value = match character {
        b'A'..=b'Z' => character.wrapping_sub(b'A'),
        b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The lines of a text and their offsets, without line ends.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut offset = 0usize;
    text.split(|byte| matches!(byte, b'\n' | b'\r')).map(move |line| {
        let start = offset;
        offset = offset.saturating_add(line.len()).saturating_add(1);
        (start, line)
    })
}

/// The sections of a text.
pub(crate) fn sections(text: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    // Label, start, and start of the body of the section that is open.
    let mut open: Option<(String, usize, usize)> = None;
    for (start, line) in lines(text) {
        let end = start.saturating_add(line.len());
        if let Some(label) = label(line, b"-----BEGIN ") {
            if let Some(open) = open.take() {
                sections.push(section(text, open, start, None));
            }
            open = Some((label, start, end));
        } else if let Some(closing) = label(line, b"-----END ")
            && let Some(open) = open.take()
        {
            sections.push(section(text, open, start, Some(closing)));
        }
    }
    if let Some(open) = open {
        sections.push(section(text, open, text.len(), None));
    }
    sections
}

/// The label of a boundary line; a byte order mark may stand in front.
fn label(line: &[u8], boundary: &[u8]) -> Option<String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    let label = line.strip_prefix(boundary)?;
    let label = label.strip_suffix(b"-----").unwrap_or(label);
    std::str::from_utf8(label).ok().map(|label| label.trim_matches('-').to_owned())
}

/// One section: its body ends at `end`.
fn section(
    text: &[u8],
    (label, start, body): (String, usize, usize),
    end: usize,
    closing: Option<String>,
) -> Section {
    let mut section = Section { start, label, ..Section::of_der(&[]) };
    match closing {
        None => {
            let expected = format!("-----END {}-----", section.label);
            section.text(Code::PemEndMissing, end, expected, "");
        }
        Some(closing) if closing != section.label => {
            let expected = format!("-----END {}-----", section.label);
            section.text(Code::PemLabel, end, expected, format!("-----END {closing}-----"));
        }
        Some(_) => {}
    }
    let bytes = text.get(body..end).unwrap_or_default();
    // Headers end at the last line with a colon (RFC 1421 §4.6).
    let headers = lines(bytes).filter(|(_, line)| line.contains(&b':')).last();
    let skipped = headers.map_or(0, |(start, line)| start.saturating_add(line.len()));
    section.is_legacy_encrypted = lines(bytes).any(|(_, line)| line.starts_with(b"Proc-Type: 4,ENCRYPTED"));
    section.decode(bytes.get(skipped..).unwrap_or_default(), body.saturating_add(skipped));
    section
}

/// Base64 of DER without the lines around it.
pub(crate) fn bare(text: &[u8]) -> Option<Section> {
    let is_base64 = |byte: &u8| sextet(*byte).is_some() || *byte == b'=' || byte.is_ascii_whitespace();
    // A SEQUENCE with a length of two bytes, or of one.
    let body = text.trim_ascii();
    if !(body.starts_with(b"MI") || body.starts_with(b"ME") || body.starts_with(b"MF"))
        || !body.iter().all(is_base64)
    {
        return None;
    }
    let mut section = Section::of_der(&[]);
    section.text(Code::PemHeaderMissing, 0, "-----BEGIN …-----", "base64 alone");
    section.decode(text, 0);
    Some(section)
}

/// A PEM whose line ends were written as `\n`, two characters, as in JSON and environment variables: the first
/// one's offset.
pub(crate) fn escaped(text: &[u8]) -> Option<usize> {
    let begins = text.windows(11).any(|window| window == b"-----BEGIN ");
    let at = text.windows(2).position(|window| window == b"\\n")?;
    begins.then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_place_in_the_file() {
        // "AQIDBAUG" is 01 to 06, here over two lines that end in CRLF, behind text.
        let text = b"subject=x\r\n-----BEGIN X-----\r\nAQID\r\nBAUG\r\n-----END X-----\r\n";
        let [section] = &sections(text)[..] else { panic!() };
        assert_eq!((section.label.as_str(), &section.der[..]), ("X", &[1, 2, 3, 4, 5, 6][..]));
        assert!(section.findings.is_empty());
        let at = |der| text[section.file_offset(der)];
        assert_eq!([at(0), at(1), at(2), at(3), at(4)], *b"AQIBA");
        assert_eq!(text[section.file_offset(6)], b'\r');
    }

    #[test]
    fn what_is_wrong_with_the_text() {
        for (text, code, at) in [
            (&b"-----BEGIN X-----\nAQ*D\n-----END X-----\n"[..], Code::PemCharacter, 20),
            (b"-----BEGIN X-----\nAQIDBA\n-----END X-----\n", Code::PemCut, 25),
            (b"-----BEGIN X-----\nAQID\n", Code::PemEndMissing, 23),
            (b"-----BEGIN X-----\nAQID\n-----END Y-----\n", Code::PemLabel, 23),
            (b"-----BEGIN X-----\n-----END X-----\n", Code::PemEmpty, 17),
        ] {
            let [section] = &sections(text)[..] else { panic!() };
            let [finding, ..] = &section.findings[..] else { panic!("{code:?}") };
            assert_eq!((finding.code, finding.place.file), (code, Some(at)));
        }
        assert!(bare(b"MIIB\nAQ==").is_some() && bare(b"MIIB: text").is_none());
        assert_eq!(escaped(b"-----BEGIN X-----\\nAQ"), Some(17));
    }
}
