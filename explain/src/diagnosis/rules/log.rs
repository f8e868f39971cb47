//! What the two ends printed, held against what was captured: a log says in words what the wire
//! does not show, and who of the two refused.

mod contradicted;

use handclasp_codec::AlertDescription;
use handclasp_report::Named;

use super::{Case, Side, end, lone_alert};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::log_messages::{self, Line, Says};
use crate::diagnosis::ranking;

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let logs = [(Side::Client, &case.evidence.client_log), (Side::Server, &case.evidence.server_log)];
    let read = |(of, log): (Side, &Option<String>)| Some((of, log_messages::read(log.as_deref()?, of)));
    let said: Vec<(Side, Vec<Line>)> = logs.into_iter().filter_map(read).collect();
    let mut found: Vec<Finding> = said
        .iter()
        .flat_map(|(of, lines)| {
            let said = beside_words(lines).filter_map(|line| why(*of, line));
            said.flat_map(|finding| contradicted::held_against_capture(case, *of, finding))
        })
        .collect();
    // What an end heard, or a number, is worth telling only where nobody says more. How the connection ended
    // says less than an alert.
    let alone = case.conversation.events.is_empty();
    let has_alert = said.iter().flat_map(|(_, lines)| lines).any(is_alert);
    if alone && has_alert && found.iter().all(|finding| ranking::is_ending(finding.cause)) {
        found.clear();
    }
    if alone && found.is_empty() {
        let heard_lines = said.iter().flat_map(|(of, lines)| {
            let general = !lines.iter().any(is_alert);
            lines.iter().filter(move |line| general || is_alert(line)).flat_map(|line| heard(*of, line))
        });
        found.extend(heard_lines);
    }
    if case.evidence.side_of_log_is_assumed {
        for finding in &mut found {
            finding.evidence.push(unsure(case.evidence.server_log.is_some()));
        }
    }
    found
}

/// The lines without error codes that words of the same log say more of. Words that only say how the connection
/// ended do not, and words with several meanings say less than a code with one.
fn beside_words(lines: &[Line]) -> impl Iterator<Item = &Line> {
    let about = |cause: Cause| cause.family() != CauseFamily::Transport;
    let in_words = || lines.iter().filter(|line| !line.by_code);
    let sure = in_words().any(|line| matches!(line.says, Says::Why(cause) if about(cause)));
    let possible = in_words().any(|line| matches!(line.says, Says::Maybe(cause, _) if about(cause)));
    lines.iter().filter(move |line| {
        let less = sure || possible && !matches!(line.says, Says::Why(_));
        !(line.by_code && less)
    })
}

/// Said where no word of a log belongs to one side alone.
fn unsure(read_as_server: bool) -> String {
    let of = if read_as_server { Side::Server } else { Side::Client };
    format!(
        "the log does not show which side wrote it; it is read as the {}'s (--{}-log FILE reads it as the {}'s)",
        end(of),
        end(of.other()),
        end(of.other())
    )
}

/// A line that says why.
fn why(of: Side, line: &Line) -> Option<Finding> {
    let (cause, confidence, summary) = match line.says {
        Says::Why(cause) => (
            cause,
            Confidence::Observed,
            format!("The {}'s log states {}: {}.", end(of), stated(cause, &line.text), cause.meaning()),
        ),
        Says::Likely(cause, words) => (
            cause,
            Confidence::Inferred,
            format!("The {}'s log has errors that go together: {words}.", end(of)),
        ),
        Says::Maybe(cause, words) => (
            cause,
            Confidence::Possible,
            format!("The {}'s log has a line with several possible meanings: {words}.", end(of)),
        ),
        Says::AlertCame(_) | Says::AlertSent(_) | Says::Number(_) => return None,
    };
    Some(Finding::failure(cause, confidence, summary).evidence(position(of, line)))
}

/// What a line states by its cause.
fn stated(cause: Cause, line: &str) -> &'static str {
    if cause.family() == CauseFamily::Transport {
        "how the connection failed"
    } else if cause.family() == CauseFamily::Local {
        "what failed in the program itself"
    } else if line.starts_with("verify error:num=") || line.starts_with("Verify return code: ") {
        "what its verification of the chain found"
    } else {
        "why it refused"
    }
}

/// Whether a line names an alert.
fn is_alert(line: &Line) -> bool {
    matches!(line.says, Says::AlertCame(_) | Says::AlertSent(_))
}

/// A line that says what came, or a number.
fn heard(of: Side, line: &Line) -> Vec<Finding> {
    let said = match line.says {
        Says::Why(_) | Says::Likely(..) | Says::Maybe(..) => Vec::new(),
        Says::AlertCame(alert) => aborted(of.other(), alert),
        Says::AlertSent(alert) => aborted(of, alert),
        Says::Number(words) => vec![(
            Cause::RefusedUnexplained,
            Confidence::Possible,
            format!("The {}'s log has an error that names no cause. {words}.", end(of)),
        )],
    };
    let finding = |(cause, confidence, summary)| {
        Finding::failure(cause, confidence, summary).evidence(position(of, line)).or_fix(format!(
            "read the {}'s log, or capture the handshake and explain the capture: it shows what was offered",
            end(of.other())
        ))
    };
    said.into_iter().map(finding).collect()
}

/// An alert that `by` sent: its cause, or each that it can have.
fn aborted(by: Side, alert: AlertDescription) -> Vec<(Cause, Confidence, String)> {
    let aborts =
        format!("The {} aborted the handshake with the {}: alert {}", end(by), end(by.other()), Named(alert));
    let candidates = log_messages::candidates(alert, by);
    if candidates.is_empty() {
        let (cause, confidence) = lone_alert::cause(alert, by);
        return vec![(cause, confidence, format!("{aborts}."))];
    }
    let possible = |cause: &Cause| {
        (
            *cause,
            Confidence::Possible,
            format!("{aborts}. The alert does not say why; one reason: {}.", cause.meaning()),
        )
    };
    candidates.iter().map(possible).collect()
}

fn position(of: Side, line: &Line) -> String {
    format!("line {} of the {}'s log: {}", line.number, end(of), line.text)
}
