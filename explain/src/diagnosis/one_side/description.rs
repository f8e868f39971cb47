//! What a report adds to the cause: reasons, fixes with the side that makes each, and
//! the offers that matter.

use handclasp_report::{Side, Tag};

use crate::diagnosis::cause::Party;
use crate::diagnosis::fix::Fix;

/// Reasons, fixes and offers for one cause.
#[derive(Debug)]
pub(super) struct Description {
    own: Side,
    /// Sentences that say why, where the fault is one of our own side's.
    pub reasons: Vec<String>,
    /// Sentences that hold whichever side found the cause.
    pub facts: Vec<String>,
    /// Fixes, the likeliest first.
    pub fixes: Vec<Fix>,
    /// Offers to list as evidence; choices and alerts are always listed.
    pub offers: Vec<Tag>,
}

impl Description {
    /// Nothing said yet, in a report of `own`.
    pub fn of(own: Side) -> Self {
        Self { own, reasons: Vec::new(), facts: Vec::new(), fixes: Vec::new(), offers: Vec::new() }
    }

    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reasons.push(reason.into());
        self
    }

    pub fn because_if(self, fits: bool, reason: impl Into<String>) -> Self {
        if fits { self.because(reason) } else { self }
    }

    pub fn fact(mut self, fact: impl Into<String>) -> Self {
        self.facts.push(fact.into());
        self
    }

    fn fix(mut self, side: Party, text: impl Into<String>) -> Self {
        self.fixes.push(Fix::by(side, text));
        self
    }

    /// A fix on our side.
    pub fn ours(self, text: impl Into<String>) -> Self {
        let own = party(self.own);
        self.fix(own, text)
    }

    pub fn ours_if(self, fits: bool, text: impl Into<String>) -> Self {
        if fits { self.ours(text) } else { self }
    }

    /// A fix on the peer's side.
    pub fn peers(self, text: impl Into<String>) -> Self {
        let peer = party(self.own.other());
        self.fix(peer, text)
    }

    pub fn peers_if(self, fits: bool, text: impl Into<String>) -> Self {
        if fits { self.peers(text) } else { self }
    }

    pub fn client(self, text: impl Into<String>) -> Self {
        self.fix(Party::Client, text)
    }

    pub fn server(self, text: impl Into<String>) -> Self {
        self.fix(Party::Server, text)
    }

    pub fn server_if(self, fits: bool, text: impl Into<String>) -> Self {
        if fits { self.server(text) } else { self }
    }

    /// A fix on either side, or on both.
    pub fn either(self, text: impl Into<String>) -> Self {
        self.fix(Party::Config, text)
    }

    pub fn either_if(self, fits: bool, text: impl Into<String>) -> Self {
        if fits { self.either(text) } else { self }
    }

    /// Something to look for between the two sides.
    pub fn between(self, text: impl Into<String>) -> Self {
        self.fix(Party::Network, text)
    }

    pub fn offers(mut self, tags: &[Tag]) -> Self {
        self.offers.extend(tags);
        self
    }
}

/// The side as findings name it.
pub(super) fn party(side: Side) -> Party {
    match side {
        Side::Client => Party::Client,
        Side::Server => Party::Server,
    }
}
