//! Arrays of C, Rust, Go, Python and Java: `0x16, 0x03`, and decimal numbers in brackets, signed or
//! unsigned.

use super::{HexError, HexProblem, Part, error, without_comments};
use crate::input::Form;

/// A word with its line and column.
struct Word {
    line: usize,
    column: usize,
    text: String,
}

/// Whether the bytes are numbers of a programming language.
pub(super) fn is_array(text: &str) -> bool {
    let groups = groups(&without_comments(text));
    // The first group is outside of any bracket.
    groups.iter().any(|group| has_prefixes(group)) || groups.iter().skip(1).any(|group| is_decimal(group))
}

/// The words between brackets of any kind. Declarations are groups of their own.
fn groups(text: &str) -> Vec<Vec<Word>> {
    let mut groups = vec![Vec::new()];
    let mut word: Option<Word> = None;
    for (number, line) in text.lines().enumerate() {
        for (column, found) in line.chars().chain(['\n']).enumerate() {
            if found.is_whitespace() || ",;=()[]{}".contains(found) {
                if let (Some(word), Some(group)) = (word.take(), groups.last_mut()) {
                    group.push(word);
                }
            } else {
                let start = || Word { line: number + 1, column: column + 1, text: String::new() };
                word.get_or_insert_with(start).text.push(found);
            }
            if "()[]{}".contains(found) {
                groups.push(Vec::new());
            }
        }
    }
    groups
}

/// Whether `0x` is before digits, and not before the offset of a line (`0x0010:`).
fn has_prefixes(group: &[Word]) -> bool {
    group.iter().any(|word| digits(&word.text).is_some_and(|digits| !digits.ends_with(':')))
}

fn digits(word: &str) -> Option<&str> {
    word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))
}

/// Whether some of the numbers cannot be pairs of hex digits.
fn is_decimal(group: &[Word]) -> bool {
    let is_byte = |word: &Word| {
        let text = word.text.as_str();
        let padded = text.len() > 1 && text.starts_with('0');
        !padded && text.parse::<i16>().is_ok_and(|number| (-128..256).contains(&number))
    };
    group.len() > 2 && group.iter().all(is_byte) && group.iter().any(|word| word.text.len() != 2)
}

pub(super) fn parse(text: &str) -> Result<Vec<Part>, HexError> {
    let mut groups = groups(&without_comments(text));
    let prefixes = groups.iter().any(|group| has_prefixes(group));
    groups.retain(|group| if prefixes { has_prefixes(group) } else { is_decimal(group) });
    let mut bytes = Vec::new();
    for word in groups.iter().flatten() {
        let problem = || error(word.line, word.column, HexProblem::NotAByte(word.text.clone()));
        bytes.extend(value(&word.text, prefixes).ok_or_else(problem)?);
    }
    Ok(vec![Part::new(None, Form::Stream, bytes)])
}

/// The bytes of a number: `0x160303` has three; a name has none.
fn value(word: &str, prefixes: bool) -> Option<Vec<u8>> {
    let number = word.trim_end_matches(['u', 'U', 'l', 'L']);
    if let Some(digits) = digits(number) {
        if digits.is_empty() || !digits.is_ascii() || digits.len() > 2 && digits.len() % 2 == 1 {
            return None;
        }
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
        return pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    }
    if word.starts_with(|first: char| first.is_alphabetic() || first == '_' || first == '&' || first == '.') {
        return Some(Vec::new());
    }
    let small: i16 = word.parse().ok()?;
    // Among `0x16, 0x03` a bare `16` is ambiguous; only `0` means the same in both.
    let clear = !prefixes || small == 0;
    let [_, byte] = small.to_be_bytes();
    clear.then(|| vec![byte])
}
