//! Reading TLS in one conversation as it happens: records, messages, keys where there are any.
//! Passive: nothing is decided here, and what cannot be read is noted.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `begin` | where TLS begins, and what else may stand there | RFC 8446 §5.1, RFC 5246 §E.2 |
//! | `stream` | the bytes of one end, cut into records | RFC 8446 §5.1 |
//! | `content` | what records carry | RFC 8446 §5, RFC 5246 §6.2 |
//! | `reassembler` | messages out of fragments | RFC 8446 §5.1 |
//! | `negotiated` | what the hellos decide | RFC 8446 §4.1 |
//! | `secrets` | key log and pre-shared keys, read once | RFC 9850 |
//! | `unseal` | protected records meet keys | – |
//! | `decrypt12` | TLS 1.2 and before, plain PSK under trial | RFC 5246 §6, RFC 4279 §2 |
//! | `decrypt13`, `key_epochs` | TLS 1.3, epoch by epoch | RFC 8446 §5.2 §7 |
//! | `binder` | binders under trial | RFC 8446 §4.2.11.2, RFC 9258 |
//! | `builder` | the story, within its budget | – |
//! | `budget` | what all conversations may hold together | – |
//!
//! Memory: of each end one record and one packet (64 KiB where it must be found out where records
//! begin), and the story within the budget that `builder` states; all of them within that of `budget`.

mod builder;
mod decrypt;
mod decrypt12;
mod decrypt13;
mod key_epochs;
mod key_material;
mod memory_budget;
mod negotiated;
mod psk_binder;
mod reassembler;
mod record_content;
mod record_splitter;
mod record_start;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub(crate) use key_material::Secrets;
pub(crate) use memory_budget::{ALL, Budget};

use handclasp_codec::ContentType;

use self::builder::{ConversationBuilder, Data};
use self::decrypt12::Tls12Keys;
use self::decrypt13::PskKe;
use self::key_epochs::KeyEpochs;
use self::negotiated::Negotiated;
use self::psk_binder::BinderKey;
use self::reassembler::Reassembler;
use self::record_content::Content;
use self::record_splitter::{Chunk, Limits, Record, RecordSplitter, Remainder};
use self::record_start::LONGEST;
use crate::conversation::dissect;
use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord, StreamError, UndecryptedReason};
use crate::input::capture_event::{CaptureEvent, CaptureEventKind, Position, Side};

/// Bytes of content in a record (RFC 8446 §5.1).
const PLAIN: usize = 1 << 14;

/// What TLS 1.3 may add to them (RFC 8446 §5.2).
const EXPANSION13: usize = 256;

/// Protected bytes that a Finished of TLS 1.3 needs: header, 32 bytes, type, tag of 8.
const FINISHED13: u64 = 4 + 32 + 1 + 8;

/// Records that a hole may have swallowed, at most; more are not tried.
const MISSED: u64 = 256;

/// Reads one conversation.
pub(crate) struct ConversationReader {
    secrets: Rc<Secrets>,
    builder: ConversationBuilder,
    client: DirectionState,
    server: DirectionState,
    negotiated: Negotiated,
    begins_late: bool,
    /// Pre-shared keys as the last ClientHello's identities take them.
    binder_keys: Vec<BinderKey>,
    /// ClientHellos with binders that were tried.
    hellos_tried: u8,
    /// Those that were tried as the only secret of TLS 1.3.
    psk_ke: Vec<PskKe>,
    /// The last word so far, if it is an acknowledgement.
    acknowledged: Option<Event>,
    budget: Rc<Budget>,
    /// What stands in the budget for this conversation.
    counted: usize,
}

/// What is known of one end.
struct DirectionState {
    stream: RecordSplitter,
    reassembler: Reassembler,
    /// change_cipher_spec went by: what follows is protected (TLS 1.2).
    changed: bool,
    /// It has said its hello.
    spoke: bool,
    /// Bytes of protected records that nothing opened.
    sealed: u64,
    /// Where the item belongs that the bytes left over may become.
    rest_at: usize,
    /// The item of a record that announces too much.
    too_long: Option<usize>,
    /// It has nothing more to say.
    closed: bool,
    /// Its Finished has gone by, readable.
    finished: bool,
    /// The keys of TLS 1.2 and before.
    keys: Tls12Keys,
    /// Those of TLS 1.3.
    key_epochs: KeyEpochs,
    /// Records that may be missing in front of the next one, by what the capture lacks.
    missed: u64,
}

impl DirectionState {
    fn new(late: bool) -> Self {
        Self {
            stream: RecordSplitter::new(late),
            reassembler: Reassembler::new(),
            changed: false,
            spoke: false,
            sealed: 0,
            rest_at: 0,
            too_long: None,
            closed: false,
            finished: false,
            keys: Tls12Keys::default(),
            key_epochs: KeyEpochs::default(),
            missed: 0,
        }
    }
}

