//! What the verdict is, in the words that the text and the page share.

use handclasp_report::{Named, Tag};

use super::Look;
use crate::conversation::events::Ending;
use crate::diagnosis::cause::Party;
use crate::diagnosis::explained::{Diagnosis, Explained, Reported};
use crate::diagnosis::finding::{Confidence, Finding, Fix, Severity};

/// Index of the conversation that is shown.
pub(super) fn shown(explained: &Explained, look: &Look) -> Option<usize> {
    match look.conversation {
        Some(number) => number.checked_sub(1).filter(|index| *index < explained.conversations.len()),
        None => explained.main_index(),
    }
}

/// The failures that are told: of the conversation asked for, or of the one that the verdict is
/// about and of the reports. What failed in other conversations stands in their table.
pub(super) fn failures<'e>(explained: &'e Explained, look: &Look) -> Vec<&'e Finding> {
    let shown = shown(explained, look);
    let asked = shown.filter(|_| look.conversation.is_some());
    let fails = |finding: &&Finding| finding.severity == Severity::Failure;
    match asked.and_then(|index| explained.conversations.get(index)) {
        Some(told) => told.findings.iter().filter(fails).collect(),
        None => {
            let all = explained.findings().into_iter();
            let told = all.filter(|(_, index)| index.is_none() || *index == shown);
            told.map(|(finding, _)| finding).filter(fails).collect()
        }
    }
}

/// Which conversations a table of so many lines shows, in their order: all, or those that failed
/// and the one shown first of all.
pub(super) fn table(all: &[Diagnosis], shown: Option<usize>, most: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..all.len()).collect();
    let failed = |index: &usize| all.get(*index).is_some_and(Diagnosis::failed);
    indices.sort_by_key(|index| (Some(*index) != shown, !failed(index)));
    indices.truncate(most);
    indices.sort_unstable();
    indices
}

/// What is said where no failure is named, and whether that is good news.
pub(super) fn without_failure(explained: &Explained, told: Option<&Diagnosis>) -> (String, bool) {
    let good = |text: &str| (text.to_owned(), true);
    let bad = |text: String| (format!("{text} Nothing here tells why."), false);
    let Some(told) = told else {
        return match explained.reports.is_empty() {
            true => (format!("There is no TLS here.{}", passed_over(explained)), false),
            false => report_without_fault(explained),
        };
    };
    if explained.packets.is_some() && !told.conversation.events.iter().any(|item| item.kind.is_tls()) {
        return (format!("There is no TLS in this conversation.{}", passed_over(explained)), false);
    }
    match told.conversation.ending() {
        Ending::Completed => good("Nothing failed: the handshake was completed."),
        Ending::Refused { by, alert, .. } => {
            bad(format!("The {by} refuses with the alert {}.", Named(alert)))
        }
        Ending::RefusedUnread { by, .. } => {
            bad(format!("The {by} refuses with an alert that only keys would open."))
        }
        Ending::Closed { by } => bad(format!("The {by} closes before the handshake is complete.")),
        Ending::Reset { by } => bad(format!("The {by} breaks the connection off.")),
        Ending::Silent { owing } => bad(format!("The {owing} says nothing more.")),
        Ending::ConnectionRefused | Ending::NoAnswer => bad("There is no connection.".to_owned()),
        Ending::Unknown if explained.pasted.is_some() => good("Nothing is wrong with these bytes."),
        Ending::Unknown => good("Nothing failed, as far as these packets tell."),
    }
}

/// A report without a fault: of a connection that was made, or of one that was under way.
fn report_without_fault(explained: &Explained) -> (String, bool) {
    let connected = |told: &Reported| told.report.items().any(|item| item.tag == Tag::Connected);
    match explained.reports.iter().all(connected) {
        true => {
            ("Nothing failed: the report names no failure, and the handshake was completed.".to_owned(), true)
        }
        false => {
            let text = "The report names no failure, and the handshake was not complete when it was written.";
            (text.to_owned(), false)
        }
    }
}

/// What was seen instead, that TLS may be in and is not read here.
fn passed_over(explained: &Explained) -> String {
    let seen = explained.packets.as_ref().map(|read| read.passed_over.to_string()).unwrap_or_default();
    if seen.is_empty() { seen } else { format!(" Skipped non-TCP packets: {seen}.") }
}

/// Where something is to be changed.
pub(super) fn where_to(side: Party) -> Option<&'static str> {
    match side {
        Party::Client => Some("client"),
        Party::Server => Some("server"),
        Party::Config => Some("either side"),
        Party::Network => Some("network"),
        Party::Attacker | Party::Nobody => None,
    }
}

/// The title of ways to fix it.
pub(super) fn title(side: Party) -> String {
    where_to(side).map_or_else(|| "To do".to_owned(), |side| format!("Fix ({side})"))
}

/// Who does each of the ways, and what, the side of a finding standing for those that name none.
pub(super) fn sides(side: Party, fixes: &[Fix]) -> impl Iterator<Item = (Party, &str)> {
    fixes.iter().map(move |fix| {
        let text = fix.text.strip_prefix("or ").unwrap_or(&fix.text);
        (fix.side.unwrap_or(side), text)
    })
}

/// The ways to fix it, one a line: the first says on which side, and so does each that is for another
/// side than the one before.
pub(crate) fn fixes(side: Party, fixes: &[Fix]) -> Vec<String> {
    let mut before = None;
    let mut lines = Vec::new();
    for (side, text) in sides(side, fixes) {
        let changed = before.is_some_and(|before| before != side);
        lines.push(match (before, where_to(side)) {
            (None, _) => format!("{}: {text}", title(side)),
            (Some(_), Some(side)) if changed => format!("or ({side}) {text}"),
            (Some(_), _) => format!("or {text}"),
        });
        before = Some(side);
    }
    lines
}

/// What a grade means.
pub(crate) fn meaning(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Proved => "recomputed from the captured bytes",
        Confidence::Observed => "visible in the capture",
        Confidence::Inferred => "the only cause that fits the offers and the ending",
        Confidence::Possible => "one of several causes that fit",
    }
}

/// The same where one side's report says it, which saw no packets.
pub(crate) fn meaning_of_one_side(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Proved => "recomputed from the bytes of this handshake",
        Confidence::Observed => "visible in this handshake",
        Confidence::Inferred | Confidence::Possible => meaning(confidence),
    }
}

/// The same of what was explained: a capture or bytes, or reports alone.
pub(super) fn meaning_in(explained: &Explained, confidence: Confidence) -> &'static str {
    if explained.conversations.is_empty() { meaning_of_one_side(confidence) } else { meaning(confidence) }
}

/// Whether the others deserve no more than a line: the first is certain and they are not.
pub(super) fn is_settled(first: &Finding, other: &Finding) -> bool {
    first.confidence == Confidence::Proved && other.confidence > Confidence::Observed
}

/// The title over the findings that are not the first.
pub(super) fn others(findings: &[&Finding]) -> &'static str {
    match findings.iter().any(|finding| finding.confidence <= Confidence::Observed) {
        true => "Also wrong, or possible",
        false => "Less likely, but possible",
    }
}
