//! What a report says to a person: which side failed, the offers where they decide it, and
//! what to try next.

mod alert;
mod bytes;
mod cause;
mod certificate;
mod client_certificate;
mod conversation;
mod ends;
mod evidence;
mod fault;
mod foreign;
mod hello;
mod keys;
mod negotiation;
mod psk;
mod told;

use std::fmt;

use handclasp_report::{Blame, Fault, Report};

use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding, Fix, Severity};
use crate::diagnosis::fix;
use conversation::Conversation;

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// Who failed and why, in sentences.
    pub verdict: String,
    /// The same in the vocabulary of causes, how sure it is, and who must act. None where nothing
    /// failed, or only our own program did.
    pub cause: Option<(Cause, Confidence, Party)>,
    /// What to try, the likeliest first, and on which side.
    pub next: Vec<Fix>,
    /// Offers, choices and alerts that the verdict stands on.
    pub evidence: Vec<String>,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdict)?;
        if let Some((cause, confidence, _)) = self.cause {
            write!(f, "\n  [{}] {}: {}", cause.id(), confidence.id(), confidence.meaning_of_one_side())?;
        }
        for line in &self.evidence {
            write!(f, "\n  {line}")?;
        }
        let side = self.cause.map_or(Party::Nobody, |(_, _, side)| side);
        fix::lines(side, &self.next).into_iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Explains a report.
pub fn advice(report: &Report) -> Advice {
    advice_with_psk(report, None)
}

/// Explains the report of an error that says itself what went wrong: `sentence` holds what no report
/// can, such as the value that a program gave.
pub fn advice_about(report: &Report, sentence: &str) -> Advice {
    explained(report, None, Some(sentence))
}

/// Explains a report of which the pre-shared key, as it was typed, is known. The key itself
/// never appears in the answer.
pub fn advice_with_psk(report: &Report, typed: Option<&str>) -> Advice {
    explained(report, typed, None)
}

fn explained(report: &Report, typed: Option<&str>, sentence: Option<&str>) -> Advice {
    let conversation = Conversation::new(report, typed);
    let Some(fault) = report.why() else { return without_fault(&conversation, sentence) };
    let told = fault::told(&fault, &conversation);
    let sentence = sentence.map_or_else(|| report.sentence(&fault).to_string(), str::to_owned);
    let mut verdict = Vec::from_iter(blamed(&fault, &conversation));
    verdict.push(sentence);
    verdict.extend(told.why);
    let ours = fault.blame() == Blame::Ours || cause::has_none(&fault);
    let cause = (!ours).then(|| cause::cause(&fault, &conversation));
    let mut next: Vec<Fix> = told.next.into_iter().map(|(who, text)| who.does(text, &conversation)).collect();
    if let (true, Some((cause, ..))) = (next.is_empty(), cause) {
        next.push(cause.fix().into());
    }
    Advice { verdict: verdict.join(" "), cause, next, evidence: evidence::lines(report, &told.shows) }
}

/// The same as a finding, where something failed.
pub(crate) fn finding(report: &Report, typed: Option<&str>) -> Option<Finding> {
    let conversation = Conversation::new(report, typed);
    let fault = report.why()?;
    let (cause, confidence, side) = cause::cause(&fault, &conversation);
    let told = advice_with_psk(report, typed);
    let fix = if told.next.is_empty() { vec![cause.fix().into()] } else { told.next };
    Some(Finding {
        cause,
        confidence,
        severity: Severity::Failure,
        side,
        summary: told.verdict,
        evidence: told.evidence,
        fix,
        range: None,
    })
}

/// Who failed, as the first sentence; none where there was no connection.
fn blamed(fault: &Fault, conversation: &Conversation<'_>) -> Option<String> {
    let (own, peer) = (conversation.own(), conversation.peer());
    match fault.blame() {
        Blame::RefusedByUs => Some(format!("We, the {own}, refused the {peer}.")),
        Blame::RefusedByPeer => Some(format!("The {peer} refused us, the {own}.")),
        Blame::Ours => Some(format!("We, the {own}, failed.")),
        Blame::Transport if matches!(fault, Fault::Transport(_)) => None,
        Blame::Transport => Some("Neither side refused the other.".to_owned()),
    }
}

fn without_fault(conversation: &Conversation<'_>, sentence: Option<&str>) -> Advice {
    let verdict = sentence.unwrap_or(match conversation.connected() {
        true => "The handshake was completed and nothing failed.",
        false => "The report names no failure, and the handshake was not complete when it was written.",
    });
    let evidence = evidence::lines(conversation.report(), &[]);
    Advice { verdict: verdict.to_owned(), cause: None, next: Vec::new(), evidence }
}

#[cfg(test)]
mod tests;
