//! The bytes of every message on the page: hex beside the fields, the purpose of each field, and its
//! errors.

use super::escape;
use crate::conversation::dissect::message::tree;
use crate::conversation::field_tree::{Content, Node};
use crate::conversation::{Conversation, EventKind};
use crate::diagnosis::dissection::Dissection;
use crate::output::render::dump::completed_title;
use crate::output::render::{field_text, ladder};
use crate::output::teach;

/// Bytes in one row.
const ROW: usize = 8;
/// Bytes of one field that are shown.
const SHOWN: usize = 256;

/// The messages of a conversation, each collapsible.
pub(super) fn messages(out: &mut String, conversation: &Conversation) {
    let rows = ladder::rows(conversation);
    if rows.is_empty() {
        return;
    }
    *out += "<section><h2>Message by message</h2>";
    for row in &rows {
        let Some(item) = conversation.events.get(row.events.start) else { continue };
        let size = match row.bytes {
            Some(1) => Some("1 byte".to_owned()),
            bytes => bytes.map(|bytes| format!("{bytes} bytes")),
        };
        let detail = Some(row.detail.clone()).filter(|detail| !detail.is_empty());
        let position = item.position.frame.map(|frame| format!("frame {frame}"));
        let words: Vec<String> = [position, size, detail].into_iter().flatten().collect();
        *out += &format!(
            "<details><summary>{} <b>{}</b> <span class=\"quiet\">{}</span></summary>",
            item.from,
            escape(&row.label),
            escape(&words.join(", "))
        );
        if let Some(text) = teach::sentence(&item.kind) {
            *out += &format!("<p>{}</p>", escape(text));
        }
        if let EventKind::Handshake(message) = &item.kind {
            let tree = tree(&message.bytes, conversation.context());
            table(out, &tree.children, &message.bytes, teach::sentence(&item.kind));
        }
        *out += "</details>\n";
    }
    *out += "</section>\n";
}

/// The fields of pasted bytes.
pub(super) fn pasted(out: &mut String, pasted: &Dissection) {
    if let Some(repaired) = &pasted.repaired {
        let rows: Vec<String> = repaired.chunks(16).map(hex).collect();
        *out += &format!(
            "<section><h2>Repaired, {} bytes</h2><pre>{}</pre></section>\n",
            repaired.len(),
            rows.join("\n")
        );
    }
    if let Some(completed) = &pasted.completed {
        let rows: Vec<String> = completed.bytes.chunks(16).map(hex).collect();
        let title = escape(&completed_title(completed));
        *out += &format!("<section><h2>{title}</h2><pre>{}</pre></section>\n", rows.join("\n"));
    }
    *out += "<section><h2>The bytes</h2>";
    table(out, &pasted.nodes, &pasted.bytes, None);
    *out += "</section>\n";
}

/// The fields of some nodes. The explanation `above` is not repeated.
fn table(out: &mut String, nodes: &[Node], bytes: &[u8], above: Option<&'static str>) {
    *out += "<div class=\"dump\"><table>";
    let mut shown: Vec<&'static str> = above.into_iter().collect();
    for node in nodes {
        rows(out, node, bytes, 0, &mut shown);
    }
    *out += "</table></div>";
}

fn rows(out: &mut String, node: &Node, bytes: &[u8], depth: usize, shown: &mut Vec<&'static str>) {
    let leaf = node.children.is_empty() && !matches!(node.value, Content::Structure);
    let whole = bytes.get(node.range.clone()).filter(|_| leaf).unwrap_or_default();
    let mut chunks = whole.get(..whole.len().min(SHOWN)).unwrap_or_default().chunks(ROW);
    let first = chunks.next().map(hex).unwrap_or_default();
    *out += &format!(
        "<tr><td class=\"at\">{}</td><td class=\"hex\">{first}</td><td style=\"padding-left:{}rem\">\
         <span class=\"name\">{}</span>{}",
        node.range.start,
        depth,
        node.name,
        escape(&field_text(node, whole))
    );
    if let Some(problem) = &node.problem {
        *out += &format!(" <span class=\"problem\">{}</span>", escape(problem));
    }
    let lesson = teach::node(node).filter(|text| !shown.contains(text));
    for text in [node.note.as_deref(), lesson].into_iter().flatten() {
        *out += &format!("<div class=\"teach\">{}</div>", escape(text));
    }
    shown.extend(teach::node(node));
    *out += "</td></tr>";
    for (number, chunk) in (1..).zip(chunks) {
        *out += &format!(
            "<tr><td class=\"at\">{}</td><td class=\"hex\">{}</td><td></td></tr>",
            node.range.start + number * ROW,
            hex(chunk)
        );
    }
    if whole.len() > SHOWN {
        *out += &format!(
            "<tr><td></td><td class=\"hex\">… {} bytes more</td><td></td></tr>",
            whole.len() - SHOWN
        );
    }
    inside(out, node, bytes, depth + 1, shown);
}

/// The nested fields. The content of a vector gets no row of its own after its length.
fn inside(out: &mut String, node: &Node, bytes: &[u8], depth: usize, shown: &mut Vec<&'static str>) {
    let mut length = None;
    for child in &node.children {
        let announced = child.field.is_some() && child.field == length && child.problem.is_none();
        length = child.field.filter(|_| matches!(child.value, Content::Length(_)));
        if announced && child.note.is_none() && matches!(child.value, Content::Structure) {
            inside(out, child, bytes, depth + 1, shown);
        } else if !announced || !child.range.is_empty() {
            rows(out, child, bytes, depth, shown);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.join(" ")
}
