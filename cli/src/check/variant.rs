//! `check HOST:PORT --as FILE`: a captured ClientHello is sent as it is; where the server refuses
//! it, one thing is changed at a time until it does not. Where no single change is enough, all are
//! made and taken back one by one, so that only those stay which it takes. Changes within the
//! client's own version come first, alone and together: another version is another client.

use std::{fs::File, io, path::Path};

use handclasp_explain::{conversation::Stage, extract::client_hello};
use handclasp_report::Named;
use serde_json::json;

use super::change::Change;
use super::client_share::ClientShare;
use super::hello::Hello;
use super::probe::{Answer, Target};
use super::raw::Raw;
use crate::{exit::Failure, starttls};

/// What came of it.
struct Outcome {
    bytes: usize,
    /// To the hello as it is.
    answer: Answer,
    /// It does not decode, so nothing was changed.
    malformed: bool,
    /// What to change, in words: each alone, or all together.
    changes: Vec<String>,
    together: bool,
    /// To a hello with nothing of the captured one, where no change helped.
    usual: Option<Answer>,
}

/// Sends the hello of a file, and says what to change.
pub fn run(
    target: &mut Target,
    file: &Path,
    name: Option<&str>,
    as_json: bool,
    progress: &mut dyn FnMut(&str),
) -> Result<String, Failure> {
    let diagnosis =
        |error: &dyn std::fmt::Display| Failure::Transport(format!("{}: {error}", file.display()));
    let message = match file == Path::new("-") {
        true => client_hello(io::stdin().lock()),
        false => client_hello(File::open(file).map_err(|error| diagnosis(&error))?),
    };
    let message = message.map_err(|error| diagnosis(&error))?;
    let outcome = ask(target, &message, name, progress)
        .map_err(|error| starttls::unreached(target.address(), error))?;
    Ok(if as_json { format!("{:#}", outcome.json()) } else { outcome.text() })
}

fn ask(
    target: &mut Target,
    message: &[u8],
    name: Option<&str>,
    progress: &mut dyn FnMut(&str),
) -> io::Result<Outcome> {
    progress("the captured ClientHello");
    let answer = target.send(&[in_records(message)], None, Stage::ServerFlight)?;
    let parsed = Raw::parse(message);
    let mut outcome = Outcome {
        bytes: message.len(),
        malformed: parsed.is_none(),
        answer,
        changes: Vec::new(),
        together: false,
        usual: None,
    };
    let Some(captured) = parsed.filter(|_| !outcome.answer.accepted()) else { return Ok(outcome) };
    let share = ClientShare::of_first(super::hello::GROUPS);
    let usual = Hello::usual(name).record(&[0x52; 32], share.as_ref());
    let Some(usual) = Raw::parse(usual.get(5..).unwrap_or_default()) else { return Ok(outcome) };
    let all = Change::all(&captured, &usual);
    let (large, small): (Vec<Change>, Vec<Change>) = all.iter().partition(|change| change.is_large());
    alone(target, &captured, &usual, &small, &mut outcome.changes, progress)?;
    if outcome.changes.is_empty() && small.len() > 1 {
        progress("combined changes within its version");
        outcome.together = true;
        outcome.changes = together(target, &captured, &usual, small)?;
    }
    if outcome.changes.is_empty() && !large.is_empty() {
        outcome.together = false;
        alone(target, &captured, &usual, &large, &mut outcome.changes, progress)?;
        if outcome.changes.is_empty() {
            progress("all changes combined");
            outcome.together = true;
            outcome.changes = together(target, &captured, &usual, all)?;
        }
    }
    if outcome.changes.is_empty() {
        outcome.usual = Some(target.ask(&Hello::usual(name))?);
    }
    Ok(outcome)
}

/// Adds the words of each change that is enough alone.
fn alone(
    target: &mut Target,
    captured: &Raw,
    usual: &Raw,
    changes: &[Change],
    words: &mut Vec<String>,
    progress: &mut dyn FnMut(&str),
) -> io::Result<()> {
    for change in changes {
        progress(&change.to_string());
        if let Answer::Accepted(diagnosis) = changed(target, captured, usual, &[*change])? {
            words.push(change.words(captured, Some(&diagnosis)));
        }
    }
    Ok(())
}

/// Those changes that it takes together; none where all of them are not enough.
fn together(target: &mut Target, captured: &Raw, usual: &Raw, all: Vec<Change>) -> io::Result<Vec<String>> {
    let mut needed = all;
    let Answer::Accepted(mut diagnosis) = changed(target, captured, usual, &needed)? else {
        return Ok(Vec::new());
    };
    for change in needed.clone() {
        let fewer: Vec<Change> = needed.iter().copied().filter(|other| *other != change).collect();
        if let Answer::Accepted(still) = changed(target, captured, usual, &fewer)? {
            (needed, diagnosis) = (fewer, still);
        }
    }
    Ok(needed.iter().map(|change| change.words(captured, Some(&diagnosis))).collect())
}

fn changed(target: &mut Target, captured: &Raw, usual: &Raw, changes: &[Change]) -> io::Result<Answer> {
    let mut hello = captured.clone();
    changes.iter().for_each(|change| change.apply(&mut hello, usual));
    match hello.message() {
        Some(message) => target.send(&[in_records(&message)], None, Stage::ServerFlight),
        // Too long for its lengths: as good as refused.
        None => Ok(Answer::Closed),
    }
}

/// A message in as many records as it needs.
pub fn in_records(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in message.chunks(1 << 14) {
        let [high, low] = u16::try_from(piece.len()).unwrap_or(u16::MAX).to_be_bytes();
        out.extend([22, 3, 1, high, low]);
        out.extend(piece);
    }
    out
}

impl Outcome {
    fn text(&self) -> String {
        let mut out = format!(
            "The captured ClientHello of {} bytes, unchanged: the server {}.\n",
            self.bytes, self.answer
        );
        if let Answer::Accepted(diagnosis) = &self.answer {
            let story = &diagnosis.conversation;
            let version = story.version().map(|version| Named(version).to_string()).unwrap_or_default();
            let suite = story.suite().map(|suite| suite.to_string()).unwrap_or_default();
            let group = story.group().map(|group| group.to_string()).unwrap_or_default();
            return out + &format!("It selects {}.\n", [version, suite, group].join(" ").trim());
        }
        if self.malformed {
            return out + "It does not decode: `handclasp explain` shows where, and how to repair it.\n";
        }
        match (self.changes.as_slice(), self.together) {
            ([], _) => {}
            ([one], false) => return out + &format!("With one change the server continues: {one}.\n"),
            (_, false) => out += "With any one of these changes the server continues:\n",
            (_, true) => out += "No single change is sufficient. These are required together:\n",
        }
        self.changes.iter().for_each(|change| out += &format!("  - {change}\n"));
        match &self.usual {
            Some(Answer::Accepted(_)) => {
                out += "None of the changes tried helps, but an ordinary ClientHello is accepted: \
                        `handclasp check` without --as shows what the server requires.\n";
            }
            Some(other) => {
                out += &format!("An ordinary ClientHello is not accepted either: the server {other}.\n")
            }
            None => {}
        }
        out
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "client_hello_bytes": self.bytes,
            "accepted": self.answer.accepted(),
            "answer": self.answer.to_string(),
            "malformed": self.malformed,
            "changes": self.changes,
            "together": self.together,
            "usual": self.usual.as_ref().map(|answer| answer.to_string()),
        })
    }
}
