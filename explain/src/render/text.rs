//! Everything that was found, as text for a terminal: the verdict, what it stands on, the ladder
//! of messages, what is innocent, what would tell more; advice last.
//!
//! Called by: `cli`.

use owo_colors::{OwoColorize as _, Style};

use super::{KEY_LOGS, Look, Paint, dump, ladder, more};
use crate::evidence::Evidence;
use crate::explained::{Conversation, Explained};
use crate::finding::{Finding, Grade, Severity};
use crate::herring::herrings;
use crate::{At, Cause, teach};

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
        for (number, row) in textwrap::wrap(text, width).iter().enumerate() {
            let lead = if number == 0 { first } else { &indent };
            self.line(&format!("{lead}{}", row.style(style)));
        }
    }

    fn whole(&mut self) {
        let index = match self.look.conversation {
            Some(number) => number.checked_sub(1),
            None => self.explained.main_index(),
        };
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

    /// The failures of the conversation shown, or of the reports.
    fn failures(&self, told: Option<&Conversation>) -> Vec<Finding> {
        let asked = self.look.conversation.and(told);
        let fails = |finding: &&Finding| finding.severity == Severity::Failure;
        match asked {
            Some(told) => told.findings.iter().filter(fails).cloned().collect(),
            None => {
                let main = self.explained.main_index();
                let all = self.explained.findings().into_iter();
                // What failed in other conversations stands in their table.
                let all = all.filter(|(_, index)| index.is_none() || *index == main);
                all.map(|(finding, _)| finding).filter(fails).cloned().collect()
            }
        }
    }

    fn verdict(&mut self, told: Option<&Conversation>) {
        let failures = self.failures(told);
        let Some((first, others)) = failures.split_first() else {
            let text = match told {
                Some(_) if self.explained.pasted.is_some() => "Nothing is wrong with these bytes.",
                Some(told) if told.story.stage() == crate::story::Stage::Complete => {
                    "Nothing failed: the handshake was completed."
                }
                Some(_) => "Nothing failed, as far as these bytes tell.",
                None if !self.explained.reports.is_empty() => "Nothing failed: the report tells of no fault.",
                None => "There is no TLS here.",
            };
            let good = self.paint().good();
            return self.sentence("", text, good);
        };
        self.first(first);
        self.others(others);
    }

    /// The verdict: what is wrong, and what to change where; then what it stands on.
    fn first(&mut self, finding: &Finding) {
        let wrong = self.paint().wrong();
        self.sentence("", &finding.summary, wrong);
        let good = self.paint().good();
        let place = to_mend(finding.side);
        for (number, fix) in finding.fix.iter().enumerate() {
            let lead = if number == 0 { place } else { "or" };
            self.sentence("  ", &format!("{lead}: {fix}"), good);
        }
        let label = format!("{}: {}", finding.grade.id(), meaning(finding.grade));
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

    fn others(&mut self, others: &[Finding]) {
        if others.is_empty() {
            return;
        }
        let also = others.iter().any(|finding| finding.grade <= Grade::Observed);
        self.title(if also { "Also wrong, or possible" } else { "Less likely, but possible" });
        for finding in others {
            self.finding(finding);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        self.sentence("  - ", &finding.summary, Style::new());
        for evidence in &finding.evidence {
            self.sentence("    ", evidence, Style::new());
        }
        let good = self.paint().good();
        for fix in &finding.fix {
            self.sentence("    ", &format!("{}: {fix}", to_mend(finding.side)), good);
        }
        let quiet = self.paint().quiet();
        self.sentence("    ", &format!("[{}] {}", finding.cause.id(), finding.grade.id()), quiet);
    }

    /// All conversations, where there are several.
    fn conversations(&mut self, shown: Option<usize>) {
        let all = &self.explained.conversations;
        if all.len() < 2 {
            return;
        }
        let failed = all.iter().filter(|told| told.failed()).count();
        self.title(&format!("{} conversations, {failed} failed", all.len() + self.explained.untold));
        const SHOWN: usize = 20;
        for (index, told) in all.iter().enumerate().take(SHOWN) {
            let row = columns::conversation(index, told, shown == Some(index));
            let style = match told.failed() {
                true => self.paint().style(Style::new().red()),
                false => Style::new(),
            };
            self.line(&row.style(style).to_string());
        }
        if all.len() > SHOWN {
            self.line(&format!("  … and {} more", all.len() - SHOWN + self.explained.untold));
        }
        self.line("  (--conversation N shows another one)");
    }

    fn ladder(&mut self, told: &Conversation) {
        let rows = ladder::rows(&told.story);
        // Bytes of one end are shown as bytes.
        let few = self.explained.pasted.is_some() && rows.len() < 2 && !self.look.teach;
        if rows.is_empty() || few {
            return;
        }
        self.title("What happened");
        let columns = columns::Columns::new(&rows, self.look.width);
        for line in columns.head(&told.story) {
            self.line(&line.style(self.paint().quiet()).to_string());
        }
        for row in &rows {
            for line in columns.row(row, self.paint()) {
                self.line(&line);
            }
            if self.look.teach {
                for line in teach::row(&told.story, row.items.clone(), self.paint(), self.look.width) {
                    self.line(&line);
                }
            }
        }
        if rows.iter().any(|row| row.tone == ladder::Tone::Opened) {
            self.line("  * came protected and was opened with keys");
        }
        if told.story.dropped > 0 {
            self.line(&format!("  … and {} more, which are not kept", told.story.dropped));
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

    fn herrings(&mut self, told: &Conversation) {
        let innocent = herrings(&told.story, &told.findings);
        if !innocent.is_empty() {
            self.title("Not the cause");
            self.list(&innocent);
        }
    }

    fn more(&mut self) {
        let all = more::lines(self.explained, self.evidence, &self.look.file);
        if all.is_empty() {
            return;
        }
        self.title("What would tell more");
        for more in &all {
            self.sentence("  - ", &more.why, Style::new());
            let field = self.paint().field();
            self.line(&format!("    {}", more.command.style(field)));
        }
        if all.iter().any(|more| more.needs_key_log) {
            self.line("    Whoever can write KEYS, at either end:");
            for (who, how) in KEY_LOGS {
                self.line(&format!("      {who:31} {how}"));
            }
        }
    }

    fn advice(&mut self, told: Option<&Conversation>) {
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
            self.finding(finding);
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

/// Where something is to be changed.
fn to_mend(side: At) -> &'static str {
    match side {
        At::Client => "To mend, on the client",
        At::Server => "To mend, on the server",
        At::Config => "To mend, on either end",
        At::Network => "To do, between the ends",
        At::Attacker => "To do",
        At::Nobody => "To do next",
    }
}

/// What a grade means.
fn meaning(grade: Grade) -> &'static str {
    match grade {
        Grade::Proved => "recomputed, or the bytes contradict themselves",
        Grade::Observed => "it stands in plain sight",
        Grade::Inferred => "the only cause that fits the offers and the ending",
        Grade::Possible => "one of several causes that fit",
    }
}
