//! The order of findings, decided here alone: within one conversation, between what bytes and rules show
//! of the same bytes, between the captures of both sides, and across conversations and reports.
//!
//! Failures stand before advice, the surest first; of two equally sure the one with more evidence. That a
//! side left or refused comes last: it is how the connection ended, not why. Across inputs the main
//! conversation leads, unless a report is surer: what a side says of itself outweighs a guess from outside.

use std::cmp::Reverse;

use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::explanation::{Diagnosis, Explanation, ReportDiagnosis};
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// Each cause once, by its surest finding. What a server answers now supports a finding of the capture.
pub(crate) fn deduplicate(found: Vec<Finding>) -> Vec<Finding> {
    let mut unique: Vec<Finding> = Vec::new();
    for finding in found {
        match unique.iter_mut().find(|known| known.cause == finding.cause) {
            Some(known) if (finding.severity, finding.confidence) < (known.severity, known.confidence) => {
                let less_sure = std::mem::replace(known, finding);
                support(known, less_sure);
            }
            Some(known) => support(known, finding),
            None => unique.push(finding),
        }
    }
    unique
}

/// Adds what the other finding of the same cause rests on, if that is an answer of now.
fn support(known: &mut Finding, other: Finding) {
    if !other.as_of_now || other.severity != known.severity {
        return;
    }
    let added: Vec<String> =
        other.evidence.into_iter().filter(|line| !known.evidence.contains(line)).collect();
    known.evidence.extend(added);
}

/// Orders the findings of one conversation.
pub(crate) fn sort(found: &mut Vec<Finding>) {
    found.sort_by_key(|finding| {
        (finding.severity, class(finding), finding.confidence, Reverse(finding.evidence.len()))
    });
    vary_possibilities(found);
}

/// Reasons come before how a connection ended, and an ending before what is merely possible.
fn class(finding: &Finding) -> u8 {
    match finding.cause {
        Cause::RefusedUnexplained => 3,
        cause if is_ending(cause) => 1,
        _ if finding.confidence == Confidence::Possible => 2,
        _ => 0,
    }
}

/// Whether a cause says how a connection ended rather than why.
pub(crate) fn is_ending(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::TransportClosedByServer
            | Cause::TransportClosedByClient
            | Cause::TransportReset
            | Cause::TransportSilent
            | Cause::TransportStalled
    )
}

/// Where all is merely possible, the third guess is of another kind than the first two: three guesses of
/// one kind say less.
fn vary_possibilities(found: &mut Vec<Finding>) {
    const THIRD: usize = 2;
    let possible = |finding: &Finding| {
        finding.severity == Severity::Failure && finding.confidence == Confidence::Possible
    };
    let alike = |finding: &Finding| possible(finding) && is_about_certificates(finding);
    if found.iter().take_while(|finding| alike(finding)).count() <= THIRD {
        return;
    }
    let other = found.iter().position(|finding| possible(finding) && !is_about_certificates(finding));
    if let Some(other) = other {
        let finding = found.remove(other);
        found.insert(THIRD, finding);
    }
}

fn is_about_certificates(finding: &Finding) -> bool {
    matches!(
        finding.cause.family(),
        CauseFamily::Certificate | CauseFamily::ClientCertificate | CauseFamily::Pin
    )
}

/// Causes that only a whole capture can show: how the transport went on.
const OF_TRANSPORT: &[Cause] = &[
    Cause::TransportSilent,
    Cause::TransportStalled,
    Cause::TransportTruncated,
    Cause::TransportClosedByClient,
    Cause::TransportClosedByServer,
];

/// Adds to what bytes themselves show what the rules find in the same bytes. Each cause stands once, in
/// the words that name its byte.
pub(crate) fn merge_rules(findings: &mut Vec<Finding>, of_rules: Vec<Finding>) {
    for finding in of_rules.into_iter().filter(|finding| !OF_TRANSPORT.contains(&finding.cause)) {
        match findings.iter_mut().find(|known| known.cause == finding.cause) {
            // That something is absent may be plain; that it is the cause is what the rule says.
            Some(known) if finding.severity < known.severity => {
                known.confidence = finding.confidence;
                known.severity = finding.severity;
                known.evidence.extend(finding.evidence);
            }
            Some(known) if finding.severity == known.severity => {
                known.confidence = known.confidence.min(finding.confidence);
            }
            Some(_) => {}
            None => findings.push(finding),
        }
    }
    findings.sort_by_key(|finding| finding.severity);
}

/// Adds to the findings of a capture the differences from the other side's capture, and the findings that
/// only that one shows.
pub(crate) fn merge_captures(findings: &mut Vec<Finding>, differences: Vec<Finding>, others: &[Finding]) {
    let mut all = differences;
    all.append(findings);
    for other in others {
        if !all.contains(other) {
            all.push(other.clone());
        }
    }
    all.sort_by_key(|finding| finding.severity);
    *findings = all;
}

/// Orders reports: the side that refused knows more than the side that was refused.
pub(crate) fn sort_reports(reports: &mut [ReportDiagnosis]) {
    reports
        .sort_by_key(|report| report.findings.first().map_or(Confidence::Possible, |first| first.confidence));
}

/// Index of the main conversation: the first that failed, or else the first.
pub(crate) fn main_index(conversations: &[Diagnosis]) -> Option<usize> {
    let failed = conversations.iter().position(Diagnosis::failed);
    failed.or_else(|| (!conversations.is_empty()).then_some(0))
}

/// A finding, and the index of its conversation; `None` for a finding of a report.
type Located<'e> = (&'e Finding, Option<usize>);

