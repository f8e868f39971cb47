//! Hex dumps in every common form: continuous or separated, with comments, with offsets and a text column
//! (xxd, hexdump, od, Wireshark, `openssl -debug`, Mbed TLS), `openssl -msg`, arrays of C, Python and Java,
//! escaped strings.

mod array;
mod line;
mod log;
mod plain;
mod string;

use std::fmt;

use super::Part;

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
            HexProblem::Escape => f.write_str("this string or escape is not terminated"),
        }
    }
}

impl std::error::Error for HexError {}

/// Parses a hex dump of any form.
///
/// # Errors
/// The place at which the text has none of the forms.
pub fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parts = if log::is_log(text) {
        log::parse(text)?
    } else if string::is_string(text) {
        string::parse(text)?
    } else if array::is_array(text) {
        array::parse(text)?
    } else {
        plain::parse(text)?
    };
    let empty = parts.iter().all(|part| part.bytes.is_empty());
    if empty { Err(error(1, 1, HexProblem::Empty)) } else { Ok(parts) }
}

/// Whether the text is the log of a program with dumps below known headings.
pub(crate) fn has_dumps(text: &str) -> bool {
    log::is_log(text)
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
