//! The way from what a user has to what is told: conversations, their stories, the findings of
//! each, and the best of all in front.
//!
//! Called by: `cli`, and whoever has a capture.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::causes;
use crate::evidence::Evidence;
use crate::finding::{Finding, Severity};
use crate::happening::Happening;
use crate::input::capture::{ConversationId, Listener};
use crate::reading::{Reading, Secrets};
use crate::story::Story;

/// Conversations that are told in full; the others are counted, failing ones first.
const CONVERSATIONS: usize = 1000;

/// What was found in one conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// What happened.
    pub story: Story,
    /// What is wrong and what is worth knowing, the best first.
    pub findings: Vec<Finding>,
}

impl Conversation {
    /// Tells one conversation.
    pub fn new(story: Story, evidence: &Evidence) -> Self {
        let findings = causes::diagnose(&story, evidence);
        Self { story, findings }
    }

    /// Whether something failed.
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Failure)
    }
}

/// What was found in all that was given.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// The conversations, in the order in which they began.
    pub conversations: Vec<Conversation>,
    /// Conversations that are not told, because there were too many.
    pub untold: usize,
}

impl Explained {
    /// The conversation that the verdict is about: the first that failed, or else the first.
    pub fn main(&self) -> Option<&Conversation> {
        self.conversations.iter().find(|told| told.failed()).or_else(|| self.conversations.first())
    }

    /// The findings of all conversations, best first: those of [`Explained::main`] lead.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.conversations.iter().flat_map(|told| &told.findings).collect();
        all.sort_by_key(|finding| (finding.severity, finding.grade));
        all
    }
}

/// Reads all conversations of a capture at once.
pub struct Explainer<'e> {
    evidence: &'e Evidence,
    secrets: Rc<Secrets>,
    under_way: BTreeMap<ConversationId, Reading>,
    explained: BTreeMap<ConversationId, Conversation>,
    untold: usize,
}

impl<'e> Explainer<'e> {
    /// Nothing read so far.
    pub fn new(evidence: &'e Evidence) -> Self {
        let secrets = Rc::new(Secrets::new(evidence));
        Self { evidence, secrets, under_way: BTreeMap::new(), explained: BTreeMap::new(), untold: 0 }
    }

    /// What was found.
    pub fn finish(mut self) -> Explained {
        while let Some(id) = self.under_way.keys().next().copied() {
            self.end(id);
        }
        Explained { conversations: self.explained.into_values().collect(), untold: self.untold }
    }
}

impl Listener for Explainer<'_> {
    fn begin(&mut self, id: ConversationId, client: String, server: String, begins_late: bool) {
        let secrets = Rc::clone(&self.secrets);
        self.under_way.insert(id, Reading::new(secrets, client, server, begins_late));
    }

    fn happened(&mut self, id: ConversationId, happening: &Happening<'_>) {
        if let Some(reading) = self.under_way.get_mut(&id) {
            reading.happened(happening);
        }
    }

    fn end(&mut self, id: ConversationId) {
        let Some(reading) = self.under_way.remove(&id) else { return };
        let told = Conversation::new(reading.finish(), self.evidence);
        self.explained.insert(id, told);
        if self.explained.len() > CONVERSATIONS {
            self.untold += 1;
            let good = self.explained.iter().find(|(_, told)| !told.failed()).map(|(id, _)| *id);
            let last = self.explained.keys().next_back().copied();
            if let Some(id) = good.or(last) {
                self.explained.remove(&id);
            }
        }
    }
}
