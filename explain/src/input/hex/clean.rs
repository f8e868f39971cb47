//! What terminals and editors add to a text: colours, and the ends of lines of other systems.

/// The text without escape sequences of terminals (ECMA-48), with `\n` as the end of every line.
pub(super) fn clean(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(found) = characters.next() {
        match found {
            '\u{1b}' if characters.peek() == Some(&'[') => {
                characters.next();
                for parameter in characters.by_ref() {
                    if ('@'..='~').contains(&parameter) {
                        break;
                    }
                }
            }
            '\u{1b}' | '\u{feff}' => {}
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            _ => out.push(found),
        }
    }
    out
}
