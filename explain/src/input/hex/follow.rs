//! Wireshark's "Follow TCP stream": as hex dump, raw, and C arrays. What the second peer sent is indented.

use super::{HexError, HexProblem, Part, array, error, line};
use crate::input::{Direction, Form};

/// The parts of such a listing. `None`: it is another text.
pub(super) fn parse(text: &str) -> Option<Result<Vec<Part>, HexError>> {
    if text.contains("char peer0_") || text.contains("char peer1_") {
        return Some(arrays(text));
    }
    let mode = text.lines().find_map(|line| line.strip_prefix("Follow: tcp,"));
    match mode.map(str::trim) {
        Some("raw") => Some(Ok(lines(text, |line| plain_hex(line.trim())))),
        Some("hex") => Some(Ok(lines(text, dumped))),
        Some(_) => {
            let number = text.lines().position(|line| line.starts_with("Follow: tcp,")).unwrap_or_default();
            Some(Err(error(number + 1, 1, HexProblem::NotPrintable)))
        }
        None if is_dump(text) => Some(Ok(lines(text, dumped))),
        None => None,
    }
}

/// Whether a text without heading has dumps of both peers: lines with offsets of eight digits, some of them
/// indented.
fn is_dump(text: &str) -> bool {
    let begins = |line: &str| dumped(line).is_some() && line.trim_start().starts_with("00000000");
    let begin: Vec<bool> = text.lines().filter(|line| begins(line)).map(is_indented).collect();
    begin.contains(&true) && begin.contains(&false)
}

fn is_indented(line: &str) -> bool {
    line.starts_with([' ', '\t'])
}

fn lines(text: &str, bytes_of: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in text.lines() {
        let Some(bytes) = bytes_of(line) else { continue };
        let direction = if is_indented(line) { Direction::Received } else { Direction::Sent };
        match parts.last_mut() {
            Some(last) if last.direction == Some(direction) => last.bytes.extend(bytes),
            _ => parts.push(Part::new(Some(direction), Form::Stream, bytes)),
        }
    }
    parts
}

/// A line of the dump: the text column has a gap in the middle, so columns decide where the bytes end.
fn dumped(line: &str) -> Option<Vec<u8>> {
    const COLUMNS: usize = 2 + 16 * 3 + 1;
    let line = line.trim_start();
    let (offset, rest) = line.split_at_checked(8)?;
    if !offset.bytes().all(|digit| digit.is_ascii_hexdigit()) || !rest.starts_with("  ") {
        return None;
    }
    let end = rest.char_indices().nth(COLUMNS).map_or(rest.len(), |(at, _)| at);
    let bytes = line::leading_pairs(rest.get(..end)?, 16);
    (!bytes.is_empty()).then_some(bytes)
}

fn plain_hex(line: &str) -> Option<Vec<u8>> {
    let is_hex = !line.is_empty()
        && line.len().is_multiple_of(2)
        && line.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| line::hex_digits(line))
}

/// `char peer0_0[] = { /* Packet 4 */ 0x16, … };`
fn arrays(text: &str) -> Result<Vec<Part>, HexError> {
    let mut parts = Vec::new();
    for piece in text.split("char peer").skip(1) {
        let direction = if piece.starts_with('0') { Direction::Sent } else { Direction::Received };
        let body = piece.split_once('{').map_or(piece, |(_, body)| body);
        for part in array::parse(body.split('}').next().unwrap_or_default())? {
            parts.push(Part { direction: Some(direction), ..part });
        }
    }
    Ok(parts)
}
