//! Findings of a report, finished for its reader: which side refused which, the fault as a sentence,
//! our own reasons, fixes with the side that makes them, and the notes as evidence.
//!
//! The cause comes from the same rules as that of a capture; the fault of our own side is one of them
//! (`rules/own_fault.rs`).

mod describe;
mod description;
mod evidence;

use handclasp_report::{Blame, Fault, Report};

use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::rules::{Case, own_fault};
use describe::Context;

/// Fixes that a finding lists: the reader tries them in order.
const FIXES: usize = 12;

/// Adds to the findings of a report what only the report knows.
pub(crate) fn finish(case: &Case<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let Some(reported) = &case.conversation.reported else { return findings };
    let Some(fault) = reported.report.why() else { return findings };
    let typed = case.evidence.psks.first().map(|typed| typed.as_str());
    let context = Context { case, notes: reported.notes(), fault, typed };
    let mut verdict = opening(&fault, &reported.report);
    let certain = own_fault::is_certain(&fault);
    let mut findings: Vec<Finding> = findings
        .into_iter()
        .map(|mut finding| {
            let description = describe::describe(finding.cause, &context);
            let mut sentences = std::mem::take(&mut verdict);
            match certain {
                // The opening holds its sentence.
                true => sentences.extend(description.reasons),
                // So does it say how the peer left.
                false if is_leaving(finding.cause) => {}
                false => sentences.push(std::mem::take(&mut finding.summary)),
            }
            sentences.extend(description.facts);
            finding.summary = without_controls(&sentences.join(" "));
            if !description.fixes.is_empty() || fault.blame() == Blame::Ours {
                finding.fix = description.fixes;
            }
            finding.evidence = evidence::lines(&reported.report, &description.offers);
            finding
        })
        .collect();
    let known: Vec<String> =
        findings.iter().flat_map(|found| &found.fix).map(|fix| fix.text.clone()).collect();
    if let Some(last) = findings.iter_mut().rfind(|finding| finding.severity == Severity::Failure) {
        let more = describe::offer_more(&context);
        last.fix.extend(more.into_iter().filter(|fix| !known.contains(&fix.text)));
    }
    findings
}

/// Whether a cause says only how a side left or that it does not go on.
fn is_leaving(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::TransportClosedByServer
            | Cause::TransportClosedByClient
            | Cause::TransportClosedBeforeHello
            | Cause::TransportReset
            | Cause::TransportSilent
            | Cause::TransportStalled
    )
}

/// Which side refused which, where there was a connection, and the fault.
fn opening(fault: &Fault, report: &Report) -> Vec<String> {
    let (own, peer) = (report.own(), report.own().other());
    let refusal = match fault.blame() {
        Blame::RefusedByUs => Some(format!("We, the {own}, refused the {peer}.")),
        Blame::RefusedByPeer => Some(format!("The {peer} refused us, the {own}.")),
        Blame::Ours => Some(format!("We, the {own}, failed.")),
        Blame::Transport if matches!(fault, Fault::Transport(_)) => None,
        Blame::Transport => Some("Neither side refused the other.".to_owned()),
        _ => None,
    };
    refusal.into_iter().chain([report.sentence(fault).to_string()]).collect()
}

/// The same text with control characters escaped: names in it are the peer's, and move no cursor of a
/// terminal.
fn without_controls(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for found in text.chars() {
        match found.is_control() {
            true => plain.extend(found.escape_debug()),
            false => plain.push(found),
        }
    }
    plain
}

/// The evidence of a report in which nothing failed.
pub(crate) fn notes(report: &Report) -> Vec<String> {
    evidence::lines(report, &[])
}

/// The fixes of all failures, each once, those of the first failure first.
pub(crate) fn fixes(findings: &[Finding]) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = Vec::new();
    let failures = findings.iter().filter(|finding| finding.severity == Severity::Failure);
    for finding in failures {
        for fix in &finding.fix {
            let fix = Fix { side: fix.side.or(Some(finding.side)), text: fix.text.clone() };
            if fixes.len() < FIXES && !fixes.iter().any(|known| known.text == fix.text) {
                fixes.push(fix);
            }
        }
    }
    fixes
}
