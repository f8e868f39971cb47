//! Pasted bytes as text for a terminal: the findings and the repaired message; then the bytes on the
//! left and the fields on the right, indented by nesting.

use std::ops::Range;

use owo_colors::OwoColorize as _;

use super::{Palette, harmless};
use crate::conversation::field_tree::{Content, Node};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::{complete::Completed, dissection::Dissection};

/// Bytes in one line.
const LINE: usize = 8;
/// Bytes of one field that are shown.
const SHOWN: usize = 32;

/// Renders a dissection as text: findings, then the bytes beside their fields.
///
/// ```
/// use handclasp_explain::{dissection::dissect, render};
///
/// let dissection = dissect(&[0x15, 3, 3, 0, 2, 2, 40]);
/// let text = render::dissection(&dissection, render::Palette::Plain);
/// assert!(text.contains("description"));
/// ```
pub fn dissection(explanation: &Dissection, paint: Palette) -> String {
    let mut page = Page { out: String::new(), explanation, paint };
    page.findings();
    page.repaired();
    page.line("");
    page.bytes_and_fields();
    page.out
}

/// The bytes and their fields alone.
pub(super) fn dump(explanation: &Dissection, paint: Palette) -> String {
    let mut page = Page { out: String::new(), explanation, paint };
    page.bytes_and_fields();
    page.out
}

/// The repaired message and the completed hello, if there are any.
pub(super) fn repaired(explanation: &Dissection, paint: Palette) -> String {
    let mut page = Page { out: String::new(), explanation, paint };
    page.repaired();
    page.out
}

struct Page<'e> {
    out: String,
    explanation: &'e Dissection,
    paint: Palette,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// An empty line, except at the beginning.
    fn gap(&mut self) {
        if !self.out.is_empty() {
            self.line("");
        }
    }

    fn bytes_and_fields(&mut self) {
        self.skipped();
        for node in &self.explanation.nodes {
            self.node(node, 0);
        }
    }

    fn skipped(&mut self) {
        if self.explanation.skipped > 0 {
            let text = format!("(skipped {} bytes of packet headers)", self.explanation.skipped);
            self.line(&text.style(self.paint.quiet()).to_string());
        }
    }

    /// The bytes of a field, without the record headers that lie inside a message of several
    /// records.
    fn bytes(&self, range: &Range<usize>) -> Vec<u8> {
        // Sorted by offset.
        let headers = &self.explanation.headers;
        let inside = |at: &usize| {
            let before = headers.partition_point(|header| header.start <= *at);
            let header = before.checked_sub(1).and_then(|last| headers.get(last));
            !header.is_some_and(|header| header.contains(at) && header.start > range.start)
        };
        range.clone().filter(inside).filter_map(|at| self.explanation.bytes.get(at).copied()).collect()
    }

    fn node(&mut self, node: &Node, depth: usize) {
        let leaf = !matches!(node.value, Content::Structure) && node.children.is_empty();
        let bytes = if leaf { self.bytes(&node.range) } else { Vec::new() };
        let mut rows = bytes.get(..bytes.len().min(SHOWN)).unwrap_or_default().chunks(LINE);
        let indent = "  ".repeat(depth);
        let name = node.name.style(self.paint.field());
        let first = self.columns(node.range.start, rows.next().unwrap_or_default());
        self.line(&format!("{first}{indent}{name}{}", field_text(node, &bytes)));
        for (number, row) in (1..).zip(rows) {
            let text = self.columns(node.range.start + number * LINE, row);
            self.line(&text);
        }
        if bytes.len() > SHOWN {
            self.line(&format!("      … {} bytes", bytes.len()));
        }
        for (text, style) in [(&node.problem, self.paint.wrong()), (&node.note, self.paint.quiet())] {
            if let Some(text) = text {
                let text = format!("^ {text}");
                self.line(&format!("{:32}{indent}{}", "", text.style(style)));
            }
        }
        self.children(node, depth + 1);
    }

    /// The nested fields. The content of a vector gets no line of its own after its length.
    fn children(&mut self, node: &Node, depth: usize) {
        let mut length = None;
        for child in &node.children {
            let announced = child.field.is_some() && child.field == length;
            let silent = child.problem.is_none() && child.note.is_none();
            match child.value {
                Content::Structure if announced && silent => self.children(child, depth + 1),
                Content::Bytes if announced && silent && child.range.is_empty() => {}
                _ => self.node(child, depth),
            }
            length = child.field.filter(|_| matches!(child.value, Content::Length(_)));
        }
    }

    /// Offset and bytes, 32 columns wide.
    fn columns(&self, offset: usize, bytes: &[u8]) -> String {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let offset = format!("{offset:4}");
        format!("{}  {:24}  ", offset.style(self.paint.quiet()), hex.join(" "))
    }

    fn findings(&mut self) {
        let all = &self.explanation.findings;
        let (wrong, rest): (Vec<&Finding>, Vec<&Finding>) =
            all.iter().partition(|finding| finding.severity == Severity::Failure);
        if !wrong.is_empty() {
            let title = if wrong.len() == 1 {
                "What is wrong".to_owned()
            } else {
                format!("What is wrong: {} problems", wrong.len())
            };
            self.gap();
            self.line(&title.style(self.paint.wrong()).to_string());
            self.list(&wrong);
        }
        if !rest.is_empty() {
            self.gap();
            self.line("Worth knowing");
            self.list(&rest);
        }
        if all.is_empty() {
            let text = "These bytes are well formed.";
            self.line(&text.style(self.paint.good()).to_string());
        }
    }

    fn list(&mut self, findings: &[&Finding]) {
        for (number, finding) in (1..).zip(findings) {
            self.line(&format!("{number:3}. {}", harmless(&finding.summary)));
            for evidence in &finding.evidence {
                self.line(&format!("     {}", harmless(evidence)));
            }
            for fix in &finding.fix {
                let fix = harmless(&fix.text);
                self.line(&format!("     {} {fix}", "fix:".style(self.paint.good())));
            }
            let label =
                format!("[{}, {}, {}]", finding.cause.id(), finding.confidence.id(), finding.side.id());
            self.line(&format!("     {}", label.style(self.paint.quiet())));
        }
    }

    fn repaired(&mut self) {
        if let Some(bytes) = &self.explanation.repaired {
            self.gap();
            let title = format!("Repaired, {} bytes (verified: decodes completely)", bytes.len());
            self.hex(&title, bytes);
        }
        let Some(completed) = &self.explanation.completed else { return };
        self.gap();
        self.hex(&completed_title(completed), &completed.bytes);
        if completed.lacks_name {
            self.line("  --name HOST adds server_name, which servers that host several names require.");
        }
    }

    fn hex(&mut self, title: &str, bytes: &[u8]) {
        self.line(&title.style(self.paint.good()).to_string());
        for row in bytes.chunks(16) {
            let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
            self.line(&format!("  {}", hex.join(" ")));
        }
    }
}

