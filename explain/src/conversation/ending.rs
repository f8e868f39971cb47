//! How a conversation ended, and how far it had come: the question that every rule begins with.
//! What comes after the ending is its consequence and not a reason.

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};

use super::{Conversation, Event, EventKind, Side, StreamError};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The handshake is complete, and nothing failed after it.
    Completed,
    /// One end refused the other with an alert that could be read.
    Refused {
        /// Who.
        by: Side,
        /// With what.
        alert: AlertDescription,
        /// Index of the item.
        index: usize,
    },
    /// One end sent a short protected record, which can only be an alert, and closed (TLS 1.3
    /// without keys).
    RefusedEncrypted {
        /// Who.
        by: Side,
        /// Index of the item.
        index: usize,
    },
    /// One end closed without an alert.
    Closed {
        /// Who.
        by: Side,
    },
    /// One end broke the connection off without an alert.
    Reset {
        /// Who.
        by: Side,
    },
    /// The connection stayed open and one end owes the next word.
    Silent {
        /// The peer whose message is due.
        expected: Side,
    },
    /// The server's host answered the SYN with RST.
    ConnectionRefused,
    /// Nothing answered the SYN at all.
    NoAnswer,
    /// The capture tells nothing of an ending.
    Unknown,
}

/// How far the handshake had come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Nobody has said a word.
    Nothing,
    /// Something came from the client that is no whole ClientHello.
    MalformedHello,
    /// A ClientHello, and no answer that is one.
    ClientHello,
    /// The server has answered, its flight is not whole.
    ServerHello,
    /// The server's flight is whole (1.2: ServerHelloDone; 1.3: Finished, or protected records).
    ServerFlight,
    /// The client has answered that flight.
    ClientFlight,
    /// Both Finished have gone by.
    Complete,
}

impl Conversation {
    /// How it ended.
    pub fn ending(&self) -> Ending {
        let mut last_fin = None;
        let tls13 = self.is_tls13();
        for (index, item) in self.events.iter().enumerate() {
            match &item.kind {
                EventKind::Alert { level, description, .. } if is_fatal(*level, *description, tls13) => {
                    // An alert behind the other end's FIN or RST only tells that it was cut off.
                    return match last_fin {
                        Some(closed) if closed != Some(item.from) => self.abandoned(closed, item.from),
                        Some(_) | None => Ending::Refused { by: item.from, alert: *description, index },
                    };
                }
                // Whoever says goodbye leaves, whoever then closes first.
                EventKind::Alert { description: AlertDescription::close_notify, .. }
                    if last_fin.is_none() =>
                {
                    last_fin = Some(Some(item.from));
                }
                EventKind::Fin | EventKind::Reset if last_fin.is_none() => {
                    if self.goes_on(index, item) {
                        continue;
                    }
                    if let Some(ending) = self.unread_alert(index, item).filter(|_| !self.is_partial()) {
                        return ending;
                    }
                    last_fin = Some(Some(item.from));
                }
                EventKind::Syn
                | EventKind::SynAck
                | EventKind::Acknowledged
                | EventKind::Gap(_)
                | EventKind::Fin
                | EventKind::Reset
                | EventKind::Handshake(_)
                | EventKind::Alert { .. }
                | EventKind::ChangeCipherSpec
                | EventKind::Protected(_)
                | EventKind::ApplicationData { .. }
                | EventKind::Record { .. }
                | EventKind::NotTls { .. }
                | EventKind::Error(_) => {}
            }
        }
        // What is not in the capture may have been said all the same.
        match last_fin {
            _ if self.is_partial() && self.stage() < Stage::Complete => Ending::Unknown,
            Some(by) => self.abandoned(by, Side::Client),
            None => self.left_open(),
        }
    }

    /// Whether the capture lacks a part of what was said.
    pub fn is_partial(&self) -> bool {
        self.begins_late || self.events.iter().any(|item| matches!(item.kind, EventKind::Gap(_)))
    }

