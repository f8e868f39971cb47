//! The result of explaining an input: conversations with their findings, reports, and one order of all
//! findings.

use handclasp_report::Report;

use crate::{
    conversation::Conversation,
    diagnosis::{
        cause::Cause,
        compare_captures,
        dissection::Dissection,
        finding::{Finding, Severity},
        ranking, rules, server_now,
    },
    input::{
        capture::Summary,
        evidence::{Evidence, ServerNow, Supplied},
        report_lines::DamagedLine,
    },
};

/// A conversation and the findings about it.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// let explanation = handclasp_explain::explain_bytes(b"15 03 03 00 02 02 28")?;
/// for diagnosis in &explanation.conversations {
///     for event in &diagnosis.conversation.events {
///         println!("{} {}: {:?}", event.from, event.position, event.kind);
///     }
///     for finding in &diagnosis.findings {
///         println!("{}", finding.summary);
///     }
/// }
/// assert!(explanation.conversations[0].failed());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The messages, alerts and transport events, in order.
    pub conversation: Conversation,
    /// The findings: failures first, then advice, each the most certain first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Applies all rules to a conversation.
    pub(crate) fn new(conversation: Conversation, evidence: &Evidence) -> Self {
        let findings = rules::diagnose(&conversation, evidence);
        Self { conversation, findings }
    }

    /// Whether one of the findings is a failure.
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Failure)
    }
}

/// The explanation of an input.
///
/// [`verdict`](Self::verdict) is the finding to show first, [`findings`](Self::findings) are all of
/// them, and `Display` prints what `handclasp explain` prints. [`render`](crate::render) has options,
/// JSON and HTML.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{Confidence, Party, explain_bytes};
///
/// let explanation = explain_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
/// let finding = explanation.verdict().expect("this is not TLS");
/// assert_eq!(finding.cause.id(), "transport.not-tls.http");
/// assert_eq!((finding.confidence, finding.side), (Confidence::Observed, Party::Config));
/// println!("{}", finding.summary);
/// for fix in &finding.fix {
///     println!("fix ({}): {}", fix.side.unwrap_or(finding.side).id(), fix.text);
/// }
/// println!("{explanation}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Explanation {
    /// Counts of packets, where the input is a capture.
    pub packets: Option<Summary>,
    /// Records, messages and fields, where the input is bytes or a hex dump. The same bytes are the
    /// only conversation.
    pub dissection: Option<Box<Dissection>>,
    /// The reports, where the input is a handclasp report, or a log with lines of reports.
    pub reports: Vec<ReportDiagnosis>,
    /// Lines of reports in a log that do not read.
    pub damaged_lines: Vec<DamagedLine>,
    /// The conversations, in the order in which they began.
    pub conversations: Vec<Diagnosis>,
    /// Conversations beyond the limit of 1000 or of memory: counted, not kept.
    pub omitted: usize,
    /// What the server of a conversation answers now, if it was asked, and the index of that conversation;
    /// `None`: no conversation fits the answer.
    pub(crate) server_now: Option<(Option<usize>, ServerNow)>,
    /// The evidence that was supplied.
    pub(crate) supplied: Supplied,
}

impl Explanation {
    /// The explanation of bytes without packets.
    pub(crate) fn of_dissection(dissection: Dissection) -> Self {
        let diagnosis = Diagnosis {
            conversation: dissection.conversation.clone(),
            findings: dissection.findings.clone(),
        };
        Self { conversations: vec![diagnosis], dissection: Some(Box::new(dissection)), ..Self::default() }
    }

