//! The content of records, plaintext or decrypted: messages, alerts, change_cipher_spec, application data.

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, ErrorSlot, HandshakeType};

use super::ConversationReader;
use super::builder::Data;
use super::reassembler::{ReassembledMessage, RecordFragment};
use crate::conversation::dissect;
use crate::conversation::{DecodeFailure, EventKind, Message, StreamError};
use crate::input::capture_event::{Position, Side};

/// Bytes kept of a truncated record or message.
const CUT: usize = 1 << 14;

/// The content of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    /// Content type; in TLS 1.3 that of TLSInnerPlaintext.
    pub content_type: ContentType,
    /// The content itself.
    pub bytes: &'a [u8],
    /// Position of the record.
    pub position: Position,
    /// Whether it was protected, and decrypted here.
    pub protected: bool,
    /// Whether it was protected with the keys of early data.
    pub early: bool,
}

impl Content<'_> {
    fn length(&self) -> u16 {
        u16::try_from(self.bytes.len()).unwrap_or(u16::MAX)
    }
}

impl ConversationReader {
    /// Reads the content of a record.
    pub(super) fn content(&mut self, from: Side, content: &Content<'_>) {
        let Content { content_type, bytes, position, protected, early } = *content;
        if content_type != ContentType::handshake {
            // A record of another type interrupts a message (RFC 8446 §5.1).
            let at = self.builder.len();
            self.truncate_message(from, at);
        }
        match content_type {
            ContentType::handshake if !bytes.is_empty() => self.handshake(from, content),
            ContentType::alert if self.alerts(from, content) => {}
            ContentType::change_cipher_spec if bytes.len() == 1 => {
                self.builder.push(from, position, EventKind::ChangeCipherSpec);
                self.sent_ccs(from);
            }
            ContentType::application_data => {
                let length = u64::from(content.length());
                let prefix = if protected { bytes } else { &[] };
                let data = Data { records: 1, bytes: length, decrypted: protected, early, prefix };
                self.builder.data(from, position, &data);
            }
            // Content types that are not interpreted.
            _ => self.builder.push(
                from,
                position,
                EventKind::Record { content_type, length: content.length(), protected },
            ),
        }
    }

    /// Reads one alert, or several in a row. Returns whether the content is alerts.
    fn alerts(&mut self, from: Side, content: &Content<'_>) -> bool {
        let (alerts, rest) = content.bytes.as_chunks::<2>();
        let known = |[level, _]: &[u8; 2]| matches!(level, 1 | 2);
        // Two bytes are an alert, whatever the level.
        let read = alerts.len() == 1 || (2..=4).contains(&alerts.len()) && alerts.iter().all(known);
        if !rest.is_empty() || !read {
            return false;
        }
        for [level, description] in alerts {
            let (level, description) = (AlertLevel(*level), AlertDescription(*description));
            let protected = content.protected;
            self.builder.push(from, content.position, EventKind::Alert { level, description, protected });
        }
        true
    }

    fn handshake(&mut self, from: Side, content: &Content<'_>) {
        let Content { mut bytes, position, protected, .. } = *content;
        let header = position.length.saturating_sub(u64::from(content.length()));
        let content_at = (!protected).then(|| position.offset.saturating_add(header));
        let fragment = RecordFragment { position, content_at, length: content.length() };
        if !self.builder.has_room(self.direction(from).reassembler.pending().saturating_add(bytes.len())) {
            self.direction_mut(from).reassembler.take_incomplete();
            self.builder.conversation.dropped += 1;
            return;
        }
        while let Some(message) = self.direction_mut(from).reassembler.next(&fragment, &mut bytes) {
            let position = self.message_position(from, &message, content);
            self.message(from, position, message, protected);
        }
    }

    /// Position of a message: up to its last byte, or its last record if it was protected.
    fn message_position(&self, from: Side, message: &ReassembledMessage, content: &Content<'_>) -> Position {
        let length = message.end.saturating_sub(message.start);
        match content.protected {
            true => Position { offset: message.start, length, ..content.position },
            false => self.direction(from).stream.position(message.start, length),
        }
    }

    /// Adds a complete message.
    fn message(&mut self, from: Side, position: Position, message: ReassembledMessage, protected: bool) {
        let msg_type = message.msg_type();
        self.direction_mut(from).sent_hello |=
            matches!(msg_type, HandshakeType::client_hello | HandshakeType::server_hello);
        self.before_message(from, msg_type, &message.bytes, protected);
        self.negotiated.message(from, msg_type, &message.bytes);
        let mut slot = ErrorSlot::default();
        let outcome = dissect::fields(&message.bytes, self.negotiated.context(), &mut slot);
        let error = outcome.err().map(|malformed| DecodeFailure::new(malformed, &slot));
        let ReassembledMessage { bytes, records, longest: longest_record, .. } = message;
        let message = Message { msg_type, bytes, protected, records, longest_record, error };
        self.builder.push(from, position, EventKind::Handshake(message));
        self.after_message(from, msg_type);
    }

    /// Inserts an event for the incomplete message at an index, and drops the message.
    pub(super) fn truncate_message(&mut self, from: Side, at: usize) {
        let Some(message) = self.direction_mut(from).reassembler.take_incomplete() else { return };
        self.negotiated.transcript_incomplete = true;
        let length = message.end.saturating_sub(message.start);
        let position = self.direction(from).stream.position(message.start, length);
        let (msg_type, announced) = (message.msg_type(), message.announced());
        let mut bytes = message.bytes;
        bytes.truncate(CUT);
        self.insert(
            at,
            from,
            position,
            EventKind::Error(StreamError::MessageTruncated { msg_type, announced, bytes }),
        );
    }

    /// Inserts an event for a truncated record at an index.
    pub(super) fn truncate_record(
        &mut self,
        from: Side,
        at: usize,
        position: Position,
        (content_type, announced, mut bytes): (ContentType, u16, Vec<u8>),
    ) {
        let available = bytes.len().saturating_sub(super::record_start::HEADER);
        let available = u32::try_from(available).unwrap_or(u32::MAX);
        bytes.truncate(CUT);
        let cut = StreamError::RecordTruncated { content_type, announced, available, bytes };
        self.insert(at, from, position, EventKind::Error(cut));
    }
}
