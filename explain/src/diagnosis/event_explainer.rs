//! Explains capture events as they arrive, for any number of conversations at once.

use std::{borrow::Cow, collections::BTreeMap, fmt, rc::Rc};

use crate::{
    conversation::reader::{ALL, Budget, ConversationReader, Secrets},
    diagnosis::explanation::{Diagnosis, Explanation},
    input::{
        capture::{FlowId, Listener},
        capture_event::CaptureEvent,
        evidence::{Evidence, Supplied},
    },
};

/// Conversations that are kept in full, as long as memory permits (`reading/budget`); the others are
/// counted. Conversations that failed are kept longest.
const CONVERSATIONS: usize = 1000;

/// Bytes of key logs that may be copied for each key log that follows.
const FEW_KEYS: usize = 64 << 10;

/// Explains capture events as they arrive: those of a capture, or of a live connection.
///
/// ```
/// use handclasp_explain::{
///     Cause, Evidence, Side,
///     capture::{CaptureEvent, CaptureEventKind, EventExplainer, FlowId, Listener as _, Position},
/// };
///
/// let evidence = Evidence::default();
/// let mut explainer = EventExplainer::new(&evidence);
/// let id = FlowId(0);
/// explainer.begin(id, "192.0.2.1:50000".to_owned(), "192.0.2.2:443".to_owned(), false);
/// for (from, kind) in [
///     (Side::Client, CaptureEventKind::Syn),
///     (Side::Server, CaptureEventKind::SynAck),
///     (Side::Server, CaptureEventKind::Bytes(b"SSH-2.0-OpenSSH_9.9\r\n")),
/// ] {
///     explainer.on_event(id, &CaptureEvent::new(from, Position::default(), kind));
/// }
/// let explanation = explainer.finish();
/// assert_eq!(explanation.verdict().unwrap().cause, Cause::TransportNotTlsSsh);
/// ```
pub struct EventExplainer<'e> {
    evidence: Cow<'e, Evidence>,
    secrets: Rc<Secrets>,
    /// Key logs of the capture that are not among the secrets yet.
    new_keys: String,
    open: BTreeMap<FlowId, ConversationReader>,
    explained: BTreeMap<FlowId, Explained>,
    /// Bytes held by the explained conversations.
    held: usize,
    budget: Rc<Budget>,
    omitted: usize,
}

/// A conversation that has ended.
struct Explained {
    diagnosis: Diagnosis,
    /// Bytes that its events hold.
    holds: usize,
}

impl fmt::Debug for EventExplainer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventExplainer")
            .field("open", &self.open.len())
            .field("explained", &self.explained.len())
            .field("omitted", &self.omitted)
            .finish_non_exhaustive()
    }
}

impl<'e> EventExplainer<'e> {
    /// An explainer that has seen no event yet.
    pub fn new(evidence: &'e Evidence) -> Self {
        Self {
            evidence: Cow::Borrowed(evidence),
            secrets: Rc::new(Secrets::new(evidence)),
            new_keys: String::new(),
            open: BTreeMap::new(),
            explained: BTreeMap::new(),
            held: 0,
            budget: Rc::default(),
            omitted: 0,
        }
    }

    /// Ends the conversations that are still open, and returns the explanation of all.
    pub fn finish(mut self) -> Explanation {
        while let Some(id) = self.open.keys().next().copied() {
            self.end(id);
        }
        let mut conversations: Vec<Diagnosis> =
            self.explained.into_values().map(|explained| explained.diagnosis).collect();
        crate::diagnosis::probes::mark(&mut conversations);
        Explanation {
            conversations,
            omitted: self.omitted,
            supplied: Supplied::of(&self.evidence),
            ..Explanation::default()
        }
    }

    /// Drops an explained conversation: one that did not fail, or else the last.
    fn drop_one(&mut self) {
        let good = self.explained.iter().find(|(_, explained)| !explained.diagnosis.failed());
        let id = good.or(self.explained.last_key_value()).map(|(id, _)| *id);
        if let Some(explained) = id.and_then(|id| self.explained.remove(&id)) {
            self.omitted += 1;
            self.held -= explained.holds;
            self.budget.change(explained.holds, 0);
        }
    }

