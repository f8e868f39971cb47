//! From a story to causes: each family of causes in its file, all asked alike, each answering
//! with what it finds and how sure it is; `weighing` holds the findings against the ending, `ranking` orders them.
//!
//! A rule never claims more than its evidence: proved is what was recomputed or contradicts
//! itself byte for byte, observed what stands on the wire, inferred what alone fits both offers
//! and the ending, possible the rest.

mod after_handshake;
mod certificate;
mod certificate_curve;
mod chain_findings;
mod client_certificate;
mod config;
mod hello;
mod key_exchange;
mod log;
mod lone_alert;
mod negotiation;
mod offer;
pub(crate) mod own_fault;
mod peer_verdict;
mod policy;
mod psk;
mod record;
mod tamper;
#[cfg(test)]
pub(crate) mod test_support;
mod transport;
mod trust;
mod violation;
mod weighing;

use handclasp_codec::{AlertDescription, HandshakeType};
use handclasp_report::{Named, Report};

use crate::conversation::from_report::{self, Notes};
use crate::conversation::{Conversation, Ending, Side, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::Facts;
use crate::diagnosis::compute::chain::Chain;
use crate::diagnosis::compute::point::PublicShare;
use crate::diagnosis::compute::signed::Signed;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::{one_side, software};
use crate::input::evidence::Evidence;

/// All that a rule looks at.
pub(crate) struct Case<'a> {
    /// What happened.
    pub conversation: &'a Conversation,
    /// What the user gave.
    pub evidence: &'a Evidence,
    /// How it ended.
    pub ending: Ending,
    /// How far it had come.
    pub stage: Stage,
    /// What can be recomputed, each once.
    facts: Facts,
}

impl<'a> Case<'a> {
    fn new(conversation: &'a Conversation, evidence: &'a Evidence) -> Self {
        Self {
            conversation,
            evidence,
            ending: conversation.ending(),
            stage: conversation.stage(),
            facts: Facts::default(),
        }
    }