/// Heading of the completed ClientHello.
pub(super) fn completed_title(completed: &Completed) -> String {
    let added: Vec<String> = completed.added.iter().map(ToString::to_string).collect();
    format!(
        "A ClientHello that servers accept, {} bytes: the same with {} added",
        completed.bytes.len(),
        added.join(", ")
    )
}

/// A field in one line: its name and value; the first bytes if it has no other textual form.
pub(crate) fn field_line(node: &Node, bytes: &[u8], paint: Palette) -> String {
    let bytes = bytes.get(node.range.clone()).unwrap_or_default();
    let mut words = field_text(node, bytes);
    if words.is_empty() && matches!(node.value, Content::Bytes) {
        let hex: String = bytes.iter().take(LINE).map(|byte| format!("{byte:02x}")).collect();
        let more = if bytes.len() > LINE { format!("… {} bytes", bytes.len()) } else { String::new() };
        words = format!(": {hex}{more}");
    }
    if let Some(problem) = &node.problem {
        words += &format!("  ^ {}", problem.style(paint.wrong()));
    }
    format!("{}{words}", node.name.style(paint.field()))
}

/// The text after a field's name.
pub(super) fn field_text(node: &Node, bytes: &[u8]) -> String {
    match node.value {
        Content::Structure => String::new(),
        Content::Number(number) => format!(": {number}"),
        Content::Length(1) => " length: 1 byte".to_owned(),
        Content::Length(length) => format!(" length: {length} bytes"),
        Content::Name(number, Some(name)) => format!(": {name} ({})", hex(number, node.range.len())),
        Content::Name(number, None) => format!(": {} (unknown)", hex(number, node.range.len())),
        Content::Bytes if bytes.is_empty() => ": empty".to_owned(),
        Content::Bytes => text(bytes).map(|text| format!(": \"{text}\"")).unwrap_or_default(),
    }
}

fn hex(number: u32, bytes: usize) -> String {
    match bytes {
        2 => format!("0x{number:04x}"),
        _ => number.to_string(),
    }
}

/// The bytes as text, if all are printable ASCII.
fn text(bytes: &[u8]) -> Option<String> {
    let plain = bytes.len() >= 2 && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    let text = std::str::from_utf8(bytes).ok().filter(|_| plain)?;
    Some(text.to_owned())
}
