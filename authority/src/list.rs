//! The list of what a CA issued: one readable line a certificate.
//!
//! ```text
//! # comments and blank lines stay
//! @crl 3
//! 5f0c… 2026-11-29T17:00:00Z 2036-11-28T18:00:00Z - - device sha256/… DNS:a.example,IP:192.0.2.1 CN=lock 7
//! 61aa… 2026-11-29T17:00:00Z 2036-11-28T18:00:00Z 2026-12-01T08:00:00Z keyCompromise client sha256/… - CN=Anna
//! ```
//!
//! Words: serial number, notBefore, notAfter, when it was revoked, why, profile, pin of the public key, names.
//! The rest of the line is the subject.

use core::fmt::Write as _;

use handclasp_codec::is_hidden;

use crate::{AltName, Profile, Revocation, time};

/// The comment at the head of a new list.
const HEAD: &str = "\
# Certificates of this CA: serial number, valid from, valid until, revoked, reason, profile, key, names, subject.
# The program reads and writes this file. It is the only record of what was issued and revoked: back it up.
";

/// The most lines: 16 MiB have about 60 000.
pub(crate) const FILE_MAX: usize = 16 << 20;

/// A certificate that the CA issued.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issued {
    /// The serial number, big endian.
    pub serial: Vec<u8>,
    /// notBefore in seconds since 1970.
    pub not_before: u64,
    /// notAfter in seconds since 1970.
    pub not_after: u64,
    /// When and why it was revoked, if it was.
    pub revocation: Option<Revocation>,
    /// What it is for.
    pub profile: Profile,
    /// The pin of the public key, `sha256/…`.
    pub pin: String,
    /// The names in its subjectAltName.
    pub names: Vec<AltName>,
    /// The subject as RFC 4514 writes it.
    pub subject: String,
}

/// The parsed file.
#[derive(Debug, Default)]
pub(crate) struct List {
    lines: Vec<Line>,
    crl_number: u64,
}

#[derive(Debug)]
enum Line {
    /// A comment, or a blank line.
    Text(String),
    Issued(Box<Issued>),
}

impl Issued {
    /// The serial number in hexadecimal digits.
    pub fn serial_text(&self) -> String {
        hex(&self.serial)
    }

    /// Whether it is neither revoked nor expired.
    pub fn is_valid_at(&self, now: u64) -> bool {
        self.revocation.is_none() && now <= self.not_after
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(9, ' ');
        let mut word = || words.next();
        let serial = unhex(word()?)?;
        let (not_before, not_after) = (time::parse(word()?)?, time::parse(word()?)?);
        let revocation = match (word()?, word()?) {
            ("-", "-") => None,
            (time, reason) => Some(Revocation { time: time::parse(time)?, reason: reason.parse().ok()? }),
        };
        let profile = word()?.parse().ok()?;
        let pin = word().filter(|pin| pin.starts_with("sha256/"))?.to_owned();
        let names = match word()? {
            "-" => Vec::new(),
            list => list.split(',').map(|name| unescape(name)?.parse().ok()).collect::<Option<_>>()?,
        };
        let subject = unescape(word()?)?;
        Some(Self { serial, not_before, not_after, revocation, profile, pin, names, subject })
    }

    fn line(&self) -> String {
        let (revoked, reason) = match self.revocation {
            Some(revocation) => (time::text(revocation.time), revocation.reason.name()),
            None => ("-".to_owned(), "-"),
        };
        let mut names: String =
            self.names.iter().map(|name| escape(&name.to_string(), ",")).collect::<Vec<_>>().join(",");
        if names.is_empty() {
            names.push('-');
        }
        let (from, until) = (time::text(self.not_before), time::text(self.not_after));
        let subject = escape(&self.subject, "");
        format!(
            "{} {from} {until} {revoked} {reason} {} {} {names} {subject}",
            self.serial_text(),
            self.profile,
            self.pin
        )
    }
}

