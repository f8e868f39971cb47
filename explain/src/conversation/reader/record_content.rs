//! The content of records, plain or opened: messages, alerts, change_cipher_spec, data.

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType};

use super::ConversationReader;
use super::builder::Data;
use super::reassembler::{ReassembledMessage, RecordFragment};
use crate::conversation::dissect;
use crate::conversation::{EventKind, Message, StreamError};
use crate::input::capture_event::{Position, Side};

/// Bytes shown of what is cut.
const CUT: usize = 1 << 14;

/// The content of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    /// What it is; in TLS 1.3 the inner type.
    pub content_type: ContentType,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The record.
    pub position: Position,
    /// It came protected, and keys opened it.
    pub protected: bool,
    /// Under the keys of early data.
    pub early: bool,
}

impl Content<'_> {
    fn length(&self) -> u16 {
        u16::try_from(self.bytes.len()).unwrap_or(u16::MAX)
    }
}

impl ConversationReader {
    /// Takes the content of a record.
    pub(super) fn content(&mut self, from: Side, content: &Content<'_>) {
        let Content { content_type, bytes, position, protected, early } = *content;
        if content_type != ContentType::handshake {
            // No other record may stand between the pieces of a message.
            let at = self.builder.len();
            self.cut_message(from, at);
        }
        match content_type {
            ContentType::handshake if !bytes.is_empty() => self.handshake(from, content),
            ContentType::alert if self.alerts(from, content) => {}
            ContentType::change_cipher_spec if bytes.len() == 1 => {
                self.builder.push(from, position, EventKind::ChangeCipherSpec);
                self.changed(from);
            }
            ContentType::application_data => {
                let length = u64::from(content.length());
                let prefix = if protected { bytes } else { &[] };
                let data = Data { records: 1, bytes: length, decrypted: protected, early, prefix };
                self.builder.data(from, position, &data);
            }
            // The registry is open.
            _ => self.builder.push(
                from,
                position,
                EventKind::Record { content_type, length: content.length(), protected },
            ),
        }
    }

    /// One alert, or some in a row; `false` if it is none.
    fn alerts(&mut self, from: Side, content: &Content<'_>) -> bool {
        let (alerts, rest) = content.bytes.as_chunks::<2>();
        let known = |[level, _]: &[u8; 2]| matches!(level, 1 | 2);
        // Whatever its level, two bytes are one.
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
        if !self.builder.room(self.direction(from).reassembler.pending().saturating_add(bytes.len())) {
            self.direction_mut(from).reassembler.give_up();
            self.builder.conversation.dropped += 1;
            return;
        }
        while let Some(message) = self.direction_mut(from).reassembler.next(&fragment, &mut bytes) {
            let position = self.place_of(from, &message, content);
            self.message(from, position, message, protected);
        }
    }

    /// A message ends with its last byte; one that was protected, with its last record.
    fn place_of(&self, from: Side, message: &ReassembledMessage, content: &Content<'_>) -> Position {
        let length = message.end.saturating_sub(message.start);
        match content.protected {
            true => Position { offset: message.start, length, ..content.position },
            false => self.direction(from).stream.position(message.start, length),
        }
    }

    /// Takes a whole message.
    fn message(&mut self, from: Side, position: Position, message: ReassembledMessage, protected: bool) {
        let msg_type = message.msg_type();
        self.direction_mut(from).spoke |=
            matches!(msg_type, HandshakeType::client_hello | HandshakeType::server_hello);
        self.before_message(from, msg_type, &message.bytes, protected);
        self.negotiated.message(from, msg_type, &message.bytes);
        let error = dissect::fields(&message.bytes, self.negotiated.context(), &mut ()).err();
        let ReassembledMessage { bytes, records, longest: longest_record, .. } = message;
        let message = Message { msg_type, bytes, protected, records, longest_record, error };
        self.builder.push(from, position, EventKind::Handshake(message));
        self.after_message(from, msg_type);
    }

    /// Tells the message that is half read, at that index, and gives it up.
    pub(super) fn cut_message(&mut self, from: Side, at: usize) {
        let Some(message) = self.direction_mut(from).reassembler.give_up() else { return };
        self.negotiated.transcript_lost = true;
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

    /// Tells the record that is cut, at that index.
    pub(super) fn cut_record(
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