    /// A FIN of one end behind which the other still says its part of the handshake: half-closed.
    fn goes_on(&self, index: usize, closed: &Event) -> bool {
        matches!(closed.kind, EventKind::Fin)
            && self.events.iter().skip(index).any(|item| {
                item.from != closed.from && matches!(item.kind, EventKind::ApplicationData { .. })
            })
    }

    /// The connection ends with this FIN or RST and no alert was read.
    fn abandoned(&self, by: Option<Side>, fallback: Side) -> Ending {
        let by = by.unwrap_or(fallback);
        let first = self.events.iter().find(|item| matches!(item.kind, EventKind::Fin | EventKind::Reset));
        let reset = first.is_some_and(|item| matches!(item.kind, EventKind::Reset));
        match self.stage() {
            Stage::Complete => Ending::Completed,
            Stage::Nothing if reset && by == Side::Server && !self.accepted() => Ending::ConnectionRefused,
            Stage::Nothing
            | Stage::MalformedHello
            | Stage::ClientHello
            | Stage::ServerHello
            | Stage::ServerFlight
            | Stage::ClientFlight => match reset {
                true => Ending::Reset { by },
                false => Ending::Closed { by },
            },
        }
    }

    fn accepted(&self) -> bool {
        self.events.iter().any(|item| !matches!(item.kind, EventKind::Syn | EventKind::Reset))
    }

    /// The capture ends and the connection is open.
    fn left_open(&self) -> Ending {
        let opened = self.events.iter().any(|item| matches!(item.kind, EventKind::Syn));
        let owing = |owing| Ending::Silent { expected: owing };
        // Bytes that somebody pasted end where they were copied.
        let pasted =
            self.events.iter().all(|item| item.position.frame.is_none() && item.position.time.is_none());
        match self.stage() {
            Stage::Complete => Ending::Completed,
            Stage::Nothing
            | Stage::MalformedHello
            | Stage::ClientHello
            | Stage::ServerHello
            | Stage::ServerFlight
            | Stage::ClientFlight
                if pasted =>
            {
                Ending::Unknown
            }
            Stage::Nothing if !self.accepted() && opened => Ending::NoAnswer,
            Stage::Nothing if !opened => Ending::Unknown,
            Stage::Nothing => owing(Side::Client),
            Stage::MalformedHello | Stage::ClientHello => owing(Side::Server),
            Stage::ServerHello => owing(Side::Server),
            Stage::ServerFlight => owing(Side::Client),
            Stage::ClientFlight => owing(Side::Server),
        }
    }

    /// TLS 1.3 without keys: the last protected record before this end's FIN is as short as only
    /// an alert is (2 bytes, their type, a tag of 8 or 16).
    fn unread_alert(&self, index: usize, closed: &Event) -> Option<Ending> {
        let before = self.events.iter().take(index).rposition(|item| item.from == closed.from)?;
        let EventKind::Protected(sealed) = &self.events.get(before)?.kind else { return None };
        let short = matches!(sealed.length, 11 | 19) || sealed.content_type == ContentType::alert;
        let answered = self.events.iter().take(before).any(|item| {
            item.from == closed.from.other()
                && matches!(item.kind, EventKind::Alert { .. } | EventKind::Fin | EventKind::Reset)
        });
        let data = self.events.iter().any(|item| matches!(item.kind, EventKind::ApplicationData { .. }));
        let refused = short && !answered && !data && self.stage() < Stage::Complete;
        refused.then_some(Ending::RefusedEncrypted { by: closed.from, index: before })
    }

