//! A failed handshake in one line: cause, confidence, side, reason and the first fix.

use handclasp::{Blame, Error};
use handclasp_codec::Printable;
use handclasp_explain::{Cause, Confidence, Party};
use handclasp_relay::Peer;

use crate::{known_peers, log::Event};

/// The cause of failures that have none in the vocabulary of causes: a mistake of the configuration, or our own side.
pub const OWN: &str = "own";

/// What is said about one failure.
pub struct Explained {
    pub cause: Option<Cause>,
    pub confidence: Option<Confidence>,
    /// Who must act.
    pub side: Party,
    /// What failed and why.
    pub reason: String,
    /// The side that makes the first fix, and the fix.
    pub fix: Option<(Party, String)>,
}

impl Explained {
    pub fn of(error: &Error) -> Self {
        let advice = error.advice();
        let side = advice.cause.map_or(Party::Nobody, |(_, _, side)| side);
        let fix = advice.next.first().map(|fix| {
            let text = fix.text.strip_prefix("or ").unwrap_or(&fix.text);
            (fix.side.unwrap_or(side), one_line(text))
        });
        let (reason, fix) = match error.peer_refusal() {
            // It names the key and the command that accepts it.
            Some(refusal) => (one_line(&known_peers::refusal_text(refusal)), None),
            None => (one_line(&advice.verdict), fix),
        };
        Self {
            cause: advice.cause.map(|(cause, _, _)| cause),
            confidence: advice.cause.map(|(_, confidence, _)| confidence),
            side,
            reason,
            fix,
        }
    }

    /// The name of the cause.
    pub fn id(&self) -> &'static str {
        self.cause.map_or(OWN, Cause::id)
    }

    /// The fields of an event.
    pub fn fields(&self, event: Event, error: &Error) -> Event {
        let fix = self.fix.as_ref();
        event
            .with("cause", self.id())
            .with_some("confidence", self.confidence.map(Confidence::id))
            .with("side", self.side.id())
            .with("blame", blame(error))
            .with("reason", self.reason.as_str())
            .with_some("fix", fix.map(|(_, text)| text.as_str()))
            .with_some("fix_side", fix.map(|(side, _)| side.id()))
    }

    /// The line for people; `more` others are like this one.
    pub fn counted_line(&self, client: &Peer, more: u64) -> String {
        let line = format!("{client}: {}", self.line());
        if more == 0 { line } else { format!("{line}; {more} more of this kind") }
    }

    fn line(&self) -> String {
        let mut line = self.reason.clone();
        if let (Some(cause), Some(confidence)) = (self.cause, self.confidence) {
            line += &format!(" [{}] {}", cause.id(), confidence.id());
        }
        if let Some((side, fix)) = &self.fix {
            line += &format!(". {}: {fix}", title(*side));
        }
        line
    }
}

/// The side that ended the handshake.
fn blame(error: &Error) -> &'static str {
    match error.blame() {
        Blame::RefusedByUs => "refused_by_us",
        Blame::RefusedByPeer => "refused_by_peer",
        Blame::Ours => "ours",
        // Transport.
        _ => "transport",
    }
}

fn title(side: Party) -> &'static str {
    match side {
        Party::Client => "Fix (client)",
        Party::Server => "Fix (server)",
        Party::Config => "Fix (either side)",
        Party::Network => "Fix (network)",
        _ => "Next step",
    }
}

/// Text of several lines in one, with nothing hidden in it.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Printable(&lines.collect::<Vec<_>>().join(" ")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_what_is_hidden_is_named() {
        assert_eq!(one_line("  a\n\n  b\r\n c\u{202e}\u{1b}d"), r"a b c\u{202e}\u{1b}d");
    }
}
