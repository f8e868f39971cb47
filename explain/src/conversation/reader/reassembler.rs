//! Reassembles handshake messages from records, with their positions (RFC 8446 §5.1): a record may hold
//! several messages, a message may span many records.

use handclasp_codec::HandshakeType;
use handclasp_record::{MessageLimits, Messages};

use crate::input::capture_event::Position;

/// The content of a handshake record.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordFragment {
    /// Position of the record.
    pub position: Position,
    /// Offset in the stream of the first byte of content. `None`: the record was protected.
    pub content_at: Option<u64>,
    /// Bytes of content.
    pub length: u16,
}

/// A message, complete or truncated.
#[derive(Debug)]
pub(super) struct ReassembledMessage {
    pub bytes: Vec<u8>,
    /// Offset in the stream of its first byte; that of the record header if it starts a record.
    pub start: u64,
    /// Offset in the stream after its last byte.
    pub end: u64,
    pub records: u32,
    pub longest: u16,
}

/// Reassembles the messages of one sender.
pub(super) struct Reassembler {
    messages: Messages,
    store: Vec<u8>,
    start: u64,
    end: u64,
    records: u32,
    longest: u16,
}

impl Reassembler {
    pub fn new() -> Self {
        // Without limits: the caller checks the memory, which only grows by bytes that arrived.
        let limits = MessageLimits { certificates: u32::MAX, tickets: u32::MAX, others: u32::MAX };
        let messages = Messages::new(limits);
        Self { messages, store: Vec::new(), start: 0, end: 0, records: 0, longest: 0 }
    }

    /// Whether no message is incomplete.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Bytes of the incomplete message.
    pub fn pending(&self) -> usize {
        if self.is_empty() { 0 } else { self.store.len() }
    }

    /// The next complete message.
    pub fn next(&mut self, fragment: &RecordFragment, content: &mut &[u8]) -> Option<ReassembledMessage> {
        if content.is_empty() {
            return None;
        }
        let used = u64::from(fragment.length).saturating_sub(u64::try_from(content.len()).unwrap_or(0));
        if self.is_empty() {
            self.start = match fragment.content_at {
                Some(at) if used > 0 => at.saturating_add(used),
                Some(_) | None => fragment.position.offset,
            };
            (self.records, self.longest) = (0, 0);
        }
        self.records = self.records.saturating_add(1);
        self.longest = self.longest.max(fragment.length);
        let bytes = self.messages.next(&mut self.store, content).ok().flatten().map(<[u8]>::to_vec);
        let used = u64::from(fragment.length).saturating_sub(u64::try_from(content.len()).unwrap_or(0));
        self.end = match fragment.content_at {
            Some(at) => at.saturating_add(used),
            None => fragment.position.offset.saturating_add(fragment.position.length),
        };
        let Self { start, end, records, longest, .. } = *self;
        Some(ReassembledMessage { bytes: bytes?, start, end, records, longest })
    }

    /// Removes and returns the incomplete message.
    pub fn take_incomplete(&mut self) -> Option<ReassembledMessage> {
        let message = (!self.is_empty()).then(|| {
            let Self { start, end, records, longest, .. } = *self;
            ReassembledMessage { bytes: std::mem::take(&mut self.store), start, end, records, longest }
        });
        *self = Self::new();
        message
    }
}

impl ReassembledMessage {
    /// HandshakeType of the header.
    pub fn msg_type(&self) -> HandshakeType {
        HandshakeType(self.bytes.first().copied().unwrap_or_default())
    }

    /// Length in the header.
    pub fn announced(&self) -> u32 {
        match self.bytes.as_slice() {
            [_, high, middle, low, ..] => u32::from_be_bytes([0, *high, *middle, *low]),
            _ => 0,
        }
    }
}
