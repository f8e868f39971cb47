//! A failed handshake in one line: cause, confidence, side, reason and the first fix.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use handclasp::{Blame, Error, Fault, Pin, Report};
use handclasp_codec::Printable;
use handclasp_explain::{Cause, Confidence, Party};
use handclasp_relay::Peer;
use handclasp_report::{CertificateFault, Tag, read_key_note};

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
    /// The alert that was sent, which the peer's log has.
    alert: Option<String>,
    /// Whether known peers refuse the peer: the reason ends with a command.
    is_refusal: bool,
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
        let peer_key = peer_key(error.report());
        let (reason, fix) = match error.peer_refusal() {
            // It names the key and ends with the command that accepts it.
            Some(refusal) => (one_line(&known_peers::refusal_text(refusal)), None),
            None => {
                let named = peer_key.filter(|key| !advice.verdict.contains(key.as_str()));
                let key = named.map_or_else(String::new, |key| format!(" Its key is {key}."));
                (one_line(&(advice.verdict + &claimed(error) + &key)), fix)
            }
        };
        Self {
            alert: error.fault().and_then(Fault::alert).map(|alert| alert.to_string()),
            is_refusal: error.peer_refusal().is_some(),
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

    /// A number that is the same for the same explanation.
    pub fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.reason, self.fix.as_ref().map(|(_, text)| text)).hash(&mut hasher);
        hasher.finish()
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
            .with_some("alert", self.alert.as_deref())
            .with_some("fix", fix.map(|(_, text)| text.as_str()))
            .with_some("fix_side", fix.map(|(side, _)| side.id()))
    }

    /// The line for people; `more` others are like this one.
    pub fn counted_line(&self, client: &Peer, more: u64) -> String {
        if self.is_refusal {
            let others = if more == 0 { String::new() } else { format!(" (and {more} more of this kind)") };
            return format!("{client}{others}: {}", self.reason);
        }
        let mut line = format!("{client}: {}", self.reason);
        if let Some(alert) = &self.alert {
            line += &format!(" It gets the alert {alert}.");
        }
        if let (Some(cause), Some(confidence)) = (self.cause, self.confidence) {
            line += &format!(" [{}] {}", cause.id(), confidence.id());
        }
        if let Some((side, fix)) = &self.fix {
            line += &format!(". {}: {fix}", title(*side));
        }
        if more > 0 {
            line += &format!("; {more} more of this kind");
        }
        line
    }
}

/// The key of the peer's certificate that was refused.
fn peer_key(report: &Report) -> Option<String> {
    let note = report.items().find(|item| item.tag == Tag::CertificateKey)?;
    read_key_note(note.bytes).map(|(_, pin)| Pin(pin).to_string())
}

/// What the certificate that was refused says of its owner, where the reason does not name it.
fn claimed(error: &Error) -> String {
    let mismatch = matches!(error.fault(), Some(Fault::Certificate(CertificateFault::NameMismatch { .. })));
    let note = error.report().items().find(|item| item.tag == Tag::CertificateName).filter(|_| !mismatch);
    note.map_or_else(String::new, |note| {
        format!(" It calls itself {:?}.", String::from_utf8_lossy(note.bytes))
    })
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