    /// The notes of the report, where the conversation was made from one.
    fn notes(&self) -> Option<Notes<'_>> {
        self.conversation.reported.as_ref().map(|reported| reported.notes())
    }

    /// Whether what the ClientHello lacks was absent from it: true for messages, and for reports whose
    /// lists are whole.
    fn has_whole_offer(&self) -> bool {
        self.notes().is_none_or(Notes::has_whole_offer)
    }

    /// The chain of an end, judged; `None` where none shows.
    fn chain(&self, of: Side) -> Option<&Chain> {
        self.facts.chain(of, self.conversation, self.evidence)
    }

    /// The signatures of both sides.
    fn signatures(&self) -> &[Signed] {
        // The shares of a report are filler.
        if self.conversation.reported.is_some() {
            return &[];
        }
        self.facts.signatures(self.conversation)
    }

    /// The public keys that both sides exchanged.
    fn shares(&self) -> &[PublicShare] {
        if self.conversation.reported.is_some() {
            return &[];
        }
        self.facts.shares(self.conversation)
    }

    /// What the client may have refused after a completed handshake that it leaves without data: the reasons
    /// that the capture shows, and those that a log states.
    fn reasons_after_handshake(&self) -> Vec<Cause> {
        let Some(after) = self.conversation.aftermath().filter(|after| after.is_left_unused()) else {
            return Vec::new();
        };
        let stated = log::findings(self).into_iter();
        let stated = stated.filter(|finding| finding.confidence < Confidence::Possible);
        after_handshake::reasons(self, after).into_iter().chain(stated).map(|finding| finding.cause).collect()
    }

    /// The alert with which that end refused, if it did.
    fn refused(&self, by: Side) -> Option<AlertDescription> {
        match self.ending {
            Ending::Refused { by: end, alert, .. } if end == by => Some(alert),
            Ending::Refused { .. }
            | Ending::Completed
            | Ending::RefusedEncrypted { .. }
            | Ending::Closed { .. }
            | Ending::Reset { .. }
            | Ending::Silent { .. }
            | Ending::ConnectionRefused
            | Ending::NoAnswer
            | Ending::Unknown => None,
        }
    }

    /// Whether that end ended it without a word that could be read: closed, reset, or a protected
    /// alert.
    fn left(&self, by: Side) -> bool {
        match self.ending {
            Ending::Closed { by: end }
            | Ending::Reset { by: end }
            | Ending::RefusedEncrypted { by: end, .. } => end == by,
            Ending::Refused { .. }
            | Ending::Completed
            | Ending::Silent { .. }
            | Ending::ConnectionRefused
            | Ending::NoAnswer
            | Ending::Unknown => false,
        }
    }

    /// The alert with which the server refused the ClientHello itself: before it has shown who it
    /// is, whatever it has answered already.
    fn hello_refused(&self) -> Option<AlertDescription> {
        let shown = self.conversation.first(Side::Server, HandshakeType::certificate).is_some();
        let begun = self.stage == Stage::ServerHello && self.conversation.is_tls13() && !shown;
        self.refused(Side::Server).filter(|_| self.stage == Stage::ClientHello || begun)
    }

    /// How it ended, as a line of evidence.
    fn ended(&self) -> String {
        let position =
            |index: usize| self.conversation.events.get(index).map(|item| item.position).unwrap_or_default();
        match self.ending {
            Ending::Completed => "the handshake is complete".to_owned(),
            Ending::Refused { by, alert, index } => {
                format!("{}: the {} sends the alert {}", position(index), end(by), Named(alert))
            }
            Ending::RefusedEncrypted { by, index } => format!(
                "{}: the {} sends a protected record as short as an alert, and nothing after it",
                position(index),
                end(by)
            ),
            Ending::Closed { by } => format!("the {} closes without an alert", end(by)),
            Ending::Reset { by } => format!("the {} resets the connection without an alert", end(by)),
            Ending::Silent { expected: owing } => format!("the {} stops responding", end(owing)),
            Ending::ConnectionRefused => "the server's host refuses the connection".to_owned(),
            Ending::NoAnswer => "no reply to the connection attempt".to_owned(),
            Ending::Unknown => "the capture does not show how the connection ended".to_owned(),
        }
    }

    /// Where a message stands, as evidence names it.
    fn at(&self, from: Side, msg_type: HandshakeType) -> String {
        self.conversation
            .first(from, msg_type)
            .map_or_else(String::new, |found| found.event.position.to_string())
    }
}

/// An end, as sentences name it.
pub(crate) fn end(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// One family of causes.
type Rule = fn(&Case<'_>) -> Vec<Finding>;

/// Every family.
const RULES: &[Rule] = &[
    transport::findings,
    record::findings,
    hello::findings,
    negotiation::findings,
    lone_alert::findings,
    psk::findings,
    violation::findings,
    key_exchange::findings,
    certificate::findings,
    client_certificate::findings,
    trust::findings,
    after_handshake::findings,
    policy::findings,
    tamper::findings,
    logged,
    config::findings,
];

/// What logs say, marked as such.
fn logged(case: &Case<'_>) -> Vec<Finding> {
    log::findings(case).into_iter().map(|finding| Finding { is_of_log: true, ..finding }).collect()
}

/// What is wrong with a conversation, and what is worth knowing: failures first, the best first.
pub(crate) fn diagnose(conversation: &Conversation, evidence: &Evidence) -> Vec<Finding> {
    let case = Case::new(conversation, evidence);
    let found = match own_fault::finding(&case) {
        Some(certain) => vec![certain],
        None => RULES.iter().flat_map(|rule| rule(&case)).collect(),
    };
    let mut found = one_side::finish(&case, weighing::weigh(&case, found));
    // A report has the words of handclasp's own settings already.
    if conversation.reported.is_none() {
        software::add_how_to(conversation, evidence, &mut found);
    }
    found
}

/// The same for the conversation that a report describes.
pub(crate) fn of_report(report: &Report, evidence: &Evidence) -> Vec<Finding> {
    diagnose(&from_report::conversation(report), evidence)
}
