//! What the two ends printed, held against what was captured: a log says in words what the wire
//! does not show, and who of the two refused.

mod contradicted;

use handclasp_codec::AlertDescription;
use handclasp_report::Named;

use super::{Case, Side, end, lone_alert};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::log_messages::{self, Line, Says};

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
    // What an end heard, or a number, is worth telling only where nobody says more.
    if found.is_empty() && case.conversation.events.is_empty() {
        let alert = |line: &Line| matches!(line.says, Says::AlertCame(_) | Says::AlertSent(_));
        let any_alert = said.iter().any(|(_, lines)| lines.iter().any(alert));
        let lines = said.iter().flat_map(|(of, lines)| lines.iter().map(|line| (*of, line)));
        // A number says less than the alert that it stands for.
        let worth = lines.filter(|(_, line)| alert(line) || !any_alert);
        found.extend(worth.filter_map(|(of, line)| heard(of, line)));
    }
    if case.evidence.side_of_log_is_assumed {
        for finding in &mut found {
            finding.evidence.push(UNSURE.to_owned());
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
const UNSURE: &str = "the log does not show which side wrote it; it is read as the client's (--server-log FILE \
                      reads it as the server's)";

/// A line that says why.
fn why(of: Side, line: &Line) -> Option<Finding> {
    let (cause, confidence, summary) = match line.says {
        Says::Why(cause) => (
            cause,
            Confidence::Observed,
            format!("The {}'s log states why it refused: {}.", end(of), cause.meaning()),
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

/// A line that says what came, or a number.
fn heard(of: Side, line: &Line) -> Option<Finding> {
    let (cause, confidence, summary) = match line.says {
        Says::Why(_) | Says::Maybe(..) => return None,
        Says::AlertCame(alert) => aborted(of.other(), alert),
        Says::AlertSent(alert) => aborted(of, alert),
        Says::Number(words) => (
            Cause::RefusedUnexplained,
            Confidence::Possible,
            format!("The {}'s log contains an error code. {words}.", end(of)),
        ),
    };
    let finding = Finding::failure(cause, confidence, summary).evidence(position(of, line));
    Some(finding.or_fix(format!(
        "read the {}'s log, or capture the handshake and explain the capture: it shows what was offered",
        end(of.other())
    )))
}

/// An alert that `by` sent.
fn aborted(by: Side, alert: AlertDescription) -> (Cause, Confidence, String) {
    let (cause, confidence) = lone_alert::cause(alert, by);
    let summary = format!(
        "The {} aborted the handshake with the {}: alert {}.",
        end(by),
        end(by.other()),
        Named(alert)
    );
    (cause, confidence, summary)
}

fn position(of: Side, line: &Line) -> String {
    format!("line {} of the {}'s log: {}", line.number, end(of), line.text)
}
