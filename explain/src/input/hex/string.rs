//! Escaped strings: C, Python, Wireshark's "as escaped string". Unescaped characters are bytes, as in
//! Python's `b'\x16\x03%…'`.

use super::{HexError, HexProblem, Part, error};
use crate::input::Form;

/// Whether the bytes are written as escapes.
pub(super) fn is_string(text: &str) -> bool {
    text.contains("\\x")
}

pub(super) fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let mut bytes = Vec::new();
    // Without quotes the whole text is the string.
    let quoted = text.contains(['"', '\'']);
    let mut quote: Option<char> = None;
    let (mut line, mut column) = (1, 0);
    let mut opened = (1, 1);
    let mut characters = text.chars();
    while let Some(found) = characters.next() {
        column += 1;
        if found == '\n' {
            (line, column) = (line + 1, 0);
            continue;
        }
        match quote {
            None if quoted => {
                if matches!(found, '"' | '\'') {
                    quote = Some(found);
                    opened = (line, column);
                }
            }
            Some(end) if found == end => quote = None,
            _ if found == '\\' => {
                let start = column;
                let (byte, used) = escape(&mut characters).ok_or(error(line, start, HexProblem::Escape))?;
                bytes.extend(byte);
                column += used;
                if byte.is_none() {
                    (line, column) = (line + 1, 0);
                }
            }
            None if found.is_whitespace() => {}
            _ => bytes.extend(found.to_string().as_bytes()),
        }
    }
    if quote.is_some() {
        return Err(error(opened.0, opened.1, HexProblem::Escape));
    }
    Ok(vec![Part::new(None, Form::Stream, bytes)])
}

/// Parses one escape. Returns its byte, and the number of characters; an escaped end of line has no byte.
fn escape(characters: &mut std::str::Chars<'_>) -> Option<(Option<u8>, usize)> {
    let byte = match characters.next()? {
        'x' => {
            let mut digit = || characters.next()?.to_digit(16);
            let (high, low) = (digit()?, digit()?);
            return Some((u8::try_from(high * 16 + low).ok(), 3));
        }
        '\n' => return Some((None, 1)),
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'a' => 7,
        'b' => 8,
        'v' => 11,
        'f' => 12,
        '0' => 0,
        same @ ('\\' | '\'' | '"') => u8::try_from(same).ok()?,
        _ => return None,
    };
    Some((Some(byte), 1))
}
