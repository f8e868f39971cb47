//! The first message of a client, read before there is a connection: a server that chooses its
//! configuration by the ClientHello reads it here, and then gives the same bytes to the connection.

use alloc::vec::Vec;

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};
use handclasp_record::{
    Deframed, HEADER, Limit, MAX_PLAINTEXT, MessageLimits, Messages, deframe, write_plain,
};
use handclasp_report::{Event, Fault};

/// Joins the first handshake message of a client from its records.
#[derive(Debug)]
pub struct FirstMessage {
    /// Every byte that came.
    wire: Vec<u8>,
    /// The first byte of the next record.
    start: usize,
    messages: Messages,
    /// A message that came in pieces.
    store: Vec<u8>,
    message: Option<Vec<u8>>,
}

impl FirstMessage {
    /// Nothing came yet.
    pub fn new(limits: MessageLimits) -> Self {
        let (wire, store) = (Vec::new(), Vec::new());
        Self { wire, start: 0, messages: Messages::new(limits), store, message: None }
    }

    /// Takes bytes of the transport. Returns whether the message is whole.
    ///
    /// # Errors
    /// Bytes that are not the records of a ClientHello.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        self.wire.extend_from_slice(bytes);
        while self.message.is_none() {
            let waiting = self.wire.get(self.start..).unwrap_or_default();
            let limit = Limit { max_payload: MAX_PLAINTEXT, first: self.start == 0 };
            let Deframed::Record { content_type, length, .. } = deframe(waiting, limit)? else {
                return Ok(false);
            };
            let record = HEADER.saturating_add(length);
            let mut content = waiting.get(HEADER..record).unwrap_or_default();
            self.start = self.start.saturating_add(record);
            match (content_type, content) {
                (ContentType::handshake, _) => {
                    if let Some(message) = self.messages.next(&mut self.store, &mut content)? {
                        self.message = Some(client_hello(message)?.to_vec());
                    }
                }
                // One may stand in front of a second ClientHello (RFC 8446 §5); the connection judges it.
                (ContentType::change_cipher_spec, [1]) => {}
                (ContentType::alert, [_, description]) => {
                    return Err(match AlertDescription(*description) {
                        AlertDescription::close_notify => {
                            Fault::ClosedInHandshake { expected: Self::EXPECTED }
                        }
                        description => Fault::PeerAlert(description),
                    });
                }
                (ContentType::alert | ContentType::change_cipher_spec, _) => {
                    return Err(Fault::MalformedRecord(content_type));
                }
                (other, _) => {
                    return Err(Fault::Unexpected { expected: Self::EXPECTED, found: Event::Record(other) });
                }
            }
        }
        Ok(true)
    }

    const EXPECTED: Event = Event::Message(HandshakeType::client_hello);

    /// The message, its header included.
    pub fn message(&self) -> Option<&[u8]> {
        self.message.as_deref()
    }

    /// Every byte that came, for the connection that goes on.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The transport ended before the message was whole.
    pub fn truncated(&self) -> Fault {
        Fault::Truncated { expected: Some(Self::EXPECTED), anything_came: !self.wire.is_empty() }
    }

    /// The time of the handshake is over before the message was whole.
    pub fn timed_out(&self) -> Fault {
        Fault::TimedOut { expected: Self::EXPECTED, anything_came: !self.wire.is_empty() }
    }

    /// The record of an alert that refuses the client.
    pub fn alert(description: AlertDescription) -> Vec<u8> {
        let level = match description {
            AlertDescription::user_canceled | AlertDescription::close_notify => AlertLevel::warning,
            _ => AlertLevel::fatal,
        };
        let mut record = Vec::new();
        write_plain(ContentType::alert, ProtocolVersion::TLS_1_2, &[level.0, description.0], &mut record);
        record
    }
}

/// The message, if it is a ClientHello.
fn client_hello(message: &[u8]) -> Result<&[u8], Fault> {
    match message.first().copied().map(HandshakeType) {
        Some(HandshakeType::client_hello) => Ok(message),
        other => Err(Fault::Unexpected {
            expected: FirstMessage::EXPECTED,
            found: Event::Message(other.unwrap_or_default()),
        }),
    }
}