    /// How far it had come.
    pub fn stage(&self) -> Stage {
        // A ServerHello tells that a ClientHello was there, though the capture may lack it.
        let said = self.server_hello();
        if self.client_hello().is_none() && said.is_none() {
            return match self.events.iter().any(|item| item.from == Side::Client && speaks(&item.kind)) {
                true => Stage::MalformedHello,
                false => Stage::Nothing,
            };
        }
        if said.is_none() {
            return Stage::ClientHello;
        }
        let (server, client) = match self.version() {
            Some(ProtocolVersion::TLS_1_3) => (self.flight13(Side::Server), self.flight13(Side::Client)),
            _ => (self.server_flight12(), self.closing(Side::Client)),
        };
        let done = self.version() == Some(ProtocolVersion::TLS_1_3) || self.closing(Side::Server);
        match (server, client) {
            (_, true) if done && server => Stage::Complete,
            (_, true) => Stage::ClientFlight,
            (true, false) => Stage::ServerFlight,
            (false, false) => Stage::ServerHello,
        }
    }

    /// TLS 1.2: the server's first flight, or in an abbreviated handshake its Finished.
    fn server_flight12(&self) -> bool {
        self.first(Side::Server, HandshakeType::server_hello_done).is_some() || self.closing(Side::Server)
    }

    /// TLS 1.2: change_cipher_spec, and a record behind it that was or may be Finished.
    fn closing(&self, of: Side) -> bool {
        let mut changed = false;
        self.events.iter().filter(|item| item.from == of).any(|item| match &item.kind {
            EventKind::ChangeCipherSpec => {
                changed = true;
                false
            }
            EventKind::Handshake(message) => changed && message.msg_type == HandshakeType::finished,
            EventKind::Protected(sealed) => changed && sealed.content_type == ContentType::handshake,
            EventKind::ApplicationData { .. } => changed,
            EventKind::Syn
            | EventKind::SynAck
            | EventKind::Acknowledged
            | EventKind::Gap(_)
            | EventKind::Fin
            | EventKind::Reset
            | EventKind::Alert { .. }
            | EventKind::Record { .. }
            | EventKind::NotTls { .. }
            | EventKind::Error(_) => false,
        })
    }

    /// TLS 1.3: Finished of that end, or as much protected as a Finished needs (RFC 8446 §4.4.4:
    /// a header, 32 or 48 bytes, the type and a tag).
    fn flight13(&self, of: Side) -> bool {
        const FINISHED: u64 = 4 + 32 + 1 + 8;
        let mut sealed_bytes = 0_u64;
        for item in self.events.iter().filter(|item| item.from == of) {
            match &item.kind {
                EventKind::Handshake(message) if message.msg_type == HandshakeType::finished => return true,
                EventKind::Protected(sealed) => sealed_bytes += u64::from(sealed.length),
                EventKind::ApplicationData { early: false, .. } => return true,
                EventKind::Syn
                | EventKind::SynAck
                | EventKind::Acknowledged
                | EventKind::Gap(_)
                | EventKind::Fin
                | EventKind::Reset
                | EventKind::Handshake(_)
                | EventKind::ApplicationData { early: true, .. }
                | EventKind::Alert { .. }
                | EventKind::ChangeCipherSpec
                | EventKind::Record { .. }
                | EventKind::NotTls { .. }
                | EventKind::Error(_) => {}
            }
        }
        sealed_bytes >= FINISHED
    }
}

/// Fatal, whatever the level says: TLS 1.3 has none but these two that are not (RFC 8446 §6).
pub(crate) fn is_fatal(level: AlertLevel, description: AlertDescription, tls13: bool) -> bool {
    let mild = [AlertDescription::close_notify, AlertDescription::user_canceled];
    !mild.contains(&description) && (level == AlertLevel::fatal || tls13)
}

/// Whether an end says something by it.
fn speaks(what: &EventKind) -> bool {
    match what {
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Acknowledged
        | EventKind::Gap(_)
        | EventKind::Fin
        | EventKind::Reset => false,
        EventKind::Error(
            StreamError::RecordTooLong { .. }
            | StreamError::RecordTruncated { .. }
            | StreamError::MessageTruncated { .. },
        )
        | EventKind::Handshake(_)
        | EventKind::Alert { .. }
        | EventKind::ChangeCipherSpec
        | EventKind::Protected(_)
        | EventKind::ApplicationData { .. }
        | EventKind::Record { .. }
        | EventKind::NotTls { .. } => true,
    }
}
