//! Renders findings for people (text, HTML) and for scripts (JSON).
//!
//! | file | what |
//! |---|---|
//! | `text` | the whole result for a terminal, verdict first |
//! | `verdict` | wording of the verdict |
//! | `ladder` | the message diagram of a conversation, one row per message; used by text and SVG |
//! | `detail` | short summary of each message |
//! | `suggestions` | further evidence that would raise the confidence, and how to collect it |
//! | `dump` | bytes on the left, fields on the right |
//! | `json` | JSON for scripts |
//! | `html`, `svg` | one self-contained page |

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

pub use dump::dissection;
pub(crate) use dump::field_line;
use dump::field_text;
pub use html::html;
pub use json::json;
pub use text::text;

/// Whether the text contains ANSI colour codes. Strip them if the output is not a terminal (anstream
/// does).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Palette {
    /// Plain text.
    Plain,
    /// Text with ANSI colour codes.
    Ansi,
}

/// Options of [`text`] and [`html`].
///
/// ```
/// use handclasp_explain::render::{Options, Palette};
///
/// let mut options = Options::default();
/// options.palette = Palette::Ansi;
/// options.teach = true;
/// assert_eq!(options.width, 100);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Plain text or ANSI colours.
    pub palette: Palette,
    /// Width in columns at which sentences are wrapped.
    pub width: usize,
    /// Adds an explanation to every message and field.
    pub teach: bool,
    /// Number of the conversation to show, counted from 1. `None`: the one that the verdict is about.
    pub conversation: Option<usize>,
    /// Name of the input file, for the suggested commands.
    pub file: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            palette: Palette::Plain,
            width: 100,
            teach: false,
            conversation: None,
            file: "FILE".to_owned(),
        }
    }
}

impl Palette {
    fn style(self, style: Style) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Ansi => style,
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

    /// Style of explanations.
    pub(crate) fn note(self) -> Style {
        self.style(Style::new().italic().dimmed())
    }

    fn odd(self) -> Style {
        self.style(Style::new().yellow())
    }
}

/// A capture timestamp in RFC 3339 format.
fn rfc3339(at: Duration) -> Option<String> {
    let seconds = i64::try_from(at.as_secs()).ok()?;
    let time =
        OffsetDateTime::from_unix_timestamp(seconds).ok()?.replace_microsecond(at.subsec_micros()).ok()?;
    time.format(&Rfc3339).ok()
}

/// Whether a character can change how a terminal or a page renders other text: control characters,
/// direction overrides and zero-width characters.
fn steers(found: char) -> bool {
    found.is_control()
        || matches!(found,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Escapes such characters in a sentence, which may contain names sent by a peer.
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

/// A peer's text, escaped so that it cannot move a terminal's cursor.
fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().flat_map(char::escape_debug).collect()
}

/// The text of `handclasp explain`, without colours; see [`text`].
impl std::fmt::Display for crate::diagnosis::explanation::Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(text(self, &Options::default()).trim_end())
    }
}

/// Findings, bytes and fields, without colours; see [`dissection`].
impl std::fmt::Display for crate::diagnosis::dissection::Dissection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(dissection(self, Palette::Plain).trim_end())
    }
}
