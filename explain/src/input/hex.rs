//! Hex dumps in every common form: continuous or separated, with comments, with offsets and a text column
//! (xxd, hexdump, od, Wireshark), arrays of C, Python and Java, escaped strings, Base64; logs with dumps
//! (`openssl -msg` and `-debug`, Mbed TLS, Java, curl); packets that tcpdump and tshark print; streams that
//! Wireshark follows.

mod array;
mod base64;
mod clean;
mod columns;
mod fields;
mod follow;
mod heading;
mod line;
mod listing;
mod log;
mod packet_file;
mod packets;
mod plain;
mod string;
mod trace;

use std::fmt;

use handclasp_codec::ContentType;

use super::{Form, Part, begins_client_hello};

/// Where and why a text is not a hex dump.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HexError {
    /// Line, counted from 1.
    pub line: usize,
    /// Character in the line, counted from 1.
    pub column: usize,
    /// The problem at that place.
    pub problem: HexProblem,
}

/// Why a text is not a hex dump.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HexProblem {
    /// The text contains no bytes.
    Empty,
    /// A character that is neither a hex digit nor a separator.
    NotHex(char),
    /// An odd number of hex digits in a group; the number.
    OddDigits(usize),
    /// A number that is not the value of a byte.
    NotAByte(String),
    /// An offset that differs from the number of bytes before it.
    Offset {
        /// The offset.
        found: usize,
        /// The number of bytes before it.
        expected: usize,
    },
    /// A string without end, or an invalid escape.
    Escape,
    /// A listing that replaces bytes which are not printable.
    NotPrintable,
}

/// Formats as `Display`, so that `main` returning this error prints a sentence.
impl fmt::Debug for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.problem {
            HexProblem::Empty => f.write_str("expected hex digits, found none"),
            HexProblem::NotHex(found) => write!(f, "{found:?} is not a hex digit"),
            HexProblem::OddDigits(1) => f.write_str("a single hex digit: a byte needs two"),
            HexProblem::OddDigits(count) => {
                write!(f, "{count} consecutive hex digits: one is missing or one is too many")
            }
            HexProblem::NotAByte(found) => write!(f, "{found} is not a byte"),
            HexProblem::Offset { found, expected } => write!(
                f,
                "the offset is 0x{found:04x}, but 0x{expected:04x} bytes precede it: is a line or a byte \
                 missing?"
            ),
            HexProblem::NotPrintable => f.write_str(
                "bytes that are not printable are replaced in this listing, so the handshake is not in it: choose \
                 \"Hex Dump\" or \"Raw\" in Wireshark (tshark -z follow,tcp,hex,0), or --trace instead of \
                 --trace-ascii of curl",
            ),
            HexProblem::Escape => f.write_str("this string or escape is not terminated"),
        }
    }
}

impl std::error::Error for HexError {}

/// What a text contains.
#[derive(Debug)]
pub(crate) enum Pasted {
    /// The bytes of each connection.
    Connections(Vec<Vec<Part>>),
    /// The same between the words of a program: the log of the side that sent [`Direction::Sent`].
    ///
    /// [`Direction::Sent`]: super::Direction::Sent
    Log(Vec<Vec<Part>>),
    /// Packets, as a pcapng file.
    Packets(Vec<u8>),
}