/// All findings in order, each cause once.
pub(crate) fn across(explanation: &Explanation) -> Vec<Located<'_>> {
    let main = main_index(&explanation.conversations);
    let of = |index: usize| {
        let found = explanation.conversations.get(index).into_iter();
        found.flat_map(move |found| found.findings.iter().map(move |finding| (finding, Some(index))))
    };
    let of_reports = explanation.reports.iter().flat_map(|report| &report.findings);
    let of_reports: Vec<Located<'_>> = of_reports.map(|finding| (finding, None)).collect();
    let of_main: Vec<Located<'_>> = main.into_iter().flat_map(of).collect();
    let others = (0..explanation.conversations.len()).filter(|index| Some(*index) != main).flat_map(of);
    let reports_lead = match (surest_failure(&of_reports), surest_failure(&of_main)) {
        (Some(report), Some(main)) => report < main,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let (first, second) = if reports_lead { (of_reports, of_main) } else { (of_main, of_reports) };
    let mut findings: Vec<Located<'_>> = Vec::new();
    for (finding, index) in first.into_iter().chain(second).chain(others) {
        let same =
            |(known, _): &Located<'_>| known.cause == finding.cause && known.severity == finding.severity;
        if !findings.iter().any(same) {
            findings.push((finding, index));
        }
    }
    findings.sort_by_key(|(finding, _)| finding.severity);
    findings
}

/// How sure the first failure is.
fn surest_failure(found: &[Located<'_>]) -> Option<Confidence> {
    let failure = found.iter().find(|(finding, _)| finding.severity == Severity::Failure);
    failure.map(|(finding, _)| finding.confidence)
}

/// The failures to show of one conversation alone, or else of the main one and of the reports.
pub(crate) fn failures(explanation: &Explanation, only: Option<usize>) -> Vec<&Finding> {
    let fails = |finding: &&Finding| finding.severity == Severity::Failure;
    if let Some(diagnosis) = only.and_then(|index| explanation.conversations.get(index)) {
        return diagnosis.findings.iter().filter(fails).collect();
    }
    let main = main_index(&explanation.conversations);
    let located = across(explanation).into_iter();
    let shown = located.filter(|(_, index)| index.is_none() || *index == main);
    shown.map(|(finding, _)| finding).filter(fails).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(cause: Cause, confidence: Confidence) -> Finding {
        Finding::failure(cause, confidence, "")
    }

    fn causes(found: &[Finding]) -> Vec<Cause> {
        found.iter().map(|finding| finding.cause).collect()
    }

    #[test]
    fn reasons_come_before_endings_and_endings_before_guesses() {
        let mut found = vec![
            finding(Cause::RefusedUnexplained, Confidence::Observed),
            finding(Cause::SniMissing, Confidence::Possible),
            finding(Cause::TransportReset, Confidence::Observed),
            finding(Cause::GroupNoneInCommon, Confidence::Inferred),
            finding(Cause::CertExpired, Confidence::Proved),
        ];
        sort(&mut found);
        assert_eq!(
            causes(&found),
            [
                Cause::CertExpired,
                Cause::GroupNoneInCommon,
                Cause::TransportReset,
                Cause::SniMissing,
                Cause::RefusedUnexplained
            ]
        );
    }

    #[test]
    fn the_third_guess_is_of_another_kind() {
        let mut found: Vec<Finding> =
            [Cause::CertExpired, Cause::CertNotYetValid, Cause::CertUnknownIssuer, Cause::TamperInFlight]
                .map(|cause| finding(cause, Confidence::Possible))
                .into();
        sort(&mut found);
        assert_eq!(causes(&found)[2], Cause::TamperInFlight);
    }

    #[test]
    fn a_cause_stands_once_by_its_surest_finding() {
        let found = deduplicate(vec![
            finding(Cause::CertExpired, Confidence::Possible),
            finding(Cause::CertExpired, Confidence::Proved),
        ]);
        assert_eq!(found.iter().map(|finding| finding.confidence).collect::<Vec<_>>(), [Confidence::Proved]);
    }

    #[test]
    fn an_answer_of_now_supports_a_surer_finding_of_the_same_cause() {
        let of_log = finding(Cause::CertExpired, Confidence::Observed).evidence("a log");
        let now = finding(Cause::CertExpired, Confidence::Inferred).evidence("asked now");
        let now = Finding { as_of_now: true, ..now };
        for found in [vec![of_log.clone(), now.clone()], vec![now, of_log]] {
            let [found] = deduplicate(found).try_into().unwrap();
            assert_eq!((found.confidence, found.as_of_now), (Confidence::Observed, false));
            assert_eq!(found.evidence, ["a log", "asked now"]);
        }
    }

    #[test]
    fn a_report_leads_where_it_is_surer_than_the_capture() {
        use handclasp_report::{Report, Side};

        let explained = |capture, report| {
            let mut conversation = Diagnosis::new(Default::default(), &Default::default());
            conversation.findings = vec![finding(Cause::RefusedUnexplained, capture)];
            let mut reported = ReportDiagnosis::new(Report::new(Side::Server), &Default::default());
            reported.findings = vec![finding(Cause::AlpnNoneInCommon, report)];
            let explanation = Explanation {
                conversations: vec![conversation],
                reports: vec![reported],
                ..Explanation::default()
            };
            across(&explanation).first().map(|(finding, index)| (finding.cause, *index))
        };
        let of_report = Some((Cause::AlpnNoneInCommon, None));
        let of_capture = Some((Cause::RefusedUnexplained, Some(0)));
        assert_eq!(explained(Confidence::Possible, Confidence::Proved), of_report);
        assert_eq!(explained(Confidence::Observed, Confidence::Observed), of_capture);
    }
}
