//! Wording of the verdict, shared by text and HTML.

use handclasp_report::{Named, Tag};

use super::Options;
use crate::conversation::Ending;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explanation::{Diagnosis, Explanation, ReportDiagnosis};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::ranking;

/// Index of the conversation to show.
pub(super) fn shown(explained: &Explanation, look: &Options) -> Option<usize> {
    match look.conversation {
        Some(number) => number.checked_sub(1).filter(|index| *index < explained.conversations.len()),
        None => explained.main_index(),
    }
}

/// The failures to describe: those of the requested conversation, or those of the conversation that
/// the verdict is about and of the reports. Failures of other conversations appear in their table.
pub(super) fn failures<'e>(explained: &'e Explanation, look: &Options) -> Vec<&'e Finding> {
    ranking::failures(explained, shown(explained, look).filter(|_| look.conversation.is_some()))
}

/// Indices of the conversations listed in a table of at most `most` rows, in order: all, or the shown
/// one and the failed ones first.
pub(super) fn table(all: &[Diagnosis], shown: Option<usize>, most: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..all.len()).collect();
    let failed = |index: &usize| all.get(*index).is_some_and(Diagnosis::failed);
    indices.sort_by_key(|index| (Some(*index) != shown, !failed(index)));
    indices.truncate(most);
    indices.sort_unstable();
    indices
}

/// The verdict if there is no failure, and whether it is a success.
pub(super) fn without_failure(explained: &Explanation, diagnosis: Option<&Diagnosis>) -> (String, bool) {
    let good = |text: &str| (text.to_owned(), true);
    let bad = |text: String| (format!("{text} The evidence does not show why."), false);
    let Some(diagnosis) = diagnosis else {
        return match explained.reports.is_empty() {
            true => (format!("No TLS found.{}", skipped(explained)), false),
            false => report_without_fault(explained),
        };
    };
    if explained.packets.is_some() && !diagnosis.conversation.events.iter().any(|item| item.kind.is_tls()) {
        return (format!("This conversation contains no TLS.{}", skipped(explained)), false);
    }
    match diagnosis.conversation.ending() {
        Ending::Completed => good(completed(diagnosis)),
        Ending::Refused { by, alert, .. } => {
            bad(format!("The {by} aborts the handshake with the alert {}.", Named(alert)))
        }
        Ending::RefusedEncrypted { by, .. } => {
            bad(format!("The {by} aborts the handshake with an encrypted alert; reading it takes a key log."))
        }
        Ending::Closed { by } => {
            bad(format!("The {by} closes the connection before the handshake is complete."))
        }
        Ending::Reset { by } => bad(format!("The {by} resets the connection.")),
        Ending::Silent { expected: owing } => bad(format!("The {owing} stops responding.")),
        Ending::ConnectionRefused | Ending::NoAnswer => bad("No connection was established.".to_owned()),
        Ending::Unknown if explained.dissection.is_some() => good("These bytes contain no error."),
        Ending::Unknown => good("No failure is visible in these packets."),
    }
}

/// The verdict of a completed handshake; a remark says what follows it.
fn completed(diagnosis: &Diagnosis) -> &'static str {
    let has = |cause| diagnosis.findings.iter().any(|finding| finding.cause == cause);
    match has(Cause::TransportClosedAfterHandshake) {
        true => "The handshake completed; the connection was then closed early (see below).",
        false => "Nothing failed: the handshake completed.",
    }
}

/// The verdict of reports without a fault: the handshake completed, or was still in progress.
fn report_without_fault(explained: &Explanation) -> (String, bool) {
    let connected =
        |reported: &ReportDiagnosis| reported.report.items().any(|item| item.tag == Tag::Connected);
    match explained.reports.iter().all(connected) {
        true => {
            ("Nothing failed: the report records no failure, and the handshake completed.".to_owned(), true)
        }
        false => {
            let text = "The report records no failure; the handshake was not complete when it was written.";
            (text.to_owned(), false)
        }
    }
}

/// Heading of [`logged`].
pub(super) const LOGGED: &str = "Reports in this log";

/// The reports of a log, each with its line and what it says, and the lines that do not read. Empty for
/// one report of which nothing is missing: the verdict is about it.
pub(super) fn logged(explained: &Explanation) -> Vec<String> {
    let reports: Vec<String> = explained
        .reports
        .iter()
        .filter_map(|reported| {
            let told = match (reported.findings.first(), reported.report.has(Tag::Connected)) {
                (Some(finding), _) => format!("[{}] {}", finding.cause.id(), finding.summary),
                (None, true) => "the handshake completed".to_owned(),
                (None, false) => "no failure; the handshake was not complete".to_owned(),
            };
            Some(format!("line {}: report of the {}: {told}", reported.line?, reported.report.own()))
        })
        .collect();
    let damaged = explained.damaged_lines.iter().map(ToString::to_string);
    match reports.len() < 2 && explained.damaged_lines.is_empty() {
        true => Vec::new(),
        false => reports.into_iter().chain(damaged).collect(),
    }
}

/// The non-TCP packets that were skipped, as a sentence; empty if there were none.
fn skipped(explained: &Explanation) -> String {
    let seen = explained.packets.as_ref().map(|read| read.skipped.to_string()).unwrap_or_default();
    if seen.is_empty() { seen } else { format!(" Skipped non-TCP packets: {seen}.") }
}

/// What the confidence of a finding means for the evidence at hand.
pub(super) fn meaning_in(explained: &Explanation, finding: &Finding) -> &'static str {
    let confidence = finding.confidence;
    match explained.conversations.is_empty() {
        _ if finding.is_of_log => confidence.meaning_of_log(),
        true => confidence.meaning_of_one_side(),
        false => confidence.meaning(),
    }
}

/// Heading of what a server answers now.
pub(super) const SERVER_NOW: &str = "What the server answers now";

/// Marks a finding that rests on what the server answers now.
pub(super) fn as_of(finding: &Finding) -> &'static str {
    if finding.as_of_now { " (by what the server answers now)" } else { "" }
}

/// Whether `other` gets a single line: the first finding is proved and `other` is not certain.
pub(super) fn is_settled(first: &Finding, other: &Finding) -> bool {
    first.confidence == Confidence::Proved && other.confidence > Confidence::Observed
}

/// Heading of the findings after the first.
pub(super) fn others(findings: &[&Finding]) -> &'static str {
    match findings.iter().any(|finding| finding.confidence <= Confidence::Observed) {
        true => "Other findings",
        false => "Less likely causes",
    }
}
