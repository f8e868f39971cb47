//! Writing the story within its budget. Of one conversation are kept: [`ITEMS`] items and
//! [`ENDINGS`] more that may end it, [`KEPT`] bytes of messages and other content, [`ROWS`] rows of
//! application data and [`TURNS`] turns of bytes that are no TLS. Then it is counted and nothing
//! kept. What that adds up to, and what all stories may hold together, stands in `budget`.

use handclasp_codec::ContentType;

use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord};
use crate::input::capture_event::{Position, Side};

/// Items kept.
const ITEMS: usize = 4096;
/// Items kept beyond, of those that end a conversation.
const ENDINGS: usize = 64;
/// Bytes kept of messages and whatever else has content.
const KEPT: usize = 1 << 20;
/// Rows of application data kept apart; later ones are added to the last of their end.
const ROWS: usize = 256;
/// Turns of bytes kept apart that are no TLS; later ones are added to the last of their end.
const TURNS: usize = 16;
/// Protected records of an end kept apart once its handshake may be over.
const SEALED: u32 = 16;
/// Bytes shown of what is no TLS.
const PREFIX: usize = 512;
/// Bytes shown of application data.
const DATA: usize = 64;

/// The story under way.
#[derive(Debug, Default)]
pub(super) struct ConversationBuilder {
    pub conversation: Conversation,
    kept: usize,
    rows: usize,
    turns: usize,
    /// Protected records that stand apart, by end: client's, server's.
    sealed: [u32; 2],
    /// Nothing more is kept but what may end the conversation.
    closed: bool,
    /// What was kept all the same.
    endings: usize,
}

/// Application data.
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

    /// How many items there are: where the next one will stand.
    pub fn len(&self) -> usize {
        self.conversation.events.len()
    }

    /// Whether so many bytes more may be kept.
    pub fn room(&self, bytes: usize) -> bool {
        (bytes == 0 || !self.closed) && self.kept.saturating_add(bytes) <= KEPT
    }

    /// Bytes that the story holds.
    pub fn held(&self) -> usize {
        self.kept.saturating_add(self.conversation.events.capacity().saturating_mul(size_of::<Event>()))
    }

    /// Keeps nothing more.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Appends an item.
    pub fn push(&mut self, from: Side, position: Position, kind: EventKind) {
        let at = self.len();
        self.insert(at, from, position, kind);
    }

    /// Puts an item where it belongs; those behind move.
    /// Whether it stands there: it may be one too many.
    pub fn insert(&mut self, at: usize, from: Side, position: Position, kind: EventKind) -> bool {
        let size = kind.holds();
        let room = match (ends(&kind), self.closed) {
            (true, true) if self.endings >= ENDINGS => false,
            (true, _) => self.len() < ITEMS + ENDINGS,
            (false, true) => false,
            (false, false) => self.len() < ITEMS,
        };
        if !room || !self.room(size) {
            self.conversation.dropped += 1;
            return false;
        }
        self.endings += usize::from(self.closed);
        self.kept += size;
        self.conversation.events.insert(at.min(self.len()), Event { from, position, kind });
        true
    }

    /// Appends application data, to its row if there is one.
    pub fn data(&mut self, from: Side, position: Position, data: &Data<'_>) {
        let of_row = |item: &Event| {
            item.from == from
                && matches!(&item.kind, EventKind::ApplicationData { decrypted, early, .. }
                    if *decrypted == data.decrypted && *early == data.early)
        };
        let found = match self.rows < ROWS {
            true => self.conversation.events.last_mut().filter(|item| of_row(item)),
            false => self.conversation.events.iter_mut().rev().find(|item| of_row(item)),
        };
        if let Some(item) = found
            && let EventKind::ApplicationData { records, bytes, prefix, .. } = &mut item.kind
        {
            *records += data.records;
            *bytes += data.bytes;
            let more = DATA.saturating_sub(prefix.len()).min(data.prefix.len());
            prefix.extend_from_slice(data.prefix.get(..more).unwrap_or_default());
            extend(&mut item.position, position);
            return;
        }
        self.rows += 1;
        let prefix = data.prefix.get(..DATA).unwrap_or(data.prefix).to_vec();
        let Data { records, bytes, decrypted, early, .. } = *data;
        self.push(from, position, EventKind::ApplicationData { records, bytes, decrypted, early, prefix });
    }

    /// Appends bytes that are no TLS, to those of the same turn if the end has not been answered.
    pub fn plain(&mut self, from: Side, position: Position, bytes: &[u8]) {
        let of_turn = |item: &Event| item.from == from && matches!(item.kind, EventKind::NotTls { .. });
        let found = match self.turns < TURNS {
            true => self.conversation.events.last_mut().filter(|item| of_turn(item)),
            false => self.conversation.events.iter_mut().rev().find(|item| of_turn(item)),
        };
        if let Some(item) = found
            && let EventKind::NotTls { prefix } = &mut item.kind
        {
            let more = PREFIX.saturating_sub(prefix.len()).min(bytes.len());
            prefix.extend_from_slice(bytes.get(..more).unwrap_or_default());
            extend(&mut item.position, position);
            return;
        }
        self.turns += 1;
        let prefix = bytes.get(..PREFIX).unwrap_or(bytes).to_vec();
        self.push(from, position, EventKind::NotTls { prefix });
    }

    /// Appends a protected record. Where the handshake may be over, only some are kept apart, and
    /// the rest is taken for application data.
    pub fn sealed(&mut self, from: Side, position: Position, sealed: ProtectedRecord, over: bool) {
        let count = match from {
            Side::Client => self.sealed.first_mut(),
            Side::Server => self.sealed.last_mut(),
        };
        let data = sealed.content_type == ContentType::application_data;
        if let Some(count) = count.filter(|_| data && over) {
            *count += 1;
            if *count > SEALED {
                let bytes = u64::from(sealed.length);
                let data = Data { records: 1, bytes, decrypted: false, early: false, prefix: &[] };
                self.data(from, position, &data);
                return;
            }
        }
        self.push(from, position, EventKind::Protected(sealed));
    }
}

/// Makes a place reach to the end of another one behind it.
fn extend(position: &mut Position, to: Position) {
    let end = to.offset.saturating_add(to.length);
    position.length = end.saturating_sub(position.offset).max(position.length);
    position.frame = to.frame;
    position.time = to.time;
}

/// Whether a conversation may end with it.
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
