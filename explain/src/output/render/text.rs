//! The result as text for a terminal: the verdict, its evidence, the message diagram, what was ruled
//! out, suggestions; advice last.

use owo_colors::{OwoColorize as _, Style};

use super::{KEY_LOGS, Options, Palette, dump, harmless, ladder, suggestions, verdict};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explanation::{Diagnosis, Explanation};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::fix;
use crate::diagnosis::ruled_out::ruled_out;
use crate::output::teach::Lesson;

mod columns;

/// Renders an explanation as text for a terminal: the verdict first.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{explain_bytes, render};
///
/// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
/// let text = render::text(&explanation, &render::Options::default());
/// assert!(text.contains("handshake_failure"));
/// # Ok(())
/// # }
/// ```
pub fn text(explained: &Explanation, look: &Options) -> String {
    let mut page = Page { out: String::new(), explained, look };
    page.whole();
    page.out
}

struct Page<'e> {
    out: String,
    explained: &'e Explanation,
    look: &'e Options,
}

impl Page<'_> {
    fn paint(&self) -> Palette {
        self.look.palette
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn title(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.line("");
        }
        let text = text.style(self.paint().title()).to_string();
        self.line(&text);
    }

    /// A wrapped sentence: the first line starts with `first`, the others are indented equally.
    fn sentence(&mut self, first: &str, text: &str, style: Style) {
        let indent = " ".repeat(first.chars().count());
        let width = self.look.width.saturating_sub(indent.len()).max(20);
        for (number, row) in textwrap::wrap(&harmless(text), width).iter().enumerate() {
            let lead = if number == 0 { first } else { &indent };
            self.line(&format!("{lead}{}", row.style(style)));
        }
    }

    fn whole(&mut self) {
        let index = verdict::shown(self.explained, self.look);
        let diagnosis = index.and_then(|index| self.explained.conversations.get(index));
        self.verdict(diagnosis);
        self.logged();
        self.conversations(index);
        if let Some(diagnosis) = diagnosis {
            self.ladder(diagnosis);
            self.bytes();
            self.ruled_out(diagnosis);
        }
        self.server_now();
        self.suggestions();
        self.advice(diagnosis);
        self.read();
    }

    fn verdict(&mut self, diagnosis: Option<&Diagnosis>) {
        let failures = verdict::failures(self.explained, self.look);
        let Some((first, others)) = failures.split_first() else {
            let (text, good) = verdict::without_failure(self.explained, diagnosis);
            let style = if good { self.paint().good() } else { self.paint().wrong() };
            return self.sentence("", &text, style);
        };
        self.first(first);
        if !others.is_empty() {
            self.title(verdict::others(others));
            for finding in others {
                self.finding(finding, verdict::is_settled(first, finding));
            }
        }
    }

    /// The first finding: summary, fixes, confidence, evidence.
    fn first(&mut self, finding: &Finding) {
        let wrong = self.paint().wrong();
        self.sentence("", &finding.summary, wrong);
        let good = self.paint().good();
        for fix in fix::lines(finding.side, &finding.fix) {
            self.sentence("  ", &fix, good);
        }
        self.how(finding);
        let label = format!("{}: {}", finding.confidence.id(), verdict::meaning_in(self.explained, finding));
        let label = format!("[{}] {label}{}", finding.cause.id(), verdict::as_of(finding));
        let quiet = self.paint().quiet();
        self.sentence("  ", &label, quiet);
        if !finding.evidence.is_empty() {
            self.title("Evidence");
            self.list(&finding.evidence);
        }
    }

    fn list(&mut self, lines: &[String]) {
        for line in lines {
            self.sentence("  - ", line, Style::new());
        }
    }

    /// The settings of the software that is recognised.
    fn how(&mut self, finding: &Finding) {
        for how in &finding.how {
            self.sentence("  ", &format!("With {}:", how.title()), Style::new());
            for line in how.lines {
                self.sentence("    ", line, Style::new());
            }
        }
    }

    /// A further finding; only its summary and label if `brief`.
    fn finding(&mut self, finding: &Finding, brief: bool) {
        self.sentence("  - ", &finding.summary, Style::new());
        let (good, quiet) = (self.paint().good(), self.paint().quiet());
        let label =
            format!("[{}] {}{}", finding.cause.id(), finding.confidence.id(), verdict::as_of(finding));
        if brief {
            return self.sentence("    ", &label, quiet);
        }
        for evidence in &finding.evidence {
            self.sentence("    ", evidence, Style::new());
        }
        for fix in fix::lines(finding.side, &finding.fix) {
            self.sentence("    ", &fix, good);
        }
        self.sentence("    ", &label, quiet);
    }

    /// The table of conversations, if there are several.
    fn logged(&mut self) {
        let lines = verdict::logged(self.explained);
        if !lines.is_empty() {
            self.title(verdict::LOGGED);
            self.list(&lines);
        }
    }

    fn conversations(&mut self, shown: Option<usize>) {
        let all = &self.explained.conversations;
        if all.len() < 2 {
            return;
        }
        let failed = all.iter().filter(|diagnosis| diagnosis.failed()).count();
        self.title(&format!("{} conversations, {failed} failed", all.len() + self.explained.omitted));
        let rows = verdict::table(all, shown, 20);
        for index in &rows {
            let Some(diagnosis) = all.get(*index) else { continue };
            let row = columns::conversation(*index, diagnosis, shown == Some(*index));
            let style = match diagnosis.failed() {
                true => self.paint().style(Style::new().red()),
                false => Style::new(),
            };
            self.line(&row.style(style).to_string());
        }
        let rest = all.len() + self.explained.omitted - rows.len();
        if rest > 0 {
            self.line(&format!("  … and {rest} more"));
        }
        self.line("  (--conversation N shows another one)");
    }

    fn ladder(&mut self, diagnosis: &Diagnosis) {
        let rows = ladder::rows(&diagnosis.conversation);
        // A single pasted message is shown as bytes only.
        let few = self.explained.dissection.is_some() && rows.len() < 2 && !self.look.teach;
        if rows.is_empty() || few {
            return;
        }
        self.title("What happened");
        let columns = columns::Columns::new(&rows, self.look.width);
        for line in columns.head(&diagnosis.conversation) {
            self.line(&line.style(self.paint().quiet()).to_string());
        }
        let mut lesson = Lesson::new(self.paint(), self.look.width);
        for row in &rows {
            for line in columns.row(row, self.paint()) {
                self.line(&line);
            }
            if self.look.teach {
                for line in lesson.row(&diagnosis.conversation, &row.events) {
                    self.line(&line);
                }
            }
        }
        if rows.iter().any(|row| row.opened) {
            self.line("  * encrypted; decrypted with the keys given");
        }
        if diagnosis.conversation.dropped > 0 {
            self.line(&format!("  … and {} more that were not kept", diagnosis.conversation.dropped));
        }
    }

    fn bytes(&mut self) {
        let Some(pasted) = &self.explained.dissection else { return };
        let repaired = dump::repaired(pasted, self.paint());
        if !repaired.is_empty() {
            self.line("");
            self.out.push_str(&repaired);
        }
        self.title("The bytes");
        let bytes = dump::dump(pasted, self.paint());
        self.out.push_str(&bytes);
    }

    fn ruled_out(&mut self, diagnosis: &Diagnosis) {
        let ruled_out = ruled_out(&diagnosis.conversation, &diagnosis.findings);
        if !ruled_out.is_empty() {
            self.title("Not the cause");
            self.list(&ruled_out);
        }
    }

    fn server_now(&mut self) {
        let lines = self.explained.server_now_lines();
        if !lines.is_empty() {
            self.title(verdict::SERVER_NOW);
            self.list(&lines);
        }
    }

    fn suggestions(&mut self) {
        let all = suggestions::lines(self.explained, &self.look.file);
        if all.is_empty() {
            return;
        }
        self.title("For a more certain answer");
        for suggestion in &all {
            self.sentence("  - ", &suggestion.why, Style::new());
            let field = self.paint().field();
            self.line(&format!("    {}", harmless(&suggestion.command).style(field)));
        }
        if all.iter().any(|suggestion| suggestion.needs_key_log) {
            self.line("    To write the key log KEYS, on either side:");
            for (who, how) in KEY_LOGS {
                self.line(&format!("      {who:31} {how}"));
            }
        }
    }

    fn advice(&mut self, diagnosis: Option<&Diagnosis>) {
        let all: Vec<Finding> = match diagnosis {
            Some(diagnosis) => diagnosis.findings.clone(),
            None => Vec::new(),
        };
        let advice: Vec<&Finding> = all
            .iter()
            .filter(|finding| finding.severity == Severity::Advice && finding.cause != Cause::None)
            .collect();
        if advice.is_empty() {
            return;
        }
        self.title("Worth knowing");
        for finding in advice {
            self.finding(finding, false);
        }
    }

    /// Notes about a truncated or damaged file.
    fn read(&mut self) {
        let Some(read) = &self.explained.packets else { return };
        let quiet = self.paint().quiet();
        if read.cut {
            self.line("");
            self.sentence(
                "",
                "(The file ends in the middle of a packet: the capture was interrupted.)",
                quiet,
            );
        }
        if let Some(damaged) = &read.damaged {
            let text = format!("(The file is damaged; everything before the damage was read. {damaged})");
            self.line("");
            self.sentence("", &text, quiet);
        }
    }
}
