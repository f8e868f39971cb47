//! What was found, for people (text, a page of HTML) and for scripts (JSON).
//!
//! | file | what |
//! |---|---|
//! | `text` | everything, for a terminal: the verdict first |
//! | `verdict` | what the verdict is, in words |
//! | `ladder` | the messages of a conversation, line by line; the text and the picture show them |
//! | `detail` | a few words on each message |
//! | `more` | what other evidence would tell more, and how to collect it |
//! | `dump` | bytes on the left, fields on the right |
//! | `json` | for scripts |
//! | `html`, `svg` | one page that needs nothing else |

mod detail;
mod dump;
mod html;
mod json;
mod ladder;
mod suggestions;
mod svg;
mod text;
mod verdict;

use suggestions::KEY_LOGS;

use std::borrow::Cow;
use std::time::Duration;

use owo_colors::Style;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub(crate) use dump::field_line;
pub use dump::render;
use dump::said as field_words;
pub use html::render_html;
pub use json::render_json;
pub use text::render_text;
pub(crate) use verdict::{fixes, meaning_of_one_side};

/// Whether colours are put in. Strip them where nobody sees them (anstream does).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Text alone.
    Plain,
    /// With ANSI colours.
    Colours,
}

/// How something is shown.
#[derive(Clone, Debug)]
pub struct Look {
    /// Colours or none.
    pub paint: Paint,
    /// Columns; sentences are broken there.
    pub width: usize,
    /// Every message and field is explained, for people who learn.
    pub teach: bool,
    /// The conversation to show, counted from 1; else the one that the verdict is about.
    pub conversation: Option<usize>,
    /// The file's name, for the commands that are proposed.
    pub file: String,
}

impl Default for Look {
    fn default() -> Self {
        Self { paint: Paint::Plain, width: 100, teach: false, conversation: None, file: "FILE".to_owned() }
    }
}

impl Paint {
    fn style(self, style: Style) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Colours => style,
        }
    }

    fn field(self) -> Style {
        self.style(Style::new().cyan())
    }

    fn wrong(self) -> Style {
        self.style(Style::new().red().bold())
    }

    fn quiet(self) -> Style {
        self.style(Style::new().dimmed())
    }

    fn good(self) -> Style {
        self.style(Style::new().green())
    }

    fn title(self) -> Style {
        self.style(Style::new().bold())
    }

    /// Words that teach.
    pub(crate) fn note(self) -> Style {
        self.style(Style::new().italic().dimmed())
    }

    fn odd(self) -> Style {
        self.style(Style::new().yellow())
    }
}

/// A time of a capture as RFC 3339 writes it.
fn rfc3339(at: Duration) -> Option<String> {
    let seconds = i64::try_from(at.as_secs()).ok()?;
    let time =
        OffsetDateTime::from_unix_timestamp(seconds).ok()?.replace_microsecond(at.subsec_micros()).ok()?;
    time.format(&Rfc3339).ok()
}

/// Whether a character does something to a terminal or a page besides being seen: control
/// characters, and those that turn the direction of text or have no width.
fn steers(found: char) -> bool {
    found.is_control()
        || matches!(found,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A sentence of ours, in which names of peers may stand: what would steer is escaped.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for found in text.chars() {
        match steers(found) {
            true => out.extend(found.escape_unicode()),
            false => out.push(found),
        }
    }
    Cow::Owned(out)
}

/// A peer's text so that it cannot move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().flat_map(char::escape_debug).collect()
}

/// Plain text; see [`render`] for colours.
impl std::fmt::Display for crate::diagnosis::explanation::Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(render(self, Paint::Plain).trim_end())
    }
}
