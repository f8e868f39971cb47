//! Reads TLS in one conversation as its events arrive: records, messages, and their decryption if keys are
//! known. Passive: it decides nothing, and notes what it cannot read.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `record_start` | where TLS starts in a stream | RFC 8446 §5.1, RFC 5246 §E.2 |
//! | `tds` | TLS inside the packets of TDS | MS-TDS §2.2.6.5 |
//! | `record_splitter` | the stream of one sender, split into records | RFC 8446 §5.1 |
//! | `record_content` | the content of records | RFC 8446 §5, RFC 5246 §6.2 |
//! | `reassembler` | messages from fragments | RFC 8446 §5.1 |
//! | `negotiated` | what the hellos negotiate | RFC 8446 §4.1 |
//! | `key_material` | key log and pre-shared keys, parsed once | RFC 9850 |
//! | `decrypt` | protected records, and what their messages mean for later keys | – |
//! | `decrypt12` | TLS 1.2 and before; trying pre-shared keys | RFC 5246 §6, RFC 4279 §2 |
//! | `decrypt13`, `key_epochs` | TLS 1.3, epoch by epoch | RFC 8446 §5.2 §7 |
//! | `psk_binder` | trying pre-shared keys on binders | RFC 8446 §4.2.11.2, RFC 9258 |
//! | `builder` | the conversation, within its limits | – |
//! | `memory_budget` | the memory of all conversations | – |
//!
//! Memory: for each sender one record and one packet (64 KiB while the start of records is searched), and
//! the events within the limits of `builder`; for all conversations the limit of `memory_budget`.

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
mod tds;
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
use self::tds::TdsUnwrapper;
use crate::conversation::dissect;
use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord, StreamError, UndecryptedReason};
use crate::input::capture_event::{CaptureEvent, CaptureEventKind, Position, Side};

/// Maximum bytes of content in a record (RFC 8446 §5.1).
const PLAIN: usize = 1 << 14;

/// Maximum bytes that TLS 1.3 protection adds (RFC 8446 §5.2).
const EXPANSION13: usize = 256;

/// Bytes of protected content that a Finished of TLS 1.3 needs: header, 32 bytes, content type, tag of 8.
const FINISHED13: u64 = 4 + 32 + 1 + 8;

/// Limit on the sequence numbers that are tried after a gap.
const MISSED: u64 = 256;

/// Reads the TLS of one conversation.
pub(crate) struct ConversationReader {
    secrets: Rc<Secrets>,
    builder: ConversationBuilder,
    client: DirectionState,
    server: DirectionState,
    negotiated: Negotiated,
    begins_late: bool,
    /// Pre-shared keys and the results of trying them on the binders of the last ClientHello.
    binder_keys: Vec<BinderKey>,
    /// Number of ClientHellos whose binders were tried.
    hellos_tried: u8,
    /// Pre-shared keys that were tried as the only secret of TLS 1.3 (psk_ke).
    psk_ke: Vec<PskKe>,
    /// The last event so far, if it is an ACK.
    acknowledged: Option<Event>,
    budget: Rc<Budget>,
    /// Bytes that this conversation has counted in the budget.
    counted: usize,
}

/// State of one direction: what one peer sends.
struct DirectionState {
    stream: RecordSplitter,
    tds: Option<TdsUnwrapper>,
    reassembler: Reassembler,
    /// A change_cipher_spec was sent: what follows is protected (TLS 1.2).
    sent_ccs: bool,
    /// A ClientHello or ServerHello was sent.
    sent_hello: bool,
    /// Bytes of protected records that were not decrypted.
    undecrypted_bytes: u64,
    /// Index at which the event of the remaining bytes will be inserted.
    remainder_index: usize,
    /// Index of the event of a record header with a length beyond the limit.
    too_long: Option<usize>,
    /// FIN or RST was sent.
    closed: bool,
    /// A Finished was sent, in plaintext or decrypted.
    finished: bool,
    /// Keys of TLS 1.2 and before.
    keys: Tls12Keys,
    /// Keys of TLS 1.3.
    key_epochs: KeyEpochs,
    /// Number of records that may be missing before the next one, because of gaps in the capture.
    missed: u64,
}