/// Reads a text of a form that no prose has: the listing of a program. `None`: it may be a hex dump or prose.
///
/// # Errors
/// The listing has the form, and a part of it is missing or lost.
pub(crate) fn recognise(text: &str) -> Option<Result<Pasted, HexError>> {
    let text = &clean::clean(text);
    let one = |parts: Vec<Part>| Ok(Pasted::Connections(connections(vec![parts])));
    if let Some(file) = listing::parse(text) {
        return Some(Ok(Pasted::Packets(file.bytes())));
    }
    if let Some(file) = fields::parse(text) {
        return Some(Ok(Pasted::Packets(file.bytes())));
    }
    if let Some(parts) = base64::yaml(text) {
        return Some(one(parts));
    }
    if let Some(parts) = follow::parse(text) {
        return Some(parts.and_then(one));
    }
    if let Some(parts) = trace::parse(text) {
        return Some(Ok(Pasted::Log(connections(vec![parts]))));
    }
    if log::is_log(text) {
        return match log::parse(text) {
            // Headings alone: what is around them may say more.
            Ok(contexts) if contexts.is_empty() => None,
            Ok(contexts) if contexts.iter().flatten().all(|part| part.bytes.is_empty()) => {
                text.contains(" SSL data, ").then_some(Err(error(1, 1, HexProblem::NotPrintable)))
            }
            Ok(contexts) => Some(Ok(Pasted::Log(connections(contexts)))),
            Err(error) => Some(Err(error)),
        };
    }
    if let Some(file) = packets::parse(text) {
        return Some(Ok(Pasted::Packets(file.bytes())));
    }
    columns::parse(text).or_else(|| base64::parse(text)).map(one)
}

/// Parses a hex dump of any form as one connection.
///
/// # Errors
/// The place at which the text has none of the forms.
pub fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let parts = match recognise(text) {
        Some(Ok(Pasted::Connections(connections) | Pasted::Log(connections))) => connections.concat(),
        Some(Err(error)) => return Err(error),
        Some(Ok(Pasted::Packets(_))) | None => dump(&clean::clean(text))?,
    };
    let empty = parts.iter().all(|part| part.bytes.is_empty());
    if empty { Err(error(1, 1, HexProblem::Empty)) } else { Ok(parts) }
}

/// Parses a text of bytes only.
fn dump(text: &str) -> Result<Vec<Part>, HexError> {
    if string::is_string(text) {
        string::parse(text)
    } else if array::is_array(text) {
        array::parse(text)
    } else {
        plain::parse(text)
    }
}

/// Splits the parts of each context into connections: a ClientHello after an alert begins another one.
fn connections(contexts: Vec<Vec<Part>>) -> Vec<Vec<Part>> {
    let content = |part: &Part| match part.form {
        Form::Stream => begins_client_hello(&part.bytes),
        Form::Content(content) => content == ContentType::handshake && part.bytes.first() == Some(&1),
    };
    let is_alert = |part: &Part| match part.form {
        Form::Stream => part.bytes.first() == Some(&ContentType::alert.0),
        Form::Content(content) => content == ContentType::alert,
    };
    let mut connections: Vec<Vec<Part>> = Vec::new();
    for parts in contexts {
        let mut connection: Vec<Part> = Vec::new();
        for part in parts {
            if content(&part) && connection.iter().any(is_alert) {
                connections.push(std::mem::take(&mut connection));
            }
            connection.push(part);
        }
        connections.push(connection);
    }
    connections
}

fn error(line: usize, column: usize, problem: HexProblem) -> HexError {
    HexError { line, column, problem }
}

/// Replaces comments by spaces, so that lines and columns stay the same: `#`, `//` and `--` to the end of
/// the line, `/* … */` over lines.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text;
    while let Some(next) = left.chars().next() {
        let length = if left.starts_with("/*") {
            left.find("*/").map_or(left.len(), |end| end + 2)
        } else if next == '#' || left.starts_with("//") || left.starts_with("-- ") {
            left.find('\n').unwrap_or(left.len())
        } else {
            out.push(next);
            left = left.get(next.len_utf8()..).unwrap_or_default();
            continue;
        };
        let (comment, rest) = left.split_at(length);
        out.extend(comment.chars().map(|kept| if kept == '\n' { '\n' } else { ' ' }));
        left = rest;
    }
    out
}

/// Whether a line is a heading in words, not bytes.
fn is_heading(line: &str) -> bool {
    let words = line.split_whitespace();
    let (mut prose, mut hex) = (0, 0);
    for word in words {
        let bare = word.trim_matches(|edge: char| edge.is_ascii_punctuation());
        if bare.len() >= 2 && bare.chars().all(|digit| digit.is_ascii_hexdigit()) {
            hex += 1;
        } else if bare.len() >= 3 && bare.chars().any(|letter| letter.is_alphabetic()) {
            prose += 1;
        }
    }
    prose > hex
}

#[cfg(test)]
mod tests;
