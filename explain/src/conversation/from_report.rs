//! From a report to a conversation: the hellos that it keeps, the alerts, the ending.
//!
//! A report keeps hellos cut to room: random, key shares, tickets and binders are filler here, and a
//! list that was cut ends where it was cut. A report of version 1 keeps only what was offered and
//! chosen, from which the hellos are written anew. Such a conversation is marked by [`Reported`]:
//! nothing in it is recomputed, and where the report cut a list, no rule concludes from what is absent.

mod hello;
mod kept;
mod notes;
mod progress;

pub(crate) use notes::Notes;

use handclasp_codec::{AlertDescription, AlertLevel};
use handclasp_report::{Fault, Report, Tag};

use crate::conversation::{Conversation, Ending, Event, EventKind, Side, Stage};
use crate::input::capture_event::Position;

/// What a report states beyond the messages of its conversation.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    /// The report.
    pub report: Report,
    /// How the conversation ended, by the fault.
    pub ending: Ending,
    /// How far the handshake had come, by the notes.
    pub stage: Stage,
}

/// The conversation that a report describes.
pub(crate) fn conversation(report: &Report) -> Conversation {
    let notes = Notes { report };
    let mut events: Vec<Event> = report.messages().filter_map(|message| kept::event(&message)).collect();
    if events.is_empty() {
        events = hello::hellos(notes);
    }
    events.extend(hello::after_answer(notes));
    let foreign = match report.why() {
        Some(Fault::NotTls { first }) => Some((report.own().other(), first.to_vec())),
        _ => None,
    };
    events.extend(foreign.map(|(from, begins)| event(from, EventKind::NotTls { prefix: begins })));
    let alerts = report.items().filter(|item| matches!(item.tag, Tag::AlertSent | Tag::AlertReceived));
    for alert in alerts {
        let description = alert.words::<AlertDescription>().next().unwrap_or_default();
        let level = AlertLevel::fatal;
        events.push(event(alert.from, EventKind::Alert { level, description, protected: false }));
    }
    let (stage, ending) = (progress::stage(notes), progress::ending(notes, &events));
    let reported = Some(Box::new(Reported { report: report.clone(), ending, stage }));
    Conversation { events, reported, ..Conversation::default() }
}

fn event(from: Side, kind: EventKind) -> Event {
    Event { from, position: Position::default(), kind }
}

impl Reported {
    /// The notes, for questions.
    pub fn notes(&self) -> Notes<'_> {
        Notes { report: &self.report }
    }
}

/// A peer's bytes as text that moves no cursor of a terminal.
pub(crate) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
