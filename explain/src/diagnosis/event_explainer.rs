//! Explains capture events as they arrive, for any number of conversations at once.

use std::{borrow::Cow, collections::BTreeMap, fmt, rc::Rc};

use crate::{
    conversation::reading::{ALL, Budget, Reading, Secrets},
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
///     (Side::Client, CaptureEventKind::Opened),
///     (Side::Server, CaptureEventKind::Accepted),
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
    open: BTreeMap<FlowId, Reading>,
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
        Explanation {
            conversations: self.explained.into_values().map(|explained| explained.diagnosis).collect(),
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
}

impl Listener for EventExplainer<'_> {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        let secrets = Rc::clone(&self.secrets);
        let reading = Reading::new(secrets, client, server, begins_late).within(Rc::clone(&self.budget));
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

    /// Keys of the capture itself, unless they are known from a first pass over it.
    fn key_log(&mut self, text: &str) {
        if !self.evidence.key_log.contains(text.trim()) {
            let known = &mut self.evidence.to_mut().key_log;
            known.push('\n');
            known.push_str(text);
            self.secrets = Rc::new(Secrets::new(&self.evidence));
        }
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
}
