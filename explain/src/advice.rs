//! What a report says to a person: which side failed, the offers where they decide it, and
//! what to try next.
//!
//! Called by: `cli`, and whoever has a report.

mod alert;
mod bytes;
mod cause;
mod certificate;
mod ends;
mod evidence;
mod fault;
mod hello;
mod keys;
mod negotiation;
mod psk;
mod story;

use std::fmt;

use handclasp_report::{Blame, Fault, Report, Tag};

use crate::finding::{Finding, Grade, Severity};
use crate::{At, Cause, render};
use story::Story;

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Who failed and why, in sentences.
    pub verdict: String,
    /// The same in the vocabulary of causes, how sure it is, and who must act. None where nothing
    /// failed, or only our own program did.
    pub cause: Option<(Cause, Grade, At)>,
    /// What to try, the likeliest first.
    pub next: Vec<String>,
    /// Offers, choices and alerts that the verdict stands on.
    pub evidence: Vec<String>,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdict)?;
        if let Some((cause, grade, _)) = self.cause {
            write!(f, "\n  [{}] {}: {}", cause.id(), grade.id(), render::meaning(grade))?;
        }
        for line in &self.evidence {
            write!(f, "\n  {line}")?;
        }
        let side = self.cause.map_or(At::Nobody, |(_, _, side)| side);
        for (number, line) in self.next.iter().enumerate() {
            write!(f, "\n  {}", render::fix(side, number, line))?;
        }
        Ok(())
    }
}

/// Explains a report.
pub fn advice(report: &Report) -> Advice {
    advice_with_psk(report, None)
}

/// Explains a report of which the pre-shared key, as it was typed, is known. The key itself
/// never appears in the answer.
pub fn advice_with_psk(report: &Report, typed: Option<&str>) -> Advice {
    let story = Story::new(report, typed);
    let Some(fault) = report.why() else { return without_fault(&story) };
    let told = fault::told(&fault, &story);
    let mut verdict = vec![blamed(&fault, &story), fault.to_string()];
    verdict.extend(told.why);
    let cause = (fault.blame() != Blame::Ours).then(|| cause::cause(&fault, &story));
    let mut next = told.next;
    if let (true, Some((cause, ..))) = (next.is_empty(), cause) {
        next.push(cause.fix().to_owned());
    }
    Advice { verdict: verdict.join(" "), cause, next, evidence: evidence::lines(report, &told.shows) }
}

/// The same as a finding, where something failed.
pub(crate) fn finding(report: &Report, typed: Option<&str>) -> Option<Finding> {
    let story = Story::new(report, typed);
    let fault = report.why()?;
    let (cause, grade, side) = cause::cause(&fault, &story);
    let told = advice_with_psk(report, typed);
    let fix = if told.next.is_empty() { vec![cause.fix().to_owned()] } else { told.next };
    Some(Finding {
        cause,
        grade,
        severity: Severity::Failure,
        side,
        summary: told.verdict,
        evidence: told.evidence,
        fix,
        range: None,
    })
}

/// Who failed, as the first sentence.
fn blamed(fault: &Fault, story: &Story<'_>) -> String {
    let (own, peer) = (story.own(), story.peer());
    match fault.blame() {
        Blame::RefusedByUs => format!("We, the {own}, refused the {peer}."),
        Blame::RefusedByPeer => format!("The {peer} refused us, the {own}."),
        Blame::Ours => format!("This end, the {own}, failed."),
        Blame::Transport => "Neither end refused the other.".to_owned(),
    }
}

fn without_fault(story: &Story<'_>) -> Advice {
    let verdict = if story.connected() {
        "The handshake was completed and nothing failed."
    } else {
        "Nothing failed so far; the handshake is not complete."
    };
    let evidence = evidence::lines(story.report(), &[]);
    Advice { verdict: verdict.to_owned(), cause: None, next: Vec::new(), evidence }
}

/// What is said about one fault.
#[derive(Default)]
struct Told {
    why: Vec<String>,
    next: Vec<String>,
    /// Offers to show; choices and alerts are always shown.
    shows: Vec<Tag>,
}

impl Told {
    fn because(why: impl Into<String>) -> Self {
        Self::default().why(why)
    }

    fn why(mut self, sentence: impl Into<String>) -> Self {
        self.why.push(sentence.into());
        self
    }

    fn next(mut self, attempt: impl Into<String>) -> Self {
        self.next.push(attempt.into());
        self
    }

    fn next_if(self, fits: bool, attempt: impl Into<String>) -> Self {
        if fits { self.next(attempt) } else { self }
    }

    fn shows(mut self, tags: &[Tag]) -> Self {
        self.shows.extend(tags);
        self
    }

    fn and(mut self, other: Self) -> Self {
        self.why.extend(other.why);
        self.next.extend(other.next);
        self.shows.extend(other.shows);
        self
    }
}

#[cfg(test)]
mod tests;
