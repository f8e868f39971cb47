//! What follows a completed handshake: which side closes first, and whether data was sent before that.

use std::time::Duration;

use handclasp_codec::{AlertDescription, ContentType, HandshakeType};

use super::{Ending, Stage};
use crate::conversation::{Conversation, Event, EventKind, Side};

/// How a connection goes on and ends after its handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aftermath {
    /// The side that closes first, by an alert, FIN or RST.
    pub by: Side,
    /// Index of the event by which it closes.
    pub index: usize,
    /// Whether the client sends application data before that.
    pub client_data: bool,
    /// Whether the server does; `None` where its records may be session tickets.
    pub server_data: Option<bool>,
    /// Time from the last Finished to the closing.
    pub after: Option<Duration>,
}

impl Aftermath {
    /// Whether the client leaves without having sent or received data, as far as is known.
    pub fn is_left_unused(self) -> bool {
        self.by == Side::Client && !self.client_data && self.server_data != Some(true)
    }
}

impl Conversation {
    /// `None`: the handshake did not complete or was refused, the connection stays open, or the events do
    /// not tell data from the handshake.
    pub(crate) fn aftermath(&self) -> Option<Aftermath> {
        let whole = self.reported.is_none() && !self.is_partial();
        if !whole || self.stage() != Stage::Complete || self.ending() != Ending::Completed {
            return None;
        }
        let client = self.finished_at(Side::Client)?;
        let done = self.finished_at(Side::Server).unwrap_or_default().max(client);
        let mut later = self.events.iter().enumerate().skip(client.saturating_add(1));
        let (index, closing) = later.find(|(index, event)| self.is_closing(*index, event))?;
        let before = self.events.iter().take(index).skip(client.saturating_add(1));
        let client_data = before.into_iter().any(|event| event.from == Side::Client && is_data(event));
        Some(Aftermath {
            by: closing.from,
            index,
            client_data,
            server_data: self.server_data(client),
            after: self
                .events
                .get(done)
                .and_then(|last| Some(closing.position.time?.saturating_sub(last.position.time?))),
        })
    }

    /// Whether the server sends data, before or after the closing: what it sends crosses with that.
    fn server_data(&self, client_finished: usize) -> Option<bool> {
        let from_server = |event: &&Event| event.from == Side::Server;
        if self
            .events
            .iter()
            .filter(from_server)
            .any(|event| matches!(event.kind, EventKind::ApplicationData { .. }))
        {
            return Some(true);
        }
        let mut rest = self.events.iter().skip(client_finished).filter(from_server);
        let unread = rest.any(|event| match event.kind.protected_record() {
            Some(sealed) => {
                !self.is_alert_after_handshake(Side::Server, sealed)
                    && sealed.content_type == ContentType::application_data
            }
            None => false,
        });
        if unread { None } else { Some(false) }
    }

    /// Index of a side's Finished. TLS 1.3 without keys: the first record of the client as long as one, or
    /// else the first record that may hold its whole flight.
    fn finished_at(&self, of: Side) -> Option<usize> {
        if let Some(found) = self.first(of, HandshakeType::finished) {
            return Some(found.index);
        }
        let of_side = |(_, event): &(usize, &Event)| event.from == of;
        if !self.is_tls13() {
            let mut changed = false;
            let closes = |(_, event): &(usize, &Event)| match &event.kind {
                EventKind::ChangeCipherSpec => {
                    changed = true;
                    false
                }
                EventKind::Protected(sealed) => changed && sealed.content_type == ContentType::handshake,
                _ => false,
            };
            return self.events.iter().enumerate().filter(of_side).find(closes).map(|(index, _)| index);
        }
        let early = self.client_hello().is_some_and(|hello| hello.extensions.early_data.is_some());
        if of == Side::Server || early {
            return None;
        }
        let sealed = || {
            let events = self.events.iter().enumerate().filter(of_side);
            events.filter_map(|(index, event)| Some((index, event.kind.protected_record()?.length)))
        };
        let exact = sealed().find(|(_, length)| self.may_be_finished(*length));
        exact.or_else(|| sealed().next()).map(|(index, _)| index)
    }

