//! What the verdict is, in the words that the text and the page share.
//!
//! Called by: `text`, `html`.

use handclasp_report::Named;

use super::Look;
use crate::At;
use crate::explained::{Conversation, Explained};
use crate::finding::{Finding, Grade, Severity};
use crate::story::Ending;

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
pub(super) fn table(all: &[Conversation], shown: Option<usize>, most: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..all.len()).collect();
    let failed = |index: &usize| all.get(*index).is_some_and(Conversation::failed);
    indices.sort_by_key(|index| (Some(*index) != shown, !failed(index)));
    indices.truncate(most);
    indices.sort_unstable();
    indices
}

/// What is said where no failure is named, and whether that is good news.
pub(super) fn without_failure(explained: &Explained, told: Option<&Conversation>) -> (String, bool) {
    let good = |text: &str| (text.to_owned(), true);
    let bad = |text: String| (format!("{text} Nothing here tells why."), false);
    let Some(told) = told else {
        return match explained.reports.is_empty() {
            true => (format!("There is no TLS here.{}", passed_over(explained)), false),
            false => good("Nothing failed: the report tells of no fault."),
        };
    };
    if explained.packets.is_some() && !told.story.items.iter().any(|item| item.what.is_tls()) {
        return (format!("There is no TLS in this conversation.{}", passed_over(explained)), false);
    }
    match told.story.ending() {
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

/// What was seen instead, that TLS may be in and is not read here.
fn passed_over(explained: &Explained) -> String {
    let seen = explained.packets.as_ref().map(|read| read.passed_over.to_string()).unwrap_or_default();
    if seen.is_empty() { seen } else { format!(" What is no TCP was passed over: {seen}.") }
}

/// Where something is to be changed.
pub(crate) fn to_mend(side: At) -> &'static str {
    match side {
        At::Client => "To mend it, on the client",
        At::Server => "To mend it, on the server",
        At::Config => "To mend it, on either end",
        At::Network => "To do, between the ends",
        At::Attacker | At::Nobody => "To do",
    }
}

/// One way to mend it, as a sentence: the first says where.
pub(crate) fn fix(side: At, number: usize, fix: &str) -> String {
    match number {
        0 => format!("{}: {fix}", to_mend(side)),
        _ => format!("or {}", fix.strip_prefix("or ").unwrap_or(fix)),
    }
}

/// What a grade means.
pub(crate) fn meaning(grade: Grade) -> &'static str {
    match grade {
        Grade::Proved => "recomputed, or the bytes contradict themselves",
        Grade::Observed => "it stands in plain sight",
        Grade::Inferred => "the only cause that fits the offers and the ending",
        Grade::Possible => "one of several causes that fit",
    }
}

/// Whether the others deserve no more than a line: the first is certain and they are not.
pub(super) fn is_settled(first: &Finding, other: &Finding) -> bool {
    first.grade == Grade::Proved && other.grade > Grade::Observed
}

/// The title over the findings that are not the first.
pub(super) fn others(findings: &[&Finding]) -> &'static str {
    match findings.iter().any(|finding| finding.grade <= Grade::Observed) {
        true => "Also wrong, or possible",
        false => "Less likely, but possible",
    }
}