impl ConversationReader {
    /// Begins.
    pub fn new(secrets: Rc<Secrets>, client: String, server: String, begins_late: bool) -> Self {
        let mut conversation = Conversation { client, server, begins_late, ..Conversation::default() };
        conversation.decryption.malformed_lines = secrets.malformed().to_vec();
        Self {
            secrets,
            builder: ConversationBuilder::new(conversation),
            client: DirectionState::new(begins_late),
            server: DirectionState::new(begins_late),
            negotiated: Negotiated::default(),
            begins_late,
            binder_keys: Vec::new(),
            hellos_tried: 0,
            psk_ke: Vec::new(),
            acknowledged: None,
            budget: Rc::default(),
            counted: 0,
        }
    }

    /// The same, with a budget that others share.
    pub fn within(self, budget: Rc<Budget>) -> Self {
        Self { budget, ..self }
    }

    /// Takes the next thing that happened.
    pub fn on_event(&mut self, event: &CaptureEvent<'_>) {
        let CaptureEvent { from, position, kind } = *event;
        if kind != CaptureEventKind::Acknowledged {
            self.acknowledged = None;
        }
        match kind {
            CaptureEventKind::Syn => self.builder.push(from, position, EventKind::Syn),
            CaptureEventKind::SynAck => self.builder.push(from, position, EventKind::SynAck),
            CaptureEventKind::Acknowledged => {
                self.acknowledged = Some(Event { from, position, kind: EventKind::Acknowledged });
            }
            CaptureEventKind::Bytes(bytes) => self.bytes(from, position, bytes),
            CaptureEventKind::Gap(missing) => {
                self.gap(from, position, missing);
            }
            CaptureEventKind::Fin => self.closes(from, position, EventKind::Fin),
            CaptureEventKind::Reset => self.closes(from, position, EventKind::Reset),
        }
        self.count();
    }

    fn gap(&mut self, from: Side, position: Position, missing: u64) {
        self.builder.push(from, position, EventKind::Gap(missing));
        let direction = self.direction_mut(from);
        direction.stream.gap(position, missing);
        // No protected record has fewer bytes than this.
        direction.missed = direction.missed.saturating_add(missing / 20 + 1).min(MISSED);
        if direction.stream.is_resyncing() {
            direction.reassembler.give_up();
        }
        self.lose_transcript();
        self.read_on(from);
    }

    /// The story, when the capture has ended or the conversation has.
    pub fn finish(mut self) -> Conversation {
        self.rest(Side::Client);
        self.rest(Side::Server);
        self.budget.change(self.counted, 0);
        if let Some(Event { from, position, kind }) = self.acknowledged.take() {
            self.builder.push(from, position, kind);
        }
        self.builder.conversation.events.shrink_to_fit();
        self.builder.conversation
    }

