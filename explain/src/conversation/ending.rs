//! How a conversation ended, and how far the handshake came: the first question of every rule. Later events
//! are consequences of the ending, not reasons for it.

mod after;
mod keyless;

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};

pub(crate) use after::Aftermath;

use super::{Conversation, Event, EventKind, Side, StreamError};

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The handshake was completed, and nothing failed after it.
    Completed,
    /// One peer refused with an alert, in plaintext or decrypted.
    Refused {
        /// The sender of the alert.
        by: Side,
        /// The description of the alert.
        alert: AlertDescription,
        /// Index of the alert's event.
        index: usize,
    },
    /// One peer sent a protected record that is as short as an alert, and nothing after it (TLS 1.3 without
    /// keys), whichever peer then closed first.
    RefusedEncrypted {
        /// The sender of the record.
        by: Side,
        /// Index of the record's event.
        index: usize,
    },
    /// One peer closed the connection without an alert.
    Closed {
        /// The peer that closed first.
        by: Side,
    },
    /// One peer reset the connection without an alert.
    Reset {
        /// The sender of the RST.
        by: Side,
    },
    /// The connection stayed open, and one peer sent nothing more.
    Silent {
        /// The peer whose message is due.
        expected: Side,
    },
    /// The server's host answered the SYN with RST.
    ConnectionRefused,
    /// The SYN was not answered.
    NoAnswer,
    /// The capture does not show the ending.
    Unknown,
}

/// How far the handshake came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// No data was sent.
    Nothing,
    /// The client sent data, but not a complete ClientHello.
    MalformedHello,
    /// The client sent a ClientHello; the server has not answered with a hello.
    ClientHello,
    /// The server sent a hello; its flight is incomplete.
    ServerHello,
    /// The server's flight is complete (1.2: ServerHelloDone; 1.3: Finished, or enough protected records).
    ServerFlight,
    /// The client answered that flight.
    ClientFlight,
    /// Both peers sent Finished.
    Complete,
}

