//! What a report says to a person: which side failed, the offers where they decide it, and
//! what to try next.

use std::fmt;

use handclasp_report::{Blame, Report, Tag};

use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Fix};
use crate::diagnosis::{fix, one_side, rules};
use crate::input::evidence::{Evidence, TypedSecret};

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
    explained(report, None, None)
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
    let psks = typed.iter().map(|typed| TypedSecret::new(*typed)).collect();
    let findings = rules::of_report(report, &Evidence { psks, ..Evidence::default() });
    let (Some(fault), Some(first)) = (report.why(), findings.first()) else {
        return without_fault(report, sentence);
    };
    let verdict = match sentence {
        Some(sentence) => first.summary.replacen(&report.sentence(&fault).to_string(), sentence, 1),
        None => first.summary.clone(),
    };
    let named = fault.blame() != Blame::Ours && !rules::own_fault::has_no_cause(&fault);
    Advice {
        verdict,
        cause: named.then_some((first.cause, first.confidence, first.side)),
        next: one_side::fixes(&findings),
        evidence: first.evidence.clone(),
    }
}

fn without_fault(report: &Report, sentence: Option<&str>) -> Advice {
    let connected = report.items().any(|item| item.tag == Tag::Connected);
    let verdict = sentence.unwrap_or(match connected {
        true => "The handshake was completed and nothing failed.",
        false => "The report names no failure, and the handshake was not complete when it was written.",
    });
    Advice { verdict: verdict.to_owned(), cause: None, next: Vec::new(), evidence: one_side::notes(report) }
}

#[cfg(test)]
mod tests;
