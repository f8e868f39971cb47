//! What is told about all that was given: conversations, their stories, the findings of each, and
//! the best of all in front.

use std::collections::BTreeMap;
use std::rc::Rc;

use handclasp_report::Report;

use crate::conversation::events::Conversation;
use crate::conversation::reading::{ALL, Budget, Reading, Secrets};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::diagnosis::rules;
use crate::diagnosis::{advice, cause::Cause, compare_captures, explanation::Explanation};
use crate::input::capture::{FlowId, Listener, Summary};
use crate::input::capture_event::CaptureEvent;
use crate::input::evidence::Evidence;

/// Conversations that are told in full, as long as memory permits (`reading/budget`); the others are
/// counted, failing ones first.
const CONVERSATIONS: usize = 1000;

/// What was found in one conversation.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// What happened.
    pub conversation: Conversation,
    /// What is wrong and what is worth knowing, the best first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Tells one conversation.
    pub fn new(conversation: Conversation, evidence: &Evidence) -> Self {
        let findings = rules::diagnose(&conversation, evidence);
        Self { conversation, findings }
    }

    /// Whether something failed.
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Failure)
    }
}

/// What was found in all that was given.
#[derive(Debug, Default)]
pub struct Explained {
    /// What the packets were, if there were packets.
    pub packets: Option<Summary>,
    /// Bytes without packets, field by field; their story is the only conversation then.
    pub pasted: Option<Box<Explanation>>,
    /// Reports of handclasp's.
    pub reports: Vec<Reported>,
    /// The conversations, in the order in which they began.
    pub conversations: Vec<Diagnosis>,
    /// Number of conversations left out, because there were too many.
    pub omitted: usize,
}

impl Explained {
    /// Of bytes without packets.
    pub(crate) fn of_pasted(pasted: Explanation) -> Self {
        let told = Diagnosis { conversation: pasted.conversation.clone(), findings: pasted.findings.clone() };
        Self { conversations: vec![told], pasted: Some(Box::new(pasted)), ..Self::default() }
    }

    /// Adds what the other end saw of the same: its report, or its capture, which is compared with
    /// this one.
    pub fn with_other_end(mut self, other: Self) -> Self {
        for told in &mut self.conversations {
            if let Some(same) = compare_captures::same(&told.conversation, &other.conversations) {
                let differs = compare_captures::compare(&told.conversation, &same.conversation);
                // Both saw the same: what the other end's view shows counts too.
                let more = same.findings.iter().filter(|found| !told.findings.contains(found));
                let findings = differs.into_iter().chain(told.findings.clone()).chain(more.cloned());
                told.findings = findings.collect();
                told.findings.sort_by_key(|finding| finding.severity);
            }
        }
        if self.conversations.is_empty() {
            self.conversations = other.conversations;
            self.pasted = self.pasted.or(other.pasted);
            self.packets = self.packets.or(other.packets);
        }
        self.reports.extend(other.reports);
        // The end that refused knows more than the one that was refused.
        self.reports
            .sort_by_key(|told| told.finding.as_ref().map_or(Confidence::Possible, |found| found.confidence));
        self
    }

    /// Index of the conversation that the verdict is about: the first that failed, or else the
    /// first.
    pub fn main_index(&self) -> Option<usize> {
        let failed = self.conversations.iter().position(Diagnosis::failed);
        failed.or_else(|| (!self.conversations.is_empty()).then_some(0))
    }

    /// The conversation that the verdict is about.
    pub fn main(&self) -> Option<&Diagnosis> {
        self.main_index().and_then(|index| self.conversations.get(index))
    }