    /// Whether a side closes by this event: close_notify, an alert that no key reads, FIN or RST. In TLS 1.3
    /// without keys an alert is the last record of its sender.
    fn is_closing(&self, index: usize, event: &Event) -> bool {
        match &event.kind {
            EventKind::Fin | EventKind::Reset => true,
            EventKind::Alert { description, .. } => *description == AlertDescription::close_notify,
            EventKind::Protected(sealed) => {
                let more = |later: &Event| later.from == event.from && is_data(later);
                self.is_alert_after_handshake(event.from, sealed)
                    && !self.events.iter().skip(index.saturating_add(1)).any(more)
            }
            _ => false,
        }
    }
}

/// Whether it is application data, or a record of TLS 1.3 that may hold some.
fn is_data(event: &Event) -> bool {
    match &event.kind {
        EventKind::ApplicationData { early, .. } => !early,
        EventKind::Protected(sealed) => sealed.content_type == ContentType::application_data,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::test_support::{client_hello, conversation, item, sealed, server_hello};
    use Side::{Client, Server};

    /// A flight of the server in TLS 1.3 without keys, then these records, then the FIN of one side.
    fn after(records: &[(Side, u16)], closes: Side) -> Option<Aftermath> {
        let mut items = vec![client_hello(1), server_hello(true)];
        items.extend([23, 900, 96, 53].map(|length| sealed(Server, length)));
        items.extend(records.iter().map(|(from, length)| sealed(*from, *length)));
        items.push(item(closes, EventKind::Fin));
        conversation(items).aftermath()
    }

    #[test]
    fn the_client_leaves_without_data() {
        type Case = (&'static [(Side, u16)], Option<bool>);
        let unused: [Case; 6] = [
            (&[(Client, 69), (Client, 35)], Some(false)),
            (&[(Client, 53)], Some(false)),
            (&[(Client, 53), (Client, 19)], Some(false)),
            (&[(Client, 25), (Client, 53), (Client, 19), (Server, 19)], Some(false)),
            (&[(Client, 53), (Server, 250), (Server, 250), (Client, 19)], None),
            (&[(Client, 900), (Client, 96), (Client, 53), (Client, 19), (Server, 250)], None),
        ];
        for (records, server_data) in unused {
            let found = after(records, Client).unwrap();
            assert!(found.is_left_unused(), "{records:?}");
            assert_eq!(found.server_data, server_data, "{records:?}");
        }
    }

    #[test]
    fn data_is_not_taken_for_a_handshake() {
        let used: [&[(Side, u16)]; 4] = [
            // As long as an alert that Java pads, from a client that does not pad.
            &[(Client, 53), (Client, 35)],
            &[(Client, 53), (Client, 90), (Client, 19)],
            &[(Client, 53), (Client, 19), (Client, 90), (Client, 19)],
            &[(Client, 53), (Server, 250), (Client, 35), (Client, 80), (Server, 300), (Client, 19)],
        ];
        for records in used {
            assert!(!after(records, Client).unwrap().is_left_unused(), "{records:?}");
        }
    }

    #[test]
    fn the_first_to_close_is_the_sender_of_the_first_alert() {
        assert_eq!(after(&[(Client, 53), (Server, 19)], Client).unwrap().by, Server);
        assert_eq!(after(&[(Client, 53), (Client, 19), (Server, 19)], Server).unwrap().by, Client);
    }

    #[test]
    fn what_did_not_complete_or_stays_open_has_no_aftermath() {
        assert_eq!(after(&[(Client, 19)], Client), None);
        let mut items = vec![client_hello(1), server_hello(true)];
        items.extend([23, 900, 96, 53].map(|length| sealed(Server, length)));
        items.push(sealed(Client, 53));
        assert_eq!(conversation(items).aftermath(), None);
    }
}
