//! From the wire to plaintext: buffer, deframe, open in place, lend out.

use alloc::vec::Vec;
use core::ops::Range;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_record::{Budget, Deframed, HEADER, Limit, Messages, ReadKeys, deframe};
use handclasp_report::{Fault, Internal};
use handclasp_schedule::TrafficKeys;

/// Room offered to the transport at first, and then doubled as bytes come. Enough for most
/// flights; nothing is allocated for a length that the peer only announces.
const FIRST_SPACE: usize = 4096;

/// Largest plaintext of a record (RFC 8446 §5.1).
const PLAINTEXT: usize = 16_384;

/// Largest protected payload: RFC 8446 §5.2; RFC 5246 §6.2.3 would permit more, no AEAD uses it.
const PROTECTED: usize = PLAINTEXT + 256;

/// Bytes that came, and what is being made of them.
pub(crate) struct Inbound {
    buffer: Vec<u8>,
    /// Bytes of `buffer` that came from the transport; behind them is space.
    filled: usize,
    /// The first byte that belongs to no record processed yet.
    start: usize,
    /// Application data lent out, opened in place.
    plaintext: Range<usize>,
    keys: Option<ReadKeys>,
    pub(crate) messages: Messages,
    pub(crate) budget: Budget,
    pub(crate) anything_came: bool,
}

/// A record without its protection; the content lies in the buffer.
pub(crate) struct Opened {
    pub(crate) content_type: ContentType,
    pub(crate) content: Range<usize>,
    /// Whether keys protected it.
    pub(crate) protected: bool,
}

impl Inbound {
    pub(crate) fn new(message_limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            plaintext: 0..0,
            keys: None,
            messages: Messages::new(message_limit),
            budget: Budget::default(),
            anything_came: false,
        }
    }

    /// Room for the transport to write into; never empty while no record is whole.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        if self.plaintext.is_empty() {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled = self.filled.saturating_sub(self.start);
            self.start = 0;
        }
        if self.filled == self.buffer.len() {
            let larger = self.buffer.len().saturating_mul(2).max(FIRST_SPACE);
            self.buffer.resize(larger, 0);
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    pub(crate) fn received(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.buffer.len());
        self.anything_came |= count > 0;
    }

    pub(crate) fn install(&mut self, keys: TrafficKeys) -> Result<(), Fault> {
        if !self.messages.is_empty() {
            return Err(Fault::KeyChangeInsideMessage);
        }
        self.keys = Some(ReadKeys::new(keys).ok_or(Fault::Internal(Internal::Crypto))?);
        Ok(())
    }

    /// Takes the next whole record and opens it in place.
    pub(crate) fn next_record(
        &mut self,
        version: Option<ProtocolVersion>,
        handshaking: bool,
    ) -> Result<Option<Opened>, Fault> {
        let max_payload = if self.keys.is_some() { PROTECTED } else { PLAINTEXT };
        let waiting = self.buffer.get_mut(self.start..self.filled).unwrap_or_default();
        let limit = Limit { max_payload, first: version.is_none() };
        let (content_type, length) = match deframe(waiting, limit)? {
            Deframed::NeedMore(_) => return Ok(None),
            Deframed::Record { content_type, length, .. } => (content_type, length),
        };
        let first = self.start;
        let record = HEADER.saturating_add(length);
        self.start = self.start.saturating_add(record);
        let bare = first.saturating_add(HEADER)..self.start;

        let Some(keys) = &mut self.keys else {
            return Ok(Some(Opened { content_type, content: bare, protected: false }));
        };
        let is_tls13 = version == Some(ProtocolVersion::TLS_1_3);
        // What TLS 1.3 permits in the clear under keys: change_cipher_spec for middleboxes
        // (RFC 8446 §5), and the alert of a peer that could not derive its first keys.
        let stray = match content_type {
            ContentType::change_cipher_spec => true,
            ContentType::alert => keys.sequence() == 0,
            _ => false,
        };
        if is_tls13 && handshaking && stray {
            return Ok(Some(Opened { content_type, content: bare, protected: false }));
        }
        let sealed = waiting.get_mut(..record).unwrap_or_default();
        let (content_type, inside) = keys.open(sealed, handshaking, PLAINTEXT)?;
        let content = first.saturating_add(inside.start)..first.saturating_add(inside.end);
        Ok(Some(Opened { content_type, content, protected: true }))
    }

    /// Bytes of an opened record.
    pub(crate) fn content(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Adds the content of a handshake record to the messages.
    pub(crate) fn add_to_messages(&mut self, range: Range<usize>) -> Result<(), Fault> {
        self.messages.add(self.buffer.get(range).unwrap_or_default())
    }

    pub(crate) fn lend(&mut self, range: Range<usize>) {
        self.plaintext = range;
    }

    pub(crate) fn readable(&self) -> &[u8] {
        self.buffer.get(self.plaintext.clone()).unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.plaintext.start = self.plaintext.start.saturating_add(count).min(self.plaintext.end);
    }

    /// Gives memory back where nothing waits in it.
    pub(crate) fn release(&mut self) {
        if self.plaintext.is_empty() && self.start == self.filled {
            self.buffer = Vec::new();
            self.filled = 0;
            self.start = 0;
            self.plaintext = 0..0;
        }
    }
}