    /// Adds the keys of the capture itself; those known from a first pass over it change nothing. Open
    /// conversations share the secrets, so that new keys need a copy. Copies are made only where the new
    /// keys are many or all are few: a capture with a key log before every packet costs no more time than
    /// one with all keys in front.
    fn add_keys(&mut self) {
        if self.new_keys.is_empty() {
            return;
        }
        if Rc::get_mut(&mut self.secrets).is_none() {
            let known = self.evidence.key_log.len();
            if known > FEW_KEYS && self.new_keys.len() < known / 8 {
                return;
            }
            self.secrets = Rc::new(self.secrets.duplicate());
        }
        let new = std::mem::take(&mut self.new_keys);
        if Rc::get_mut(&mut self.secrets).is_some_and(|secrets| secrets.add(&new) > 0) {
            let known = &mut self.evidence.to_mut().key_log;
            known.push('\n');
            known.push_str(&new);
        }
    }
}

impl Listener for EventExplainer<'_> {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        self.add_keys();
        let secrets = Rc::clone(&self.secrets);
        let reading =
            ConversationReader::new(secrets, client, server, begins_late).within(Rc::clone(&self.budget));
        self.open.insert(id, reading);
    }

    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>) {
        if let Some(reading) = self.open.get_mut(&id) {
            reading.on_event(event);
        }
    }

    fn end(&mut self, id: FlowId) {
        let Some(reading) = self.open.remove(&id) else { return };
        let diagnosis = Diagnosis::new(reading.finish(), &self.evidence);
        let holds = diagnosis.conversation.holds();
        self.held += holds;
        self.budget.change(0, holds);
        self.explained.insert(id, Explained { diagnosis, holds });
        // Half of the memory is for the conversations that are open.
        while self.explained.len() > CONVERSATIONS || self.held > ALL / 2 && self.explained.len() > 1 {
            self.drop_one();
        }
    }

    fn key_log(&mut self, text: &str) {
        self.new_keys.push_str(text);
        self.new_keys.push('\n');
        self.add_keys();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_log_of_the_capture_is_added_once() {
        let line = format!("CLIENT_RANDOM {} {}\n", "ab".repeat(32), "cd".repeat(48));
        let evidence = Evidence { key_log: line.clone(), ..Evidence::default() };
        let mut explainer = EventExplainer::new(&evidence);
        explainer.key_log(&line);
        assert_eq!(explainer.evidence.key_log, line);
        explainer.key_log(&line.replace("ab", "ba"));
        assert_eq!(explainer.evidence.key_log.lines().filter(|line| !line.is_empty()).count(), 2);
    }

    #[test]
    fn keys_that_come_while_conversations_are_open() {
        let evidence = Evidence::default();
        let mut explainer = EventExplainer::new(&evidence);
        let begin = |explainer: &mut EventExplainer<'_>, id| {
            explainer.begin(FlowId(id), String::new(), String::new(), false);
        };
        begin(&mut explainer, 0);
        let (mut copies, mut before) = (0, Rc::as_ptr(&explainer.secrets));
        let lines = 4000;
        for number in 0..lines {
            explainer.key_log(&format!("CLIENT_RANDOM {number:064x} {}\n", "cd".repeat(48)));
            begin(&mut explainer, number + 1);
            copies += usize::from(before != Rc::as_ptr(&explainer.secrets));
            before = Rc::as_ptr(&explainer.secrets);
        }
        // 64 KiB are 370 lines, each with a copy of its own; then a copy for each eighth more.
        assert!((350..450).contains(&copies), "{copies}");
        assert!(explainer.new_keys.len() < explainer.evidence.key_log.len() / 8);
        // Once no conversation is open the rest is added.
        for id in 0..=lines {
            explainer.end(FlowId(id));
        }
        begin(&mut explainer, lines + 1);
        let known = explainer.evidence.key_log.lines().filter(|line| !line.is_empty()).count();
        assert_eq!((known, explainer.new_keys.len()), (4000, 0));
    }
}
