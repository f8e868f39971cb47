//! The content of records, plain or opened: messages, alerts, change_cipher_spec, data.

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType};

use super::Reading;
use super::notes::Data;
use super::reassembler::{Joined, Piece};
use crate::conversation::dissect;
use crate::conversation::events::{Broken, EventKind, Message};
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

impl Reading {
    /// Takes the content of a record.
    pub(super) fn content(&mut self, from: Side, content: &Content<'_>) {
        let Content { content_type, bytes, position, protected, early } = *content;
        if content_type != ContentType::handshake {
            // No other record may stand between the pieces of a message.
            let at = self.notes.len();
            self.cut_message(from, at);
        }
        match content_type {
            ContentType::handshake if !bytes.is_empty() => self.handshake(from, content),
            ContentType::alert if self.alerts(from, content) => {}
            ContentType::change_cipher_spec if bytes.len() == 1 => {
                self.notes.push(from, position, EventKind::ChangeCipherSpec);
                self.changed(from);
            }
            ContentType::application_data => {
                let length = u64::from(content.length());
                let begins = if protected { bytes } else { &[] };
                let data = Data { records: 1, bytes: length, opened: protected, early, begins };
                self.notes.data(from, position, &data);
            }
            // The registry is open.
            _ => self.notes.push(
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
            self.notes.push(from, content.position, EventKind::Alert { level, description, protected });
        }
        true
    }

    fn handshake(&mut self, from: Side, content: &Content<'_>) {
        let Content { mut bytes, position, protected, .. } = *content;
        let header = position.length.saturating_sub(u64::from(content.length()));
        let content_at = (!protected).then(|| position.offset.saturating_add(header));
        let piece = Piece { position, content_at, length: content.length() };
        if !self.notes.room(self.way(from).join.pending().saturating_add(bytes.len())) {
            self.way_mut(from).join.give_up();
            self.notes.conversation.dropped += 1;
            return;
        }
        while let Some(joined) = self.way_mut(from).join.next(&piece, &mut bytes) {
            let position = self.place_of(from, &joined, content);
            self.message(from, position, joined, protected);
        }
    }

    /// A message ends with its last byte; one that was protected, with its last record.
    fn place_of(&self, from: Side, joined: &Joined, content: &Content<'_>) -> Position {
        let length = joined.end.saturating_sub(joined.start);
        match content.protected {
            true => Position { offset: joined.start, length, ..content.position },
            false => self.way(from).stream.position(joined.start, length),
        }
    }

    /// Takes a whole message.
    fn message(&mut self, from: Side, position: Position, joined: Joined, protected: bool) {
        let msg_type = joined.msg_type();
        self.way_mut(from).spoke |=
            matches!(msg_type, HandshakeType::client_hello | HandshakeType::server_hello);
        self.before_message(from, msg_type, &joined.bytes, protected);
        self.learned.message(from, msg_type, &joined.bytes);
        let error = dissect::fields(&joined.bytes, self.learned.context(), &mut ()).err();
        let Joined { bytes, records, longest: longest_record, .. } = joined;
        let message = Message { msg_type, bytes, protected, records, longest_record, error };
        self.notes.push(from, position, EventKind::Handshake(message));
        self.after_message(from, msg_type);
    }

    /// Tells the message that is half read, at that index, and gives it up.
    pub(super) fn cut_message(&mut self, from: Side, at: usize) {
        let Some(joined) = self.way_mut(from).join.give_up() else { return };
        self.learned.transcript_lost = true;
        let length = joined.end.saturating_sub(joined.start);
        let position = self.way(from).stream.position(joined.start, length);
        let (msg_type, announced) = (joined.msg_type(), joined.announced());
        let mut bytes = joined.bytes;
        bytes.truncate(CUT);
        self.insert(at, from, position, EventKind::Broken(Broken::MessageCut { msg_type, announced, bytes }));
    }

    /// Tells the record that is cut, at that index.
    pub(super) fn cut_record(
        &mut self,
        from: Side,
        at: usize,
        position: Position,
        (content_type, announced, mut bytes): (ContentType, u16, Vec<u8>),
    ) {
        let available = bytes.len().saturating_sub(super::begin::HEADER);
        let available = u32::try_from(available).unwrap_or(u32::MAX);
        bytes.truncate(CUT);
        let cut = Broken::Cut { content_type, announced, available, bytes };
        self.insert(at, from, position, EventKind::Broken(cut));
    }
}
