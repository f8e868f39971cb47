//! One line of a dump: an offset, bytes, and the same bytes as text.

use super::HexProblem;

/// A parsed line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The offset, as digits.
    pub offset: Option<Offset>,
    /// The bytes of the line.
    pub bytes: Vec<u8>,
    /// Whether every group has four digits: perhaps 16-bit words (`hexdump` without `-C`).
    pub words: bool,
}

/// An offset whose base is not known yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Offset {
    digits: String,
    /// Whether a colon or dash follows, so that it cannot be bytes.
    pub marked: bool,
}

impl Offset {
    /// Whether it equals `count` in a base in use: 16 (hexdump, xxd), 8 or 10 (od).
    pub fn is(&self, count: usize) -> bool {
        [16, 8, 10].iter().any(|base| usize::from_str_radix(&self.digits, *base) == Ok(count))
    }

    /// The value in base 16.
    pub fn value(&self) -> usize {
        usize::from_str_radix(&self.digits, 16).unwrap_or(usize::MAX)
    }

    /// Whether it has seven digits, as `hexdump` and `od` write before 16-bit words.
    pub fn seven_digits(&self) -> bool {
        self.digits.len() == 7
    }
}

/// Parses a line. `offsets`: whether it may start with an offset. The error has the column, counted from 0.
pub(super) fn parse(line: &str, offsets: bool) -> Result<Line, (usize, HexProblem)> {
    let (offset, data) = if offsets { split_offset(line) } else { (None, line) };
    let before = line.chars().count() - data.chars().count();
    let outcome = match without_text(data) {
        Some(bytes) => Ok(bytes),
        None => pairs(data),
    };
    let (bytes, words) = outcome.map_err(|(at, problem)| (before + at, problem))?;
    Ok(Line { offset, bytes, words })
}

/// The offset at the start, if there is one: `0010:`, `0010 -`, or at least four digits before pairs.
fn split_offset(line: &str) -> (Option<Offset>, &str) {
    let start = line.trim_start();
    let bare = start.strip_prefix("0x").unwrap_or(start);
    let end = bare.find(|digit: char| !digit.is_ascii_hexdigit()).unwrap_or(bare.len());
    let (digits, rest) = bare.split_at(end);
    let none = (None, line);
    if !(4..=16).contains(&digits.len()) {
        return none;
    }
    let offset = |marked| Some(Offset { digits: digits.to_owned(), marked });
    if let Some(rest) = rest.strip_prefix(':') {
        let apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
        return if apart { (offset(true), rest) } else { none };
    }
    if let Some(rest) = rest.strip_prefix(" - ").or_else(|| rest.strip_prefix(" | ")) {
        return (offset(true), rest);
    }
    // Groups of the same width as the first word may be bytes; after narrower groups it is an offset.
    let next = rest.trim_start().find(|digit: char| !digit.is_ascii_hexdigit());
    let next = next.unwrap_or(rest.trim_start().len());
    let alone = rest.trim().is_empty() && digits.len() >= 6 && digits.starts_with('0');
    if alone || next == 2 || (digits.len() == 7 && next == 4) { (offset(false), rest) } else { none }
}

/// What stands before the offset: file, line, level, time, the address of a context.
pub(super) fn without_prefix(line: &str) -> &str {
    offset_at(line).and_then(|at| line.get(at..)).unwrap_or(line)
}

/// The offset of a dumped line, base 16, and what follows it, whatever stands before the offset.
pub(super) fn offset_and_data(line: &str) -> Option<(usize, &str)> {
    let rest = line.get(offset_at(line)?..)?;
    let end = rest.find(|digit: char| !digit.is_ascii_hexdigit())?;
    let (digits, data) = rest.split_at(end);
    let data = data.strip_prefix(':').or_else(|| data.strip_prefix(" - "))?;
    Some((usize::from_str_radix(digits, 16).ok()?, data))
}

