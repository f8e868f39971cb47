//! Text of a peer or of a file, made safe for a terminal, a log or a page.

use core::fmt::{self, Write as _};

/// Text in which each hidden character is written `\u{…}`, see [`is_hidden`].
///
/// ```
/// use handclasp_codec::Printable;
///
/// assert_eq!(Printable("Hall\u{202e}rooD\n").to_string(), r"Hall\u{202e}rooD\u{a}");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printable<'t>(pub &'t str);

/// Whether a character moves the cursor of a terminal, turns the direction of the text around it, or can be invisible:
/// control and format characters, spaces other than U+0020, combining marks, and what Unicode has not assigned.
pub fn is_hidden(c: char) -> bool {
    !matches!(c, '"' | '\'' | '\\') && c.escape_debug().len() > 1
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match is_hidden(c) {
            true => c.escape_unicode().try_for_each(|part| f.write_char(part)),
            false => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    #[test]
    fn text_stays_and_hidden_characters_are_named() {
        for (text, expected) in [
            ("Türklingel \"2\" 'o' \\ 日本 🔒", "Türklingel \"2\" 'o' \\ 日本 🔒"),
            ("\u{1b}[2J\r\n\t\0", r"\u{1b}[2J\u{d}\u{a}\u{9}\u{0}"),
            ("a\u{a0}b\u{2003}c\u{2028}", r"a\u{a0}b\u{2003}c\u{2028}"),
            ("\u{202e}\u{200b}\u{feff}\u{ad}", r"\u{202e}\u{200b}\u{feff}\u{ad}"),
            ("door\u{fe0f}\u{34f}", r"door\u{fe0f}\u{34f}"),
        ] {
            assert_eq!(Printable(text).to_string(), expected);
        }
    }
}