    /// All findings, failures first: those of the conversation that the verdict is about in their
    /// order, then those of the reports, then those of the other conversations in theirs. A cause
    /// stands once. With each the index of its conversation.
    pub fn findings(&self) -> Vec<(&Finding, Option<usize>)> {
        let main = self.main_index();
        let others = (0..self.conversations.len()).filter(|index| Some(*index) != main);
        let of = |index: usize| {
            let told = self.conversations.get(index).into_iter();
            told.flat_map(move |told| told.findings.iter().map(move |finding| (finding, Some(index))))
        };
        let reported =
            self.reports.iter().filter_map(|told| told.finding.as_ref()).map(|found| (found, None));
        let main: Vec<_> = main.into_iter().flat_map(of).collect();
        let reported: Vec<_> = reported.collect();
        let confidence = |found: &[(&Finding, Option<usize>)]| {
            let failure = found.iter().find(|(finding, _)| finding.severity == Severity::Failure);
            failure.map(|(finding, _)| finding.confidence)
        };
        // What an end says of itself is surer than what can only be guessed from outside.
        let reports_lead = match (confidence(&reported), confidence(&main)) {
            (Some(reported), Some(main)) => reported < main,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let (first, second) = if reports_lead { (reported, main) } else { (main, reported) };
        let all = first.into_iter().chain(second).chain(others.flat_map(of));
        let mut findings: Vec<(&Finding, Option<usize>)> = Vec::new();
        for (finding, index) in all {
            let told = |(known, _): &(&Finding, _)| {
                known.cause == finding.cause && known.severity == finding.severity
            };
            if !findings.iter().any(told) {
                findings.push((finding, index));
            }
        }
        findings.sort_by_key(|(finding, _)| finding.severity);
        findings
    }

    /// Whether something failed.
    pub fn failed(&self) -> bool {
        self.findings().first().is_some_and(|(finding, _)| finding.severity == Severity::Failure)
    }

    /// Whether there is nothing to tell: no TLS anywhere, and no cause that could be named.
    pub fn is_without_tls(&self) -> bool {
        let tls = |told: &Diagnosis| told.conversation.events.iter().any(|item| item.kind.is_tls());
        let pasted = self.pasted.as_ref().is_some_and(|pasted| pasted.has_tls());
        let named = |(finding, _): &(&Finding, _)| {
            finding.severity == Severity::Failure && finding.cause != Cause::RefusedUnexplained
        };
        let told = pasted || !self.reports.is_empty() || self.conversations.iter().any(tls);
        !told && !self.findings().iter().any(named)
    }
}

/// A report of handclasp's, and what it says.
#[derive(Clone, Debug)]
pub struct Reported {
    /// The report.
    pub report: Report,
    /// What failed, if something did.
    pub finding: Option<Finding>,
}

impl Reported {
    /// Reads what it says, in the light of the first pre-shared key that was typed.
    pub fn new(report: Report, evidence: &Evidence) -> Self {
        let typed = evidence.psks.first().map(|typed| typed.0.as_str());
        let finding = advice::finding(&report, typed);
        Self { report, finding }
    }
}

/// Reads all conversations of a capture at once.
pub struct Explainer<'e> {
    evidence: &'e Evidence,
    secrets: Rc<Secrets>,
    under_way: BTreeMap<FlowId, Reading>,
    explained: BTreeMap<FlowId, Told>,
    /// What those hold that are explained.
    held: usize,
    budget: Rc<Budget>,
    omitted: usize,
}

/// A conversation that is over.
struct Told {
    conversation: Diagnosis,
    /// Bytes of its story.
    holds: usize,
}

impl<'e> Explainer<'e> {
    /// Nothing read so far.
    pub fn new(evidence: &'e Evidence) -> Self {
        let secrets = Rc::new(Secrets::new(evidence));
        Self {
            evidence,
            secrets,
            under_way: BTreeMap::new(),
            explained: BTreeMap::new(),
            held: 0,
            budget: Rc::default(),
            omitted: 0,
        }
    }

    /// Gives up a conversation that is explained: a good one, or else the last.
    fn forget_one(&mut self) {
        let good = self.explained.iter().find(|(_, told)| !told.conversation.failed()).map(|(id, _)| *id);
        let last = self.explained.keys().next_back().copied();
        if let Some(told) = good.or(last).and_then(|id| self.explained.remove(&id)) {
            self.omitted += 1;
            self.held -= told.holds;
            self.budget.change(told.holds, 0);
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Explained {
        while let Some(id) = self.under_way.keys().next().copied() {
            self.end(id);
        }
        Explained {
            conversations: self.explained.into_values().map(|told| told.conversation).collect(),
            omitted: self.omitted,
            ..Explained::default()
        }
    }
}

impl Listener for Explainer<'_> {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        let secrets = Rc::clone(&self.secrets);
        let reading = Reading::new(secrets, client, server, begins_late).within(Rc::clone(&self.budget));
        self.under_way.insert(id, reading);
    }

    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>) {
        if let Some(reading) = self.under_way.get_mut(&id) {
            reading.on_event(event);
        }
    }

    fn end(&mut self, id: FlowId) {
        let Some(reading) = self.under_way.remove(&id) else { return };
        let conversation = Diagnosis::new(reading.finish(), self.evidence);
        let holds = conversation.conversation.holds();
        self.held += holds;
        self.budget.change(0, holds);
        self.explained.insert(id, Told { conversation, holds });
        // Half of the memory is for those that are under way.
        while self.explained.len() > CONVERSATIONS || self.held > ALL / 2 && self.explained.len() > 1 {
            self.forget_one();
        }
    }
}
