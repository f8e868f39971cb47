//! The message diagram as SVG: two sides, one arrow per row, alerts in red.

use super::html::escape;
use super::ladder::{Row, Tone, rows};
use crate::conversation::Conversation;
use crate::input::capture_event::Side;

/// All measures are in SVG user units; the image is as wide as the page.
const WIDTH: usize = 1040;
const CLIENT: usize = 160;
const SERVER: usize = 640;
const TOP: usize = 64;
const STEP: usize = 44;
/// Text beside the diagram: characters per line, number of lines.
const WORDS: usize = 48;
const LINES: usize = 2;
/// Rows in the image; the message list below contains all.
const MOST: usize = 120;

/// The diagram of a conversation; empty if there are no events.
pub(super) fn ladder(conversation: &Conversation) -> String {
    let rows = rows(conversation);
    if rows.is_empty() {
        return String::new();
    }
    let shown = rows.len().min(MOST);
    let height = TOP + shown * STEP + 24;
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"The messages in order\" font-size=\"14\">\
         <line class=\"life\" x1=\"{CLIENT}\" y1=\"{0}\" x2=\"{CLIENT}\" y2=\"{1}\"/>\
         <line class=\"life\" x1=\"{SERVER}\" y1=\"{0}\" x2=\"{SERVER}\" y2=\"{1}\"/>",
        TOP - 16,
        height - 12
    );
    for (at, end, address) in
        [(CLIENT, "client", &conversation.client), (SERVER, "server", &conversation.server)]
    {
        out += &format!(
            "<text x=\"{at}\" y=\"22\" text-anchor=\"middle\" font-weight=\"650\">{end}</text>\
             <text x=\"{at}\" y=\"40\" text-anchor=\"middle\" class=\"quiet\" font-size=\"12\">{}</text>",
            escape(address)
        );
    }
    let chosen = [
        conversation.version().map(|version| handclasp_report::Named(version).to_string()),
        conversation.suite().map(|suite| suite.to_string()),
    ];
    for (text, y) in chosen.into_iter().flatten().zip([22, 40]) {
        out +=
            &format!("<text x=\"{}\" y=\"{y}\" class=\"quiet\" font-size=\"12\">{text}</text>", SERVER + 100);
    }
    for (number, one) in rows.iter().take(MOST).enumerate() {
        let before = number.checked_sub(1).and_then(|before| rows.get(before));
        row(&mut out, one, before, TOP + number * STEP + 24);
    }
    out += "</svg>";
    if rows.iter().any(|row| row.opened) {
        out += "<p class=\"quiet\">* encrypted; decrypted with the keys given</p>";
    }
    if rows.len() > MOST {
        out += &format!("<p>… and {} more, below.</p>", rows.len() - MOST);
    }
    out
}

fn row(out: &mut String, row: &Row, before: Option<&Row>, y: usize) {
    let (line, words) = classes(row.tone);
    let (from, to, head) = match row.from {
        Side::Client => (CLIENT, SERVER, -8),
        Side::Server => (SERVER, CLIENT, 8),
    };
    let tip = i64::try_from(to).unwrap_or_default();
    let middle = (CLIENT + SERVER) / 2;
    let size = match row.bytes {
        Some(1) => " · 1 byte".to_owned(),
        Some(bytes) => format!(" · {bytes} bytes"),
        None => String::new(),
    };
    let star = if row.opened { "*" } else { "" };
    *out += &format!(
        "<line class=\"{line}\" x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\"/>\
         <path class=\"{line}\" style=\"stroke-dasharray:none\" fill=\"none\" d=\"M{0} {1}L{tip} {y}L{0} {2}\"/>\
         <text class=\"{words}\" x=\"{middle}\" y=\"{3}\" text-anchor=\"middle\">{4}{star}\
         <tspan class=\"quiet\" font-weight=\"400\" font-size=\"12\">{size}</tspan></text>",
        tip + head,
        y - 5,
        y + 5,
        y - 6,
        escape(&row.label),
    );
    // Rows of the same packet share one time and frame.
    let same = before.is_some_and(|before| row.frame.is_some() && before.frame == row.frame);
    let since = row.since.filter(|_| !same).map(|since| format!("{:.3} ms", since.as_secs_f64() * 1e3));
    let frame = row.frame.filter(|_| !same).map(|frame| format!("frame {frame}"));
    for (text, up) in [(since, 4), (frame, 0)] {
        if let Some(text) = text {
            let y = if up > 0 { y - up } else { y + 12 };
            *out += &format!(
                "<text class=\"quiet\" x=\"{}\" y=\"{y}\" text-anchor=\"end\" font-size=\"12\">{text}</text>",
                CLIENT - 16
            );
        }
    }
    let detail = textwrap::wrap(&row.detail, WORDS);
    let lines = detail.len().min(LINES);
    for (number, text) in detail.iter().take(LINES).enumerate() {
        let more = if number + 1 == LINES && detail.len() > LINES { " …" } else { "" };
        let y = if lines == 1 { y + 4 } else { y - 4 + number * 16 };
        *out +=
            &format!("<text x=\"{}\" y=\"{y}\" font-size=\"13\">{}{more}</text>", SERVER + 18, escape(text));
    }
}

/// CSS classes of an arrow and of its text.
fn classes(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Transport => ("transport", "t-transport"),
        Tone::Odd => ("odd", "t-odd"),
        Tone::Plain => ("plain", "t-plain"),
        Tone::Opened => ("opened", "t-opened"),
        Tone::Closed => ("closed", "t-closed"),
        Tone::Wrong => ("wrong", "t-wrong"),
    }
}