    fn direction(&self, of: Side) -> &DirectionState {
        match of {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    fn direction_mut(&mut self, of: Side) -> &mut DirectionState {
        match of {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn bytes(&mut self, from: Side, position: Position, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.direction_mut(from).stream.push(position, bytes);
        self.read_on(from);
    }

    /// Takes what can be cut out of the bytes that are there.
    fn read_on(&mut self, from: Side) {
        loop {
            let limits = self.limits(from);
            let other_speaks = self.direction(from.other()).stream.speaks_tls();
            match self.direction_mut(from).stream.next_chunk(limits, other_speaks) {
                Some(Chunk::Record(record)) => self.record(from, &record),
                Some(Chunk::NotTls(position, bytes)) => {
                    let at = self.builder.len();
                    self.cut_message(from, at);
                    self.builder.plain(from, position, &bytes);
                }
                Some(Chunk::TooLong(position, announced)) => {
                    let at = self.builder.len();
                    self.cut_message(from, at);
                    let at = self.builder.len();
                    let broken = StreamError::RecordTooLong { announced, next_at: None, available: 0 };
                    if self.insert(at, from, position, EventKind::Error(broken)) {
                        self.direction_mut(from).too_long = Some(at);
                    }
                }
                None => break,
            }
        }
        self.direction_mut(from).rest_at = self.builder.len();
    }

    /// How long records of an end may be now.
    fn limits(&self, from: Side) -> Limits {
        match self.negotiated.is_tls13() {
            true => Limits { application_data: PLAIN + EXPANSION13, others: PLAIN },
            false if self.direction(from).changed || self.begins_late => {
                Limits { application_data: LONGEST, others: LONGEST }
            }
            false => Limits { application_data: LONGEST, others: PLAIN },
        }
    }

    /// Puts an item where it belongs; the indices that are remembered move with those behind it.
    fn insert(&mut self, at: usize, from: Side, position: Position, kind: EventKind) -> bool {
        let before = self.builder.len();
        let inserted = self.builder.insert(at, from, position, kind);
        if inserted && at < before {
            for direction in [&mut self.client, &mut self.server] {
                direction.rest_at += usize::from(direction.rest_at > at);
                if let Some(index) = &mut direction.too_long {
                    *index += usize::from(*index >= at);
                }
            }
        }
        inserted
    }

    /// FIN or RST. Each is told once.
    fn closes(&mut self, from: Side, position: Position, kind: EventKind) {
        self.rest(from);
        if !std::mem::replace(&mut self.direction_mut(from).closed, true) || matches!(kind, EventKind::Reset)
        {
            self.builder.push(from, position, kind);
        }
    }

    /// An end says nothing more: what is left over of it is cut.
    fn rest(&mut self, from: Side) {
        let at = self.direction(from).rest_at;
        match self.direction_mut(from).stream.finish() {
            Some(Remainder::Record(position, content_type, announced, bytes)) => {
                self.cut_record(from, at, position, (content_type, announced, bytes));
            }
            Some(Remainder::NotTls(position, bytes)) => self.builder.plain(from, position, &bytes),
            Some(Remainder::TooLong(bytes)) => {
                let index = self.direction(from).too_long;
                let item = index.and_then(|index| self.builder.conversation.events.get_mut(index));
                if let Some(EventKind::Error(StreamError::RecordTooLong { next_at, available, .. })) =
                    item.map(|item| &mut item.kind)
                {
                    *next_at = record_start::smaller_length(&bytes);
                    *available = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                }
            }
            None => {}
        }
        // At the same place and so in front: it began before.
        self.cut_message(from, at);
    }

    /// Takes a record.
    fn record(&mut self, from: Side, record: &Record) {
        if record.has_gap {
            // Its content is lost, and no key opens what is not whole.
            let sealed = self.is_sealed(from, record);
            self.direction_mut(from).reassembler.give_up();
            if sealed {
                let direction = self.direction_mut(from);
                direction.key_epochs.pass();
                direction.keys.pass();
                self.sealed(from, record, UndecryptedReason::NoKeys);
            }
            return;
        }
        if self.is_sealed(from, record) {
            return self.protected(from, record);
        }
        let content = Content {
            content_type: record.content_type,
            bytes: record.payload(),
            position: record.position,
            protected: false,
            early: false,
        };
        self.content(from, &content);
    }

    /// Whether a record is protected. After change_cipher_spec it ought to be; what is two bytes
    /// of alert or whole messages to the byte was sent in plain all the same.
    fn is_sealed(&self, from: Side, record: &Record) -> bool {
        let direction = self.direction(from);
        let payload = record.payload();
        let changed =
            direction.changed && !self.negotiated.is_tls13() || self.begins_late && !direction.spoke;
        match record.content_type {
            ContentType::application_data => true,
            ContentType::change_cipher_spec => changed && payload.len() != 1,
            ContentType::alert => changed && payload.len() != 2,
            ContentType::handshake if !direction.reassembler.is_empty() => false,
            ContentType::handshake if changed => !dissect::is_plain(payload),
            // No message is of an unknown type and longer than its record: change_cipher_spec
            // is missing.
            ContentType::handshake => direction.spoke && !dissect::is_known(payload),
            // The registry is open.
            _ => changed,
        }
    }

    /// Notes a record that nothing opened.
    fn sealed(&mut self, from: Side, record: &Record, why: UndecryptedReason) {
        let at = self.builder.len();
        self.cut_message(from, at);
        let (content_type, length, position) = (record.content_type, record.length(), record.position);
        let data = content_type == ContentType::application_data;
        let unanswered = self.negotiated.version.is_none();
        let early = from == Side::Client && unanswered && self.negotiated.early_data;
        // TLS 1.2 says what it is; of TLS 1.3 that is all there is to see when it began earlier.
        let marked = match self.negotiated.version {
            Some(_) => !self.negotiated.is_tls13(),
            None => early || self.begins_late,
        };
        if data && marked && why != UndecryptedReason::NotAuthentic {
            let data = Data { records: 1, bytes: u64::from(length), decrypted: false, early, prefix: &[] };
            return self.builder.data(from, position, &data);
        }
        let direction = self.direction_mut(from);
        direction.sealed = direction.sealed.saturating_add(u64::from(length));
        let over = [&self.client, &self.server].iter().all(|direction| direction.sealed > FINISHED13);
        let over = over || why == UndecryptedReason::NotAuthentic;
        self.builder.sealed(from, position, ProtectedRecord { content_type, length, reason: why }, over);
    }

    /// change_cipher_spec of one end.
    fn changed(&mut self, from: Side) {
        let direction = self.direction_mut(from);
        direction.changed = true;
        direction.keys = Tls12Keys::Untried;
    }
}
