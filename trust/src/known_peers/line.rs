//! One line of the file: parsing and writing. A line that is not changed is written as it was read.

use std::{
    borrow::ToOwned as _,
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use core::{fmt, fmt::Write as _, time::Duration};

use handclasp_codec::is_hidden;
use rustls_pki_types::UnixTime;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{Pin, PinError};

/// Stands in front of the name of a peer that was revoked.
const REVOKED: &str = "@revoked";

/// What a line must be.
pub(super) const EXPECTED: &str = "NAME sha256/PIN FIRST-SEEN LAST-SEEN COMMENT";

/// A peer of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownPeer {
    /// Its name or service.
    pub name: String,
    /// Its public key.
    pub pin: Pin,
    /// When its first handshake was complete. `None` for a line that a person wrote.
    pub first_seen: Option<UnixTime>,
    /// The last handshake, to an hour. `None` as there.
    pub last_seen: Option<UnixTime>,
    /// Whether the key must not be accepted any more.
    pub is_revoked: bool,
    /// Text for people; empty if there is none.
    pub comment: String,
}

/// A line and what it says.
#[derive(Clone)]
pub(super) struct Line {
    /// As read, without its LF.
    raw: Vec<u8>,
    pub(super) content: Content,
}

#[derive(Clone)]
pub(super) enum Content {
    Peer(KnownPeer),
    /// A comment or a blank line.
    Other,
    Bad(LineProblem),
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineProblem {
    /// Not UTF-8.
    Encoding,
    /// `%` without two hex digits in the name, or bytes that are not UTF-8.
    Name,
    /// A word that begins with `@` and is not `@revoked`.
    Mark(String),
    /// The line ends after the name.
    NoPin,
    /// The second word is not a pin.
    Pin(PinError),
    /// A word that is neither a time nor `-`.
    Time(String),
}

impl Line {
    pub(super) fn parse(raw: &[u8]) -> Self {
        Self { raw: raw.to_vec(), content: parse(raw) }
    }

    pub(super) fn of(peer: KnownPeer) -> Self {
        let mut line = Self { raw: Vec::new(), content: Content::Peer(peer) };
        line.render();
        line
    }

    pub(super) fn peer(&self) -> Option<&KnownPeer> {
        match &self.content {
            Content::Peer(peer) => Some(peer),
            _ => None,
        }
    }

    /// Changes the peer of the line, if it has one.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut KnownPeer)) {
        if let Content::Peer(peer) = &mut self.content {
            change(peer);
            self.render();
        }
    }

    /// Whether the line does not parse and may have been meant to revoke a key: its first word has an `@`.
    pub(super) fn may_revoke(&self) -> bool {
        let first = self.raw.trim_ascii().split(u8::is_ascii_whitespace).next();
        matches!(self.content, Content::Bad(_)) && first.is_some_and(|word| word.contains(&b'@'))
    }

    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    fn render(&mut self) {
        if let Content::Peer(peer) = &self.content {
            self.raw = peer.to_string().into_bytes();
        }
    }
}

fn parse(raw: &[u8]) -> Content {
    let trimmed = raw.trim_ascii();
    if trimmed.is_empty() || trimmed.starts_with(b"#") {
        return Content::Other;
    }
    match core::str::from_utf8(trimmed).map_err(|_| LineProblem::Encoding).and_then(peer) {
        Ok(peer) => Content::Peer(peer),
        Err(problem) => Content::Bad(problem),
    }
}

fn peer(text: &str) -> Result<KnownPeer, LineProblem> {
    let (first, rest) = word(text);
    let (is_revoked, name, rest) = match first.starts_with('@') {
        true if first == REVOKED => {
            let (name, rest) = word(rest);
            (true, name, rest)
        }
        true => return Err(LineProblem::Mark(first.to_owned())),
        false => (false, first, rest),
    };
    let name = unescape(name).filter(|name| !name.is_empty()).ok_or(LineProblem::Name)?;
    let (pin, rest) = word(rest);
    if pin.is_empty() {
        return Err(LineProblem::NoPin);
    }
    let pin = Pin::parse(pin).map_err(LineProblem::Pin)?;
    let (first_seen, after) = word(rest);
    let (last_seen, comment) = word(after);
    let time = |text: &str| time(text).ok_or_else(|| LineProblem::Time(text.to_owned()));
    let (first_seen, last_seen, comment) = match (time(first_seen), time(last_seen)) {
        (Ok(first_seen), Ok(last_seen)) => (first_seen, last_seen, comment),
        // A reason that a person wrote straight behind the pin does not make the key good again.
        _ if is_revoked => (None, None, rest),
        (Err(problem), _) | (_, Err(problem)) => return Err(problem),
    };
    Ok(KnownPeer { name, pin, first_seen, last_seen, is_revoked, comment: comment.to_owned() })
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

/// A time of RFC 3339; `Some(None)` where none is given.
fn time(text: &str) -> Option<Option<UnixTime>> {
    if matches!(text, "" | "-") {
        return Some(None);
    }
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let seconds = u64::try_from(time.unix_timestamp()).ok()?;
    Some(Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds))))
}

/// A time as the file has it.
pub(super) fn written(time: Option<UnixTime>) -> String {
    let time = time.and_then(|time| {
        let seconds = i64::try_from(time.as_secs()).ok()?;
        OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
    });
    time.unwrap_or_else(|| "-".to_owned())
}

/// The name as one word: whitespace, characters that do not print, `%`, and `#` or `@` in front, are written `%XX`.
pub(super) fn escape(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for (index, c) in name.char_indices() {
        // What does not print could make one name look like another, or end the line.

        match is_hidden(c) || c.is_whitespace() || c == '%' || (index == 0 && matches!(c, '#' | '@')) {
            true => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    let _infallible = write!(word, "%{byte:02X}");
                }
            }
            false => word.push(c),
        }
    }
    word
}

fn unescape(word: &str) -> Option<String> {
    let mut parts = word.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        // A sign would be read as well.
        let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| are_digits)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The line of the file.
impl fmt::Display for KnownPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_revoked {
            write!(f, "{REVOKED} ")?;
        }
        let (first, last) = (written(self.first_seen), written(self.last_seen));
        write!(f, "{} {} {first} {last}", escape(&self.name), self.pin)?;
        // One line, whatever the comment holds.
        let comment: Vec<&str> = self.comment.split_whitespace().collect();
        match comment.is_empty() {
            true => Ok(()),
            false => write!(f, " {}", comment.join(" ")),
        }
    }
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Encoding => "the line is not UTF-8".to_owned(),
            Self::Name => {
                "the name has a % that two hex digits must follow, such as %20 for a space".to_owned()
            }
            Self::Mark(found) => format!("the mark {found:?} is not known; {REVOKED} is the only one"),
            Self::NoPin => "the pin is missing".to_owned(),
            Self::Pin(error) => format!("the second word is {error}"),
            Self::Time(found) => format!(
                "{found:?} is not a time: expected such as 2026-11-29T16:53:34Z, or - for a peer that was not \
                 seen"
            ),
        };
        f.write_str(&what)
    }
}
