//! From a story to causes: each family of causes in its file, all asked alike, each answering
//! with what it finds and how sure it is; `verdict` puts the findings in order.
//!
//! A rule never claims more than its evidence: proved is what was recomputed or contradicts
//! itself byte for byte, observed what stands on the wire, inferred what alone fits both offers
//! and the ending, possible the rest.
//!
//! Called by: `explained`.

mod certificate;
mod client_certificate;
mod hello;
mod key_exchange;
mod negotiation;
mod policy;
mod psk;
mod record;
mod tamper;
mod transport;
mod trust;
mod verdict;
mod violation;

use crate::compute::Facts;
use crate::compute::chain::Chain;
use crate::compute::point::PublicShare;
use crate::compute::signed::Signed;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::happening::Side;
use crate::story::{Ending, Stage, Story};

/// All that a rule looks at.
pub(crate) struct Case<'a> {
    /// What happened.
    pub story: &'a Story,
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
    fn new(story: &'a Story, evidence: &'a Evidence) -> Self {
        Self { story, evidence, ending: story.ending(), stage: story.stage(), facts: Facts::default() }
    }

    /// The chain of an end, judged; `None` where none shows.
    fn chain(&self, of: Side) -> Option<&Chain> {
        self.facts.chain(of, self.story, self.evidence)
    }

    /// The signatures of both ends.
    fn signatures(&self) -> &[Signed] {
        self.facts.signatures(self.story)
    }

    /// The public keys that both ends exchanged.
    fn shares(&self) -> &[PublicShare] {
        self.facts.shares(self.story)
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
    psk::findings,
    violation::findings,
    key_exchange::findings,
    certificate::findings,
    client_certificate::findings,
    trust::findings,
    policy::findings,
    tamper::findings,
];

/// What is wrong with a conversation, and what is worth knowing: failures first, the best first.
pub(crate) fn diagnose(story: &Story, evidence: &Evidence) -> Vec<Finding> {
    let case = Case::new(story, evidence);
    let found = RULES.iter().flat_map(|rule| rule(&case)).collect();
    verdict::verdict(&case, found)
}