impl Conversation {
    /// How the conversation ended.
    pub fn ending(&self) -> Ending {
        if let Some(reported) = &self.reported {
            return reported.ending;
        }
        let mut last_fin = None;
        let tls13 = self.is_tls13();
        for (index, event) in self.events.iter().enumerate() {
            match &event.kind {
                EventKind::Alert { level, description, .. } if is_fatal(*level, *description, tls13) => {
                    // An alert after the peer's FIN or RST only reports that the connection was cut.
                    return match last_fin {
                        Some(closed) if closed != Some(event.from) => self.abandoned(closed, event.from),
                        Some(_) | None => Ending::Refused { by: event.from, alert: *description, index },
                    };
                }
                // The sender of close_notify ends the connection, whichever peer closes first.
                EventKind::Alert { description: AlertDescription::close_notify, .. }
                    if last_fin.is_none() =>
                {
                    last_fin = Some(Some(event.from));
                }
                EventKind::Fin | EventKind::Reset if last_fin.is_none() => {
                    if self.goes_on(index, event) {
                        continue;
                    }
                    if let Some(ending) = self.unread_alert(index).filter(|_| !self.is_partial()) {
                        return ending;
                    }
                    last_fin = Some(Some(event.from));
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
        // The missing part may have contained an alert.
        match last_fin {
            _ if self.is_partial() && self.stage() < Stage::Complete => Ending::Unknown,
            Some(by) => self.abandoned(by, Side::Client),
            None => self.left_open(),
        }
    }

    /// Whether a part of the conversation is missing: a capture begins late or has gaps; a report holds no
    /// messages but the hellos.
    pub fn is_partial(&self) -> bool {
        self.begins_late
            || self.reported.is_some()
            || self.events.iter().any(|event| matches!(event.kind, EventKind::Gap(_)))
    }

    /// Whether the connection was half-closed: the other peer sends data after this FIN.
    fn goes_on(&self, index: usize, closed: &Event) -> bool {
        matches!(closed.kind, EventKind::Fin)
            && self.events.iter().skip(index).any(|event| {
                event.from != closed.from && matches!(event.kind, EventKind::ApplicationData { .. })
            })
    }

    /// The ending by a FIN or RST without an alert.
    fn abandoned(&self, by: Option<Side>, fallback: Side) -> Ending {
        let by = by.unwrap_or(fallback);
        let first = self.events.iter().find(|event| matches!(event.kind, EventKind::Fin | EventKind::Reset));
        let reset = first.is_some_and(|event| matches!(event.kind, EventKind::Reset));
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
        self.events.iter().any(|event| !matches!(event.kind, EventKind::Syn | EventKind::Reset))
    }

    /// The ending of a connection that is still open at the end of the capture.
    fn left_open(&self) -> Ending {
        let opened = self.events.iter().any(|event| matches!(event.kind, EventKind::Syn));
        let owing = |owing| Ending::Silent { expected: owing };
        // Bytes without packets say nothing about what came after them.
        let pasted =
            self.events.iter().all(|event| event.position.frame.is_none() && event.position.time.is_none());
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

    /// How far the handshake came.
    pub fn stage(&self) -> Stage {
        if let Some(reported) = &self.reported {
            return reported.stage;
        }
        // A ServerHello implies a ClientHello, even if the capture lacks it.
        let said = self.server_hello();
        if self.client_hello().is_none() && said.is_none() {
            return match self.events.iter().any(|event| event.from == Side::Client && sends_data(&event.kind))
            {
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
            (_, true) if done && server && !self.lacks_client_finished() => Stage::Complete,
            (_, true) => Stage::ClientFlight,
            (true, false) => Stage::ServerFlight,
            (false, false) => Stage::ServerHello,
        }
    }

    /// TLS 1.2: whether the server's first flight is complete; in an abbreviated handshake, its Finished.
    fn server_flight12(&self) -> bool {
        self.first(Side::Server, HandshakeType::server_hello_done).is_some() || self.closing(Side::Server)
    }

    /// TLS 1.2: whether a peer sent change_cipher_spec and a record that is or may be Finished.
    fn closing(&self, of: Side) -> bool {
        let mut changed = false;
        self.events.iter().filter(|event| event.from == of).any(|event| match &event.kind {
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

    /// TLS 1.3: whether a peer sent Finished, or enough protected bytes for one (RFC 8446 §4.4.4: header,
    /// 32 or 48 bytes, content type, tag) behind the other messages of its flight.
    fn flight13(&self, of: Side) -> bool {
        const FINISHED: u64 = 4 + 32 + 1 + 8;
        // EncryptedExtensions; Certificate with a raw public key of Ed25519; CertificateVerify.
        const BEFORE: u64 = (4 + 2) + (4 + 1 + 3 + 3 + 44 + 2) + (4 + 2 + 2 + 64);
        let by_key = || self.server_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
        let least = if of == Side::Server && !by_key() { BEFORE + FINISHED } else { FINISHED };
        let mut longest = 0;
        let mut sealed_bytes = 0_u64;
        for event in self.events.iter().filter(|event| event.from == of) {
            match &event.kind {
                EventKind::Handshake(message) if message.msg_type == HandshakeType::finished => return true,
                EventKind::Protected(sealed) => {
                    sealed_bytes += u64::from(sealed.length);
                    longest = longest.max(u64::from(sealed.length));
                }
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
        sealed_bytes >= least && longest >= FINISHED
    }
}

/// Whether an alert is fatal: in TLS 1.3 all but close_notify and user_canceled are, whatever the level
/// (RFC 8446 §6).
pub(crate) fn is_fatal(level: AlertLevel, description: AlertDescription, tls13: bool) -> bool {
    let mild = [AlertDescription::close_notify, AlertDescription::user_canceled];
    !mild.contains(&description) && (level == AlertLevel::fatal || tls13)
}

/// Whether a peer sends data by this event.
fn sends_data(what: &EventKind) -> bool {
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
