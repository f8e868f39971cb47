//! The columns of the message diagram: time, packet, arrow between client and server, summary.

use owo_colors::{OwoColorize as _, Style};

use crate::conversation::Conversation;
use crate::diagnosis::explanation::Diagnosis;
use crate::diagnosis::finding::Severity;
use crate::input::capture_event::Side;
use crate::output::render::Palette;
use crate::output::render::ladder::{Row, Tone};

/// Width between client and server.
const LANE: usize = 44;
/// Minimum width of the summary; if narrower it moves to its own line.
const WORDS: usize = 24;

/// Columns shown in all rows.
pub(super) struct Columns {
    times: bool,
    frames: bool,
    width: usize,
}

impl Columns {
    pub fn new(rows: &[Row], width: usize) -> Self {
        Self {
            times: rows.iter().any(|row| row.since.is_some()),
            frames: rows.iter().any(|row| row.frame.is_some()),
            width,
        }
    }

    /// Width before the arrow.
    fn lead(&self) -> usize {
        let position = if self.frames { 7 } else { 9 };
        2 + position + if self.times { 11 } else { 0 }
    }

    /// Version and suite, then the column headings with the addresses.
    pub fn head(&self, conversation: &Conversation) -> Vec<String> {
        let position = if self.frames { format!("{:>5}  ", "frame") } else { format!("{:>7}  ", "byte") };
        let time = if self.times { format!("{:>9}  ", "seconds") } else { String::new() };
        let named = |end: &str, address: &str| match address.is_empty() {
            true => end.to_owned(),
            false => format!("{end} {address}"),
        };
        let (client, server) = (named("client", &conversation.client), named("server", &conversation.server));
        let gap = (LANE + 2).saturating_sub(client.chars().count() + server.chars().count()).max(2);
        let mut lines = vec![format!("  {time}{position}{client}{}{server}", " ".repeat(gap))];
        let words: Vec<String> = [
            conversation.version().map(|version| handclasp_report::Named(version).to_string()),
            conversation.suite().map(|suite| suite.to_string()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !words.is_empty() {
            lines.insert(0, format!("  {}", words.join(", ")));
        }
        lines
    }

    /// One row, plus further lines if the summary wraps.
    pub fn row(&self, row: &Row, paint: Palette) -> Vec<String> {
        let time = match (self.times, row.since) {
            (true, Some(since)) => format!("{:>9.6}  ", since.as_secs_f64()),
            (true, None) => format!("{:11}", ""),
            (false, _) => String::new(),
        };
        let position = match (self.frames, row.frame) {
            (true, Some(frame)) => format!("{frame:>5}  "),
            (true, None) => format!("{:7}", ""),
            (false, _) => format!("{:>7}  ", row.offset),
        };
        let style = style(row.tone, paint);
        let lead = format!("  {time}{position}");
        let lane = lane(row);
        let first = format!("{}{}", lead.style(paint.quiet()), format!("│{lane}│").style(style));
        let left = self.width.saturating_sub(self.lead() + LANE + 3);
        let words = if row.tone == Tone::Wrong { style } else { Style::new() };
        if row.detail.is_empty() {
            return vec![first];
        }
        let (indent, room) = match left < WORDS {
            true => (self.lead() + 2, self.width.saturating_sub(self.lead() + 2).max(20)),
            false => (self.lead() + LANE + 3, left),
        };
        let mut lines: Vec<String> = textwrap::wrap(&row.detail, room)
            .into_iter()
            .enumerate()
            .map(|(number, text)| match number == 0 && left >= WORDS {
                true => format!("{first} {}", text.style(words)),
                false => format!("{:indent$}{}", "", text.style(words)),
            })
            .collect();
        if left < WORDS {
            lines.insert(0, first);
        }
        lines
    }
}

/// The arrow with its label and size.
fn lane(row: &Row) -> String {
    let star = if row.opened { "*" } else { "" };
    let size = row.bytes.map(|bytes| format!(" {bytes} B")).unwrap_or_default();
    let name: String = format!("{}{star}", row.label).chars().take(LANE - 12).collect();
    let used = name.chars().count() + size.chars().count() + 5;
    let dash = if matches!(row.tone, Tone::Transport | Tone::Odd) { "╌" } else { "─" };
    let line = dash.repeat(LANE.saturating_sub(used));
    let gap = if size.is_empty() { dash } else { " " };
    match row.from {
        Side::Client => format!(" {name} {line}{size}{gap}{dash}▶"),
        Side::Server => format!("◀{dash}{size}{gap}{line} {name} "),
    }
}

fn style(tone: Tone, paint: Palette) -> Style {
    match tone {
        Tone::Transport => paint.quiet(),
        Tone::Odd => paint.odd(),
        Tone::Plain => Style::new(),
        Tone::Opened => paint.field(),
        Tone::Closed => paint.quiet(),
        Tone::Wrong => paint.wrong(),
    }
}

/// One row of the table of conversations.
pub(super) fn conversation(index: usize, diagnosis: &Diagnosis, shown: bool) -> String {
    let conversation = &diagnosis.conversation;
    let mark = if shown { "▸" } else { " " };
    let failure = diagnosis.findings.iter().find(|finding| finding.severity == Severity::Failure);
    let version = conversation.version().map(|version| handclasp_report::Named(version).to_string());
    let outcome = match failure {
        Some(finding) => format!("{} ({})", finding.cause.id(), finding.confidence.id()),
        None => "nothing failed".to_owned(),
    };
    format!(
        "{mark} {:>3}  {} → {}  {}  {outcome}",
        index + 1,
        conversation.client,
        conversation.server,
        version.as_deref().unwrap_or("version unknown"),
    )
}
