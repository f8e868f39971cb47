//! Just enough of Rust's lexical structure to count by: what is comment, string or character
//! is blanked, then braces match and words are words. No grammar, so that it stays honest
//! about what it knows: where functions and test modules begin and end.

use std::ops::Range;

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both included.
    pub lines: usize,
    /// Whether it stands in a `#[cfg(test)]` module.
    pub test: bool,
}

/// The source with comments, strings and character literals blanked; same length, same lines.
pub fn blank(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = opaque_end(bytes, at);
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        // Whole identifiers and numbers, so that the `r` of `for"` or the `b` of `0b` starts nothing.
        at = if end > at { end } else { word_end(bytes, at).max(at + 1) };
    }
    // Only whole multi-byte characters were blanked: they occur in opaque parts and in words.
    String::from_utf8_lossy(&out).into_owned()
}

/// Where the comment, string or character literal that begins at `at` ends; `at` if none does.
fn opaque_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    match rest {
        [b'/', b'/', ..] => at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment_end(bytes, at),
        [b'"', ..] => string_end(bytes, at),
        [b'\'', ..] => character_end(bytes, at),
        [b'r' | b'b' | b'c', ..] => prefixed_end(bytes, at),
        _ => at,
    }
}

/// Block comments nest.
fn block_comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// A quoted string with escapes; `at` is the opening quote.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A character literal; a lifetime or label is none.
fn character_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at + 1..];
    let length = match rest {
        [b'\\', _, after @ ..] => after.iter().position(|&b| b == b'\'').map(|position| position + 2),
        [b'\'', ..] | [] => None,
        [first, ..] => {
            let width = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            (rest.get(width) == Some(&b'\'')).then_some(width)
        }
    };
    length.map_or(at, |length| at + 1 + length + 1)
}

/// Literals with a prefix: `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, `c"…"`, `b'…'`.
fn prefixed_end(bytes: &[u8], at: usize) -> usize {
    let letters = bytes[at..].iter().take(2).take_while(|b| matches!(b, b'r' | b'b' | b'c')).count();
    let raw = bytes[at..at + letters].contains(&b'r');
    let open = at + letters;
    let hashes = bytes[open..].iter().take_while(|&&b| b == b'#').count();
    match bytes.get(open + hashes) {
        Some(b'"') if raw => {
            let close: Vec<u8> = [b'"'].into_iter().chain(std::iter::repeat_n(b'#', hashes)).collect();
            let body = open + hashes + 1;
            let found = bytes[body..].windows(close.len()).position(|window| window == close);
            found.map_or(bytes.len(), |position| body + position + close.len())
        }
        Some(b'"') if hashes == 0 => string_end(bytes, open),
        Some(b'\'') if hashes == 0 && letters == 1 && bytes[at] == b'b' => character_end(bytes, open),
        _ => at,
    }
}

/// Whether a byte belongs to an identifier or number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Where the word at `at` ends.
fn word_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|&&b| is_word(b)).count()
}

/// Words of blanked source with their places.
fn words(blanked: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = blanked.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes[at..].iter().take_while(|&&b| !is_word(b)).count();
        let (start, end) = (at, word_end(bytes, at));
        at = end;
        (end > start).then(|| (start, &blanked[start..end]))
    })
}

/// Whether a word occurs in blanked source.
pub fn has_word(blanked: &str, word: &str) -> bool {
    words(blanked).any(|(_, found)| found == word)
}

/// Functions with a body, in order.
pub fn functions(source: &str) -> Vec<Function> {
    let blanked = blank(source);
    let tests = test_modules(&blanked);
    let line_of = |at: usize| 1 + blanked[..at].matches('\n').count();
    let mut found = Vec::new();
    let mut last = (0, "");
    for (at, word) in words(&blanked) {
        let gap = &blanked[last.0 + last.1.len()..at];
        // `fn name`, not the type `fn(…)`; `r#name` keeps its name.
        if last.1 == "fn"
            && gap.trim().is_empty()
            && let Some(end) = body_end(&blanked, at)
        {
            let line = line_of(last.0);
            found.push(Function {
                name: word.to_owned(),
                line,
                lines: line_of(end) - line + 1,
                test: tests.iter().any(|range| range.contains(&at)),
            });
        }
        last = (at, word);
    }
    found
}

/// Where the body that follows `at` ends: at its closing brace. `None`: a `;` came first.
fn body_end(blanked: &str, at: usize) -> Option<usize> {
    let mut nested = 0usize;
    for (offset, byte) in blanked[at..].bytes().enumerate() {
        match byte {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.checked_sub(1)?,
            b'{' if nested == 0 => return brace_end(blanked, at + offset),
            b';' if nested == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The brace that closes the one at `open`.
fn brace_end(blanked: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (offset, byte) in blanked[open..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open + offset);
        }
    }
    None
}

/// Bodies of `#[cfg(test)] mod …`.
fn test_modules(blanked: &str) -> Vec<Range<usize>> {
    let mark = "#[cfg(test)]";
    blanked
        .match_indices(mark)
        .filter_map(|(at, _)| {
            let after = at + mark.len();
            let module = blanked[after..].trim_start().starts_with("mod ");
            let end = module.then(|| body_end(blanked, after)).flatten()?;
            Some(after..end)
        })
        .collect()
}

#[cfg(test)]
mod tests;