/// Where the offset begins: four or more digits and a colon or dash, before pairs of digits.
fn offset_at(line: &str) -> Option<usize> {
    let mut start = 0;
    for (at, found) in line.char_indices().chain([(line.len(), ' ')]) {
        if found.is_ascii_hexdigit() {
            continue;
        }
        let begun = std::mem::replace(&mut start, at + found.len_utf8());
        let rest = line.get(at..).unwrap_or_default();
        let data = rest.strip_prefix(':').or_else(|| rest.strip_prefix(" - "));
        let before = line.get(..begun).and_then(|before| before.chars().next_back());
        if !(4..=8).contains(&(at - begun)) || before.is_some_and(|before| !before.is_whitespace()) {
            continue;
        }
        let Some(data) = data else { continue };
        let apart = data.starts_with(' ') || rest.starts_with(" - ");
        let lists = !leading_pairs(data, 1).is_empty() || data.contains("<SPACES/NULS>");
        if apart && lists {
            return Some(begun);
        }
    }
    None
}

/// The pairs of digits at the start of a text, at most `most`, with spaces or a dash between.
pub(super) fn leading_pairs(text: &str, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.trim_start();
    while bytes.len() < most {
        let Some((pair, after)) = rest.split_at_checked(2) else { break };
        let is_hex = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        let Some(byte) = u8::from_str_radix(pair, 16).ok().filter(|_| is_hex) else { break };
        if !(after.is_empty() || after.starts_with([' ', '-', '\t'])) {
            break;
        }
        bytes.push(byte);
        rest = after.strip_prefix('-').unwrap_or(after).trim_start();
    }
    bytes
}

/// The bytes of a run of digits; an odd one at the end is left out.
pub(super) fn hex_digits(text: &str) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(value(*high)? * 16 + value(*low)?),
        _ => None,
    };
    text.as_bytes().chunks_exact(2).map_while(pair).collect()
}

type Bytes = (Vec<u8>, bool);

/// The bytes of a line with a text column, or between bars.
fn without_text(data: &str) -> Option<Bytes> {
    let mut ends: Vec<usize> = Vec::new();
    let mut blank = 0;
    for (at, found) in data.char_indices() {
        if matches!(found, '|' | '>') || blank >= 2 && !found.is_whitespace() {
            ends.push(at);
        }
        blank = if found.is_whitespace() { blank + 1 } else { 0 };
    }
    // Both columns may contain gaps: the first gap for which both columns agree.
    ends.into_iter().find_map(|end| {
        let (bytes, text) = data.split_at(end);
        let (bytes, words) = pairs(bytes).ok()?;
        let text = text.trim_end();
        let barred = text.strip_prefix(['|', '>']).map(|text| text.strip_suffix(['|', '<']).unwrap_or(text));
        // A bar may also be in the text column.
        let shown = shows(&bytes, text, words) || barred.is_some_and(|text| shows(&bytes, text, words));
        (!bytes.is_empty() && shown).then_some((bytes, words))
    })
}

/// Whether `text` is the text column of `bytes`: printable characters, any character for others, trailing
/// spaces missing.
fn shows(bytes: &[u8], text: &str, words: bool) -> bool {
    let mut characters = text.chars();
    let shown = bytes.iter().all(|byte| match characters.next() {
        Some(found) if (b'!'..=b'~').contains(byte) => {
            // Java shows `{` to `~` as dots.
            words || found == '.' || found == char::from(*byte)
        }
        Some(found) => !found.is_alphanumeric() || !found.is_ascii(),
        None => matches!(byte, b' ' | 0),
    });
    shown && characters.next().is_none()
}

/// Parses pairs of digits with any separators.
fn pairs(data: &str) -> Result<Bytes, (usize, HexProblem)> {
    let mut bytes = Vec::new();
    let (mut group, mut words) = (0_usize, true);
    let mut high: Option<u8> = None;
    let ended = |group: usize, at: usize| match group % 2 {
        0 => Ok(()),
        _ => Err((at.saturating_sub(group), HexProblem::OddDigits(group))),
    };
    let mut at = 0;
    for found in data.chars() {
        match found.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) => {
                group += 1;
                match high.take() {
                    Some(high) => bytes.push(high * 16 + digit),
                    None => high = Some(digit),
                }
            }
            None if found.is_whitespace() || matches!(found, ':' | '-' | ',' | ';' | '.' | '_') => {
                ended(group, at)?;
                words &= group == 0 || group == 4;
                group = 0;
            }
            None => return Err((at, HexProblem::NotHex(found))),
        }
        at += 1;
    }
    ended(group, at)?;
    words &= group == 0 || group == 4;
    Ok((bytes, words))
}