    /// Adds the explanation of an input that the other peer recorded of the same connection. Two
    /// captures are compared: what differs was changed on the way.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// use handclasp_explain::{explain_bytes, explain_report};
    /// use handclasp_report::{Report, Side};
    ///
    /// let capture = explain_bytes(b"15 03 03 00 02 02 28")?;
    /// let both = capture.with_other_end(explain_report(&Report::new(Side::Server)));
    /// assert_eq!((both.conversations.len(), both.reports.len()), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_other_end(mut self, other: Self) -> Self {
        for diagnosis in &mut self.conversations {
            if let Some(same) = compare_captures::same(&diagnosis.conversation, &other.conversations) {
                let differences = compare_captures::compare(&diagnosis.conversation, &same.conversation);
                // Both saw the same connection: the findings of the other side count too.
                ranking::merge_captures(&mut diagnosis.findings, differences, &same.findings);
            }
        }
        if self.conversations.is_empty() {
            self.conversations = other.conversations;
            self.dissection = self.dissection.or(other.dissection);
            self.packets = self.packets.or(other.packets);
        }
        self.reports.extend(other.reports);
        self.damaged_lines.extend(other.damaged_lines);
        ranking::sort_reports(&mut self.reports);
        self
    }

    /// Adds what the server of a conversation answers now, asked after the capture was made, and applies the
    /// rules again to the conversation with this index in `conversations`. `evidence` is what the input was
    /// explained with. What an answer shows is marked as of now, and never proved of then.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// use std::time::Duration;
    ///
    /// use handclasp_explain::{
    ///     Evidence,
    ///     evidence::{AnswerNow, ServerNow},
    ///     explain_bytes,
    /// };
    ///
    /// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
    /// let at = Duration::from_secs(1_735_689_600);
    /// let now = ServerNow::new("192.0.2.1:443", at, AnswerNow::Silent);
    /// let explanation = explanation.with_server_now(0, now, &Evidence::default());
    /// assert!(explanation.to_string().contains("asked 192.0.2.1:443 at 2025-01-01T00:00:00Z (now"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_server_now(mut self, index: usize, now: ServerNow, evidence: &Evidence) -> Self {
        let mut evidence = evidence.clone();
        evidence.server_now = Some(now.clone());
        let found = self.conversations.get_mut(index);
        self.server_now = Some((found.is_some().then_some(index), now));
        self.supplied.server_now = true;
        let Some(diagnosis) = found else { return self };
        match &mut self.dissection {
            Some(dissection) => {
                dissection.judge_again(&evidence);
                diagnosis.findings = dissection.findings.clone();
            }
            None => diagnosis.findings = rules::diagnose(&diagnosis.conversation, &evidence),
        }
        self
    }

    /// What the server answers now, a sentence a line, if it was asked.
    pub(crate) fn server_now_lines(&self) -> Vec<String> {
        let Some((index, now)) = &self.server_now else { return Vec::new() };
        let asked = index.and_then(|index| self.conversations.get(index));
        server_now::lines(asked.map(|diagnosis| &diagnosis.conversation), now)
    }

    /// Index of the main conversation: the first that failed, or else the first.
    pub fn main_index(&self) -> Option<usize> {
        ranking::main_index(&self.conversations)
    }

    /// The main conversation: the first that failed, or else the first.
    pub fn main(&self) -> Option<&Diagnosis> {
        self.main_index().and_then(|index| self.conversations.get(index))
    }

    /// The finding to show first: the most certain failure. `None`: nothing failed, or no cause is
    /// known.
    pub fn verdict(&self) -> Option<&Finding> {
        self.first().filter(|finding| finding.severity == Severity::Failure)
    }

    /// The first finding, a failure or advice.
    pub fn first(&self) -> Option<&Finding> {
        self.findings().into_iter().next()
    }

    /// All findings, failures first: those of the main conversation, of the reports, and of the other
    /// conversations. Each cause is listed once.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// let explanation = handclasp_explain::explain_bytes(b"15 03 03 00 02 02 28")?;
    /// let ids: Vec<_> = explanation.findings().iter().map(|finding| finding.cause.id()).collect();
    /// assert!(!ids.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn findings(&self) -> Vec<&Finding> {
        self.located_findings().into_iter().map(|(finding, _)| finding).collect()
    }

    /// As [`findings`](Self::findings), each with the index of its conversation in
    /// `conversations`; `None` for a finding of a report.
    pub fn located_findings(&self) -> Vec<(&Finding, Option<usize>)> {
        ranking::across(self)
    }

    /// Whether one of the findings is a failure.
    pub fn failed(&self) -> bool {
        self.verdict().is_some()
    }

    /// Whether the input has no TLS, and no other protocol in its place that names a cause.
    pub fn is_without_tls(&self) -> bool {
        let tls = |told: &Diagnosis| told.conversation.events.iter().any(|item| item.kind.is_tls());
        let pasted = self.dissection.as_ref().is_some_and(|pasted| pasted.has_tls());
        let named = |finding: &Finding| {
            let explained = finding.cause != Cause::RefusedUnexplained || finding.is_of_log;
            finding.severity == Severity::Failure && explained
        };
        let told = pasted || !self.reports.is_empty() || self.conversations.iter().any(tls);
        !told && !self.findings().iter().any(|finding| named(finding))
    }
}

/// A handclasp report and the findings about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReportDiagnosis {
    /// The decoded report.
    pub report: Report,
    /// The line at which it begins, from 1, where it was read out of a log.
    pub line: Option<usize>,
    /// The findings, the best explanation first. Empty: the report names no failure.
    pub findings: Vec<Finding>,
}

impl ReportDiagnosis {
    /// Explains a report, given the first pre-shared key of the evidence.
    pub(crate) fn new(report: Report, evidence: &Evidence) -> Self {
        let findings = rules::of_report(&report, evidence);
        Self { report, line: None, findings }
    }
}
