//! Builds the conversation within limits. Kept of one conversation are [`EVENTS`] events and [`ENDINGS`]
//! more that may end it, [`KEPT`] bytes of content, [`RUNS`] runs of application data and [`TURNS`] runs of
//! bytes that are not TLS. Beyond the limits events are counted, not kept. `memory_budget` limits all
//! conversations together.

use handclasp_codec::ContentType;

use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord};
use crate::input::capture_event::{Position, Side};

/// Limit on events.
const EVENTS: usize = 4096;
/// Limit on further events, of kinds that end a conversation.
const ENDINGS: usize = 64;
/// Limit on bytes of messages and other content.
const KEPT: usize = 1 << 20;
/// Limit on runs of application data; later records are added to the sender's last run.
const RUNS: usize = 256;
/// Limit on runs of bytes that are not TLS; later bytes are added to the sender's last run.
const TURNS: usize = 16;
/// Limit on separate events for protected records of one sender once the handshake may be over.
const PROTECTED: u32 = 16;
/// Bytes kept of each run of bytes that are not TLS.
const PREFIX: usize = 512;
/// Bytes kept of each run of application data.
const DATA: usize = 64;

/// A conversation under construction.
#[derive(Debug, Default)]
pub(super) struct ConversationBuilder {
    pub conversation: Conversation,
    kept: usize,
    runs: usize,
    turns: usize,
    /// Number of separate events for protected records: client's, server's.
    sealed: [u32; 2],
    /// Only events that may end the conversation are kept.
    closed: bool,
    /// Number of events kept since `closed`.
    endings: usize,
}

/// Application data in one or more records.
#[derive(Debug)]
pub(super) struct Data<'a> {
    pub records: u64,
    pub bytes: u64,
    pub decrypted: bool,
    pub early: bool,
    pub prefix: &'a [u8],
}

impl ConversationBuilder {
    pub fn new(conversation: Conversation) -> Self {
        Self { conversation, ..Self::default() }
    }

    /// Number of events: the index of the next one.
    pub fn len(&self) -> usize {
        self.conversation.events.len()
    }

    /// Whether this many more bytes may be kept.
    pub fn has_room(&self, bytes: usize) -> bool {
        (bytes == 0 || !self.closed) && self.kept.saturating_add(bytes) <= KEPT
    }

    /// Bytes of memory in use.
    pub fn held(&self) -> usize {
        self.kept.saturating_add(self.conversation.events.capacity().saturating_mul(size_of::<Event>()))
    }

    /// From now on keeps only events that may end the conversation.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Appends an event.
    pub fn push(&mut self, from: Side, position: Position, kind: EventKind) {
        let at = self.len();
        self.insert(at, from, position, kind);
    }

    /// Inserts an event at an index. Returns whether it was kept.
    pub fn insert(&mut self, at: usize, from: Side, position: Position, kind: EventKind) -> bool {
        let size = kind.holds();
        let has_room = match (ends(&kind), self.closed) {
            (true, true) if self.endings >= ENDINGS => false,
            (true, _) => self.len() < EVENTS + ENDINGS,
            (false, true) => false,
            (false, false) => self.len() < EVENTS,
        };
        if !has_room || !self.has_room(size) {
            self.conversation.dropped += 1;
            return false;
        }
        self.endings += usize::from(self.closed);
        self.kept += size;
        self.conversation.events.insert(at.min(self.len()), Event { from, position, kind });
        true
    }

    /// Appends application data, to the current run if there is one.
    pub fn data(&mut self, from: Side, position: Position, data: &Data<'_>) {
        let in_run = |event: &Event| {
            event.from == from
                && matches!(&event.kind, EventKind::ApplicationData { decrypted, early, .. }
                    if *decrypted == data.decrypted && *early == data.early)
        };
        let found = match self.runs < RUNS {
            true => self.conversation.events.last_mut().filter(|event| in_run(event)),
            false => self.conversation.events.iter_mut().rev().find(|event| in_run(event)),
        };
        if let Some(event) = found
            && let EventKind::ApplicationData { records, bytes, prefix, .. } = &mut event.kind
        {
            *records += data.records;
            *bytes += data.bytes;
            let more = DATA.saturating_sub(prefix.len()).min(data.prefix.len());
            prefix.extend_from_slice(data.prefix.get(..more).unwrap_or_default());
            extend(&mut event.position, position);
            return;
        }
        self.runs += 1;
        let prefix = data.prefix.get(..DATA).unwrap_or(data.prefix).to_vec();
        let Data { records, bytes, decrypted, early, .. } = *data;
        self.push(from, position, EventKind::ApplicationData { records, bytes, decrypted, early, prefix });
    }

    /// Appends bytes that are not TLS, to the current run if the peer has sent nothing since.
    pub fn not_tls(&mut self, from: Side, position: Position, bytes: &[u8]) {
        let in_turn = |event: &Event| event.from == from && matches!(event.kind, EventKind::NotTls { .. });
        let found = match self.turns < TURNS {
            true => self.conversation.events.last_mut().filter(|event| in_turn(event)),
            false => self.conversation.events.iter_mut().rev().find(|event| in_turn(event)),
        };
        if let Some(event) = found
            && let EventKind::NotTls { prefix } = &mut event.kind
        {
            let more = PREFIX.saturating_sub(prefix.len()).min(bytes.len());
            prefix.extend_from_slice(bytes.get(..more).unwrap_or_default());
            extend(&mut event.position, position);
            return;
        }
        self.turns += 1;
        let prefix = bytes.get(..PREFIX).unwrap_or(bytes).to_vec();
        self.push(from, position, EventKind::NotTls { prefix });
    }

    /// Appends a protected record. Once the handshake may be over, records beyond [`PROTECTED`] are counted
    /// as application data.
    pub fn sealed(&mut self, from: Side, position: Position, sealed: ProtectedRecord, over: bool) {
        let count = match from {
            Side::Client => self.sealed.first_mut(),
            Side::Server => self.sealed.last_mut(),
        };
        let data = sealed.content_type == ContentType::application_data;
        if let Some(count) = count.filter(|_| data && over) {
            *count += 1;
            if *count > PROTECTED {
                let bytes = u64::from(sealed.length);
                let data = Data { records: 1, bytes, decrypted: false, early: false, prefix: &[] };
                self.data(from, position, &data);
                return;
            }
        }
        self.push(from, position, EventKind::Protected(sealed));
    }
}

/// Extends a position to the end of a later one.
fn extend(position: &mut Position, to: Position) {
    let end = to.offset.saturating_add(to.length);
    position.length = end.saturating_sub(position.offset).max(position.length);
    position.frame = to.frame;
    position.time = to.time;
}

/// Whether a conversation may end with an event of this kind.
fn ends(kind: &EventKind) -> bool {
    match kind {
        EventKind::Fin
        | EventKind::Reset
        | EventKind::Alert { .. }
        | EventKind::Error(_)
        | EventKind::Acknowledged => true,
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Gap(_)
        | EventKind::Handshake(_)
        | EventKind::ChangeCipherSpec
        | EventKind::Protected(_)
        | EventKind::ApplicationData { .. }
        | EventKind::Record { .. }
        | EventKind::NotTls { .. } => false,
    }
}