impl DirectionState {
    fn new(late: bool) -> Self {
        Self {
            stream: RecordSplitter::new(late),
            tds: None,
            reassembler: Reassembler::new(),
            sent_ccs: false,
            sent_hello: false,
            undecrypted_bytes: 0,
            remainder_index: 0,
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
    /// A reader without events. `begins_late`: the capture lacks the start of the connection.
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

    /// Counts the memory of this conversation in `budget`, which others share.
    pub fn within(self, budget: Rc<Budget>) -> Self {
        Self { budget, ..self }
    }

    /// Reads the next event.
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
            CaptureEventKind::Fin => self.close(from, position, EventKind::Fin),
            CaptureEventKind::Reset => self.close(from, position, EventKind::Reset),
        }
        self.count();
    }

    fn gap(&mut self, from: Side, position: Position, missing: u64) {
        self.builder.push(from, position, EventKind::Gap(missing));
        let direction = self.direction_mut(from);
        if let Some(tds) = &mut direction.tds {
            tds.skip(missing);
        }
        direction.stream.gap(position, missing);
        // No protected record is shorter than 20 bytes.
        direction.missed = direction.missed.saturating_add(missing / 20 + 1).min(MISSED);
        if direction.stream.is_resyncing() {
            direction.reassembler.take_incomplete();
        }
        self.mark_transcript_incomplete();
        self.read_records(from);
    }