impl List {
    /// A list without a certificate.
    pub(crate) fn new() -> Self {
        Self { lines: HEAD.lines().map(|line| Line::Text(line.to_owned())).collect(), crl_number: 0 }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// The number of a line that does not parse, from 1.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, usize> {
        let mut list = Self::default();
        for (index, line) in file.split(|byte| *byte == b'\n').enumerate() {
            let bad = index.saturating_add(1);
            let line = core::str::from_utf8(line).map_err(|_| bad)?.trim_end_matches('\r');
            match line.strip_prefix("@crl ") {
                Some(number) => list.crl_number = number.trim().parse().map_err(|_| bad)?,
                None if line.starts_with('#') || line.trim().is_empty() => {
                    list.lines.push(Line::Text(line.to_owned()));
                }
                None => list.lines.push(Line::Issued(Box::new(Issued::parse(line).ok_or(bad)?))),
            }
        }
        // Behind the last line end.
        if matches!(list.lines.last(), Some(Line::Text(text)) if text.is_empty()) {
            list.lines.pop();
        }
        Ok(list)
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            // Writing to a String does not fail.
            let _ = match line {
                Line::Text(line) => writeln!(text, "{line}"),
                Line::Issued(issued) => writeln!(text, "{}", issued.line()),
            };
        }
        if self.crl_number > 0 {
            let _ = writeln!(text, "@crl {}", self.crl_number);
        }
        text
    }

    pub(crate) fn issued(&self) -> impl Iterator<Item = &Issued> {
        self.lines.iter().filter_map(|line| match line {
            Line::Issued(issued) => Some(&**issued),
            Line::Text(_) => None,
        })
    }

    pub(crate) fn by_serial(&mut self, serial: &[u8]) -> Option<&mut Issued> {
        self.lines.iter_mut().find_map(|line| match line {
            Line::Issued(issued) if issued.serial == serial => Some(&mut **issued),
            _ => None,
        })
    }

    pub(crate) fn push(&mut self, issued: Issued) {
        self.lines.push(Line::Issued(Box::new(issued)));
    }

    /// The number of the next CRL (RFC 5280 §5.2.3).
    pub(crate) fn next_crl_number(&mut self) -> u64 {
        self.crl_number = self.crl_number.saturating_add(1);
        self.crl_number
    }
}

/// Hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of hexadecimal digits; colons, as OpenSSL prints them, may stand between. At most 20 bytes.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    if digits.is_empty() || digits.len() > 40 || !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| {
        let is_hex = pair.iter().all(u8::is_ascii_hexdigit);
        core::str::from_utf8(pair).ok().filter(|_| is_hex).and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    digits.chunks(2).map(byte).collect()
}

/// `%XX` in place of line ends and other hidden characters, `%` itself, and those of `also`.
fn escape(text: &str, also: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) || letter == '%' || also.contains(letter) {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.extend(unhex(digits)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RevocationReason;

    fn issued() -> Issued {
        Issued {
            serial: vec![0x5f, 0x0c],
            not_before: 1_764_439_200,
            not_after: 2_000_000_000,
            revocation: None,
            profile: Profile::Device,
            pin: "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
            names: vec!["a.example".parse().unwrap(), "URI:spiffe://a.example/x,y".parse().unwrap()],
            subject: "CN=lock 7\n# of the hall\u{202e},O=100%".to_owned(),
        }
    }

    #[test]
    fn lines_are_read_as_they_are_written() {
        let mut list = List::new();
        list.push(issued());
        let revocation = Some(Revocation { time: 1_800_000_000, reason: RevocationReason::KeyCompromise });
        list.push(Issued {
            serial: vec![1],
            names: Vec::new(),
            revocation,
            subject: String::new(),
            ..issued()
        });
        assert_eq!((list.next_crl_number(), list.next_crl_number()), (1, 2));
        let text = list.text();
        let mut read = List::parse(text.as_bytes()).unwrap();
        assert_eq!(read.text(), text);
        assert_eq!(read.issued().next(), Some(&issued()));
        assert_eq!(read.issued().nth(1).unwrap().revocation, revocation);
        assert_eq!((read.next_crl_number(), text.lines().count()), (3, 5));
        assert!(text.contains("CN=lock 7%0A# of the hall%E2%80%AE,O=100%25\n"), "{text}");
        let windows = text.replace('\n', "\r\n");
        assert_eq!(List::parse(windows.as_bytes()).unwrap().text(), text);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let mut list = List::new();
        list.push(issued());
        let text = list.text();
        for (from, to) in [
            ("5f0c ", "5f0 "),
            ("5f0c ", ""),
            ("Z - - ", "Z - "),
            ("Z - - ", "Z 2026-11-29T17:00:00Z - "),
            (" device ", " root "),
            (" sha256/", " "),
            ("DNS:a", "DNS:..a"),
            ("%0A", "%0"),
            ("%0A", "%FF"),
            (" CN=", "\tCN="),
        ] {
            let damaged = text.replacen(from, to, 1);
            assert_ne!(damaged, text, "{from}");
            assert_eq!(List::parse(damaged.as_bytes()).unwrap_err(), 3, "{damaged}");
        }
        assert_eq!(List::parse(b"@crl x").unwrap_err(), 1);
    }

    #[test]
    fn serial_numbers_in_the_spellings_of_others() {
        assert_eq!(unhex("5F:0c"), Some(vec![0x5f, 0x0c]));
        for bad in ["", "5", "5g", "é", "+1", &"00".repeat(21)] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
