//! Rows of facts: what each is about on the left, what is so on the right, broken at the width.

use std::fmt::{Display, Write as _};
use std::io::IsTerminal as _;

/// Columns where nobody looks, and the fewest and most where somebody does.
const WIDTH: u16 = 100;
const WIDTHS: std::ops::RangeInclusive<u16> = 60..=140;

/// Columns of what a row is about.
const ABOUT: usize = 23;

/// Text of rows.
pub struct Rows {
    out: String,
    width: usize,
}

/// Columns of standard output.
pub fn width() -> usize {
    let terminal = std::io::stdout().is_terminal();
    let width = terminal_size::terminal_size().filter(|_| terminal).map_or(WIDTH, |(width, _)| width.0);
    usize::from(width.clamp(*WIDTHS.start(), *WIDTHS.end()))
}

impl Rows {
    /// As wide as standard output is.
    pub fn new() -> Self {
        Self { out: String::new(), width: width() }
    }

    /// A row.
    pub fn row(&mut self, about: &str, what: impl Display) {
        let indent = " ".repeat(ABOUT + 2);
        let text = what.to_string();
        for (number, line) in broken(&text, self.width.saturating_sub(indent.len())).iter().enumerate() {
            let _ = match number {
                // Writing into a String does not fail.
                0 => writeln!(self.out, "  {about:ABOUT$}{line}"),
                _ => writeln!(self.out, "{indent}{line}"),
            };
        }
    }

    /// A line as it is: a title, a command.
    pub fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.out, "{line}");
    }

    /// All of it.
    pub fn text(self) -> String {
        self.out
    }
}

/// A sentence in lines as wide as standard output is.
pub fn wrapped(text: &str) -> String {
    broken(text, width()).join("\n")
}

/// Some things in one row.
pub fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let text = items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
}

/// Lines of at most so many columns where words permit it, broken at spaces.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_broken_at_spaces() {
        assert_eq!(broken("one, two, three", 9), ["one, two,", "three"]);
        assert_eq!(broken("", 9), [""]);
        let mut rows = Rows { out: String::new(), width: 35 };
        rows.row("groups", list(["x25519", "secp256r1"]));
        rows.row("ALPN", list::<&str>([]));
        let indent = " ".repeat(ABOUT + 2);
        assert_eq!(
            rows.text(),
            format!("  {:ABOUT$}x25519,\n{indent}secp256r1\n  {:ABOUT$}none\n", "groups", "ALPN")
        );
    }
}