    /// The conversation, at the end of the capture or of the connection.
    pub fn finish(mut self) -> Conversation {
        self.end_of_stream(Side::Client);
        self.end_of_stream(Side::Server);
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

    /// Reads all records that are complete.
    fn read_records(&mut self, from: Side) {
        loop {
            let limits = self.limits(from);
            let other_speaks = self.direction(from.other()).stream.speaks_tls();
            match self.direction_mut(from).stream.next_chunk(limits, other_speaks) {
                Some(Chunk::Record(record)) => self.record(from, &record),
                Some(Chunk::NotTls(position, bytes)) => {
                    let at = self.builder.len();
                    self.truncate_message(from, at);
                    self.builder.not_tls(from, position, &bytes);
                }
                Some(Chunk::TooLong(position, announced)) => {
                    let at = self.builder.len();
                    self.truncate_message(from, at);
                    let at = self.builder.len();
                    let broken = StreamError::RecordTooLong { announced, next_at: None, available: 0 };
                    if self.insert(at, from, position, EventKind::Error(broken)) {
                        self.direction_mut(from).too_long = Some(at);
                    }
                }
                None => break,
            }
        }
        self.direction_mut(from).remainder_index = self.builder.len();
    }

    /// Limits on the length of the next record of a sender.
    fn limits(&self, from: Side) -> Limits {
        match self.negotiated.is_tls13() {
            true => Limits { application_data: PLAIN + EXPANSION13, others: PLAIN },
            false if self.direction(from).sent_ccs || self.begins_late => {
                Limits { application_data: LONGEST, others: LONGEST }
            }
            false => Limits { application_data: LONGEST, others: PLAIN },
        }
    }

    /// Inserts an event at an index, and adjusts the indices that are remembered. Returns whether the event
    /// was kept.
    fn insert(&mut self, at: usize, from: Side, position: Position, kind: EventKind) -> bool {
        let before = self.builder.len();
        let inserted = self.builder.insert(at, from, position, kind);
        if inserted && at < before {
            for direction in [&mut self.client, &mut self.server] {
                direction.remainder_index += usize::from(direction.remainder_index > at);
                if let Some(index) = &mut direction.too_long {
                    *index += usize::from(*index >= at);
                }
            }
        }
        inserted
    }

    /// FIN or RST; a repeated FIN is ignored.
    fn close(&mut self, from: Side, position: Position, kind: EventKind) {
        self.end_of_stream(from);
        if !std::mem::replace(&mut self.direction_mut(from).closed, true) || matches!(kind, EventKind::Reset)
        {
            self.builder.push(from, position, kind);
        }
    }

    /// The end of a stream: the remaining bytes are a truncated record or message.
    fn end_of_stream(&mut self, from: Side) {
        self.flush_tds(from);
        let at = self.direction(from).remainder_index;
        match self.direction_mut(from).stream.finish() {
            Some(Remainder::Record(position, content_type, announced, bytes)) => {
                self.truncate_record(from, at, position, (content_type, announced, bytes));
            }
            Some(Remainder::NotTls(position, bytes)) => self.builder.not_tls(from, position, &bytes),
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
        // At the same index, and thereby before the record: the message started earlier.
        self.truncate_message(from, at);
    }

    /// Reads a record.
    fn record(&mut self, from: Side, record: &Record) {
        if record.has_gap {
            // The content is lost, and a record with a gap cannot be decrypted.
            let sealed = self.is_protected_record(from, record);
            self.direction_mut(from).reassembler.take_incomplete();
            if sealed {
                let direction = self.direction_mut(from);
                direction.key_epochs.skip();
                direction.keys.skip();
                self.note_undecrypted(from, record, UndecryptedReason::NoKeys);
            }
            return;
        }
        if self.is_protected_record(from, record) {
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

    /// Whether a record is protected. After change_cipher_spec it should be; an alert of two bytes and
    /// complete handshake messages are plaintext even then.
    fn is_protected_record(&self, from: Side, record: &Record) -> bool {
        let direction = self.direction(from);
        let payload = record.payload();
        let sent_ccs =
            direction.sent_ccs && !self.negotiated.is_tls13() || self.begins_late && !direction.sent_hello;
        match record.content_type {
            ContentType::application_data => true,
            ContentType::change_cipher_spec => sent_ccs && payload.len() != 1,
            ContentType::alert => sent_ccs && payload.len() != 2,
            ContentType::handshake if !direction.reassembler.is_empty() => false,
            ContentType::handshake if sent_ccs => !dissect::is_plain(payload),
            // A message of unknown type that is longer than its record: the change_cipher_spec before it is
            // missing from the capture.
            ContentType::handshake => direction.sent_hello && !dissect::is_known(payload),
            // Other content types, of which some are not registered.
            _ => sent_ccs,
        }
    }

    /// Notes a record that was not decrypted.
    fn note_undecrypted(&mut self, from: Side, record: &Record, why: UndecryptedReason) {
        let at = self.builder.len();
        self.truncate_message(from, at);
        let (content_type, length, position) = (record.content_type, record.length(), record.position);
        let data = content_type == ContentType::application_data;
        let unanswered = self.negotiated.version.is_none();
        let early = from == Side::Client && unanswered && self.negotiated.early_data;
        // TLS 1.2 marks application data by its content type. In TLS 1.3 all records are marked so, which
        // is ambiguous only in a capture that begins late.
        let marked = match self.negotiated.version {
            Some(_) => !self.negotiated.is_tls13(),
            None => early || self.begins_late,
        };
        if data && marked && why != UndecryptedReason::NotAuthentic {
            let data = Data { records: 1, bytes: u64::from(length), decrypted: false, early, prefix: &[] };
            return self.builder.data(from, position, &data);
        }
        let direction = self.direction_mut(from);
        direction.undecrypted_bytes = direction.undecrypted_bytes.saturating_add(u64::from(length));
        let over =
            [&self.client, &self.server].iter().all(|direction| direction.undecrypted_bytes > FINISHED13);
        let over = over || why == UndecryptedReason::NotAuthentic;
        self.builder.sealed(from, position, ProtectedRecord { content_type, length, reason: why }, over);
    }

    /// A change_cipher_spec was sent.
    fn sent_ccs(&mut self, from: Side) {
        let direction = self.direction_mut(from);
        direction.sent_ccs = true;
        direction.keys = Tls12Keys::Untried;
    }
}
