//! Everything that was found, as text for a terminal: the verdict, what it stands on, the ladder
//! of messages, what is innocent, what would tell more; advice last.

use owo_colors::{OwoColorize as _, Style};

use super::{KEY_LOGS, Look, Paint, dump, harmless, ladder, suggestions, verdict};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explained::{Diagnosis, Explained};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::ruled_out::herrings;
use crate::input::evidence::Evidence;
use crate::output::teach::Lesson;

mod columns;

/// Renders it for a terminal.
pub fn render_text(explained: &Explained, evidence: &Evidence, look: &Look) -> String {
    let mut page = Page { out: String::new(), explained, evidence, look };
    page.whole();
    page.out
}

struct Page<'e> {
    out: String,
    explained: &'e Explained,
    evidence: &'e Evidence,
    look: &'e Look,
}

impl Page<'_> {
    fn paint(&self) -> Paint {
        self.look.paint
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

    /// A sentence, broken at the width, the first line behind `first`, the others as far in.
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
        let told = index.and_then(|index| self.explained.conversations.get(index));
        self.verdict(told);
        self.conversations(index);
        if let Some(told) = told {
            self.ladder(told);
            self.bytes();
            self.herrings(told);
        }
        self.more();
        self.advice(told);
        self.read();
    }

    fn verdict(&mut self, told: Option<&Diagnosis>) {
        let failures = verdict::failures(self.explained, self.look);
        let Some((first, others)) = failures.split_first() else {
            let (text, good) = verdict::without_failure(self.explained, told);
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

    /// The verdict: what is wrong, and what to change where; then what it stands on.
    fn first(&mut self, finding: &Finding) {
        let wrong = self.paint().wrong();
        self.sentence("", &finding.summary, wrong);
        let good = self.paint().good();
        for fix in verdict::fixes(finding.side, &finding.fix) {
            self.sentence("  ", &fix, good);
        }
        let label = format!(
            "{}: {}",
            finding.confidence.id(),
            verdict::meaning_in(self.explained, finding.confidence)
        );
        let label = format!("[{}] {label}", finding.cause.id());
        let quiet = self.paint().quiet();
        self.sentence("  ", &label, quiet);
        if !finding.evidence.is_empty() {
            self.title("What shows it");
            self.list(&finding.evidence);
        }
    }

    fn list(&mut self, lines: &[String]) {
        for line in lines {
            self.sentence("  - ", line, Style::new());
        }
    }

    /// A finding; of one that is out of the question only a line.
    fn finding(&mut self, finding: &Finding, brief: bool) {
        self.sentence("  - ", &finding.summary, Style::new());
        let (good, quiet) = (self.paint().good(), self.paint().quiet());
        let label = format!("[{}] {}", finding.cause.id(), finding.confidence.id());
        if brief {
            return self.sentence("    ", &label, quiet);
        }
        for evidence in &finding.evidence {
            self.sentence("    ", evidence, Style::new());
        }
        for fix in verdict::fixes(finding.side, &finding.fix) {
            self.sentence("    ", &fix, good);
        }
        self.sentence("    ", &label, quiet);
    }

    /// All conversations, where there are several.
    fn conversations(&mut self, shown: Option<usize>) {
        let all = &self.explained.conversations;
        if all.len() < 2 {
            return;
        }
        let failed = all.iter().filter(|told| told.failed()).count();
        self.title(&format!("{} conversations, {failed} failed", all.len() + self.explained.untold));
        let rows = verdict::table(all, shown, 20);
        for index in &rows {
            let Some(told) = all.get(*index) else { continue };
            let row = columns::conversation(*index, told, shown == Some(*index));
            let style = match told.failed() {
                true => self.paint().style(Style::new().red()),
                false => Style::new(),
            };
            self.line(&row.style(style).to_string());
        }
        let rest = all.len() + self.explained.untold - rows.len();
        if rest > 0 {
            self.line(&format!("  … and {rest} more"));
        }
        self.line("  (--conversation N shows another one)");
    }

    fn ladder(&mut self, told: &Diagnosis) {
        let rows = ladder::rows(&told.conversation);
        // Bytes of one end are shown as bytes.
        let few = self.explained.pasted.is_some() && rows.len() < 2 && !self.look.teach;
        if rows.is_empty() || few {
            return;
        }
        self.title("What happened");
        let columns = columns::Columns::new(&rows, self.look.width);
        for line in columns.head(&told.conversation) {
            self.line(&line.style(self.paint().quiet()).to_string());
        }
        let mut lesson = Lesson::new(self.paint(), self.look.width);
        for row in &rows {
            for line in columns.row(row, self.paint()) {
                self.line(&line);
            }
            if self.look.teach {
                for line in lesson.row(&told.conversation, &row.events) {
                    self.line(&line);
                }
            }
        }
        if rows.iter().any(|row| row.opened) {
            self.line("  * came protected and was opened with keys");
        }
        if told.conversation.dropped > 0 {
            self.line(&format!("  … and {} more, which are not kept", told.conversation.dropped));
        }
    }

    fn bytes(&mut self) {
        let Some(pasted) = &self.explained.pasted else { return };
        let repaired = dump::repaired(pasted, self.paint());
        if !repaired.is_empty() {
            self.line("");
            self.out.push_str(&repaired);
        }
        self.title("The bytes");
        let bytes = dump::dump(pasted, self.paint());
        self.out.push_str(&bytes);
    }

    fn herrings(&mut self, told: &Diagnosis) {
        let innocent = herrings(&told.conversation, &told.findings);
        if !innocent.is_empty() {
            self.title("Not the cause");
            self.list(&innocent);
        }
    }

    fn more(&mut self) {
        let all = suggestions::lines(self.explained, self.evidence, &self.look.file);
        if all.is_empty() {
            return;
        }
        self.title("What would tell more");
        for more in &all {
            self.sentence("  - ", &more.why, Style::new());
            let field = self.paint().field();
            self.line(&format!("    {}", harmless(&more.command).style(field)));
        }
        if all.iter().any(|more| more.needs_key_log) {
            self.line("    Whoever can write KEYS, at either end:");
            for (who, how) in KEY_LOGS {
                self.line(&format!("      {who:31} {how}"));
            }
        }
    }

    fn advice(&mut self, told: Option<&Diagnosis>) {
        let all: Vec<Finding> = match told {
            Some(told) => told.findings.clone(),
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

    /// What the file lacked.
    fn read(&mut self) {
        let Some(read) = &self.explained.packets else { return };
        let quiet = self.paint().quiet();
        if read.cut {
            self.line("");
            self.sentence("", "(The file ends inside a packet: whoever captured was stopped.)", quiet);
        }
        if let Some(damaged) = &read.damaged {
            let text = format!("(The file is damaged; what stands before was read. {damaged})");
            self.line("");
            self.sentence("", &text, quiet);
        }
    }
}
