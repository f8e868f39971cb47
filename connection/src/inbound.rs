//! From the wire to plaintext: buffers input, finds records, decrypts them in place and lends them out.

mod behind;
#[cfg(feature = "bulk")]
mod bulk;

use alloc::vec::Vec;
use core::ops::Range;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_handshake::RecordLimits;
use handclasp_record::{Deframed, HEADER, Limit, Messages, RecordKeys, deframe};
use handclasp_report::{Fault, FaultCode};

use self::behind::Behind;
use crate::{Config, early_data::EarlyData, limits::Limits};

/// The receive buffer, and the state of reading from it.
pub(crate) struct Inbound {
    buffer: Vec<u8>,
    /// Bytes of `buffer` that came from the transport; behind them is space.
    filled: usize,
    /// The first byte that belongs to no record opened yet.
    start: usize,
    /// Unread content of the last decrypted record: application data lent out, that of the records behind it
    /// included, or handshake messages.
    content: Range<usize>,
    /// Whether `content` is for the application.
    is_application: bool,
    /// The next record to be taken, if it was decrypted already.
    behind: Behind,
    /// Protects the records that follow with these keys.
    pub(crate) keys: Option<RecordKeys>,
    messages: Messages,
    /// Messages that came in pieces.
    store: Vec<u8>,
    /// Most bytes of content in a received record, as negotiated.
    limits: Limits,
    /// The same, negotiated or not.
    limit: u16,
    /// Bytes of the first buffer.
    first_space: u16,
    /// Bytes up to which the buffer grows because reads fill it.
    bulk_space: usize,
    /// Whether the last bytes that came filled the buffer, which has not grown since: the transport may have more.
    was_filled: bool,
    pub(crate) anything_came: bool,
    /// Whether a record of the peer's was ever whole.
    any_record: bool,
    /// Present while early data may come that cannot be decrypted.
    early_data: Option<EarlyData>,
}

/// A record after decryption; its content is in the buffer.
pub(crate) struct Record {
    pub(crate) content_type: ContentType,
    pub(crate) content: Range<usize>,
    /// Whether keys protected it.
    pub(crate) protected: bool,
}

impl Inbound {
    pub(crate) fn new(config: &Config) -> Self {
        let number = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX);
        Self {
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            content: 0..0,
            is_application: false,
            behind: Behind::default(),
            keys: None,
            messages: Messages::new(config.message_limits),
            store: Vec::new(),
            limits: Limits::NONE,
            limit: number(config.receive_limit),
            first_space: number(config.receive_space.max(HEADER)),
            bulk_space: config.bulk_space,
            was_filled: false,
            anything_came: false,
            any_record: false,
            early_data: None,
        }
    }

    /// Space for the transport to write into; never empty.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        if self.content.is_empty() && self.behind.is_empty() {
            self.move_to_front();
        }
        let doubled = self.buffer.len().saturating_mul(2);
        if self.filled == self.buffer.len() {
            self.buffer.resize(doubled.max(usize::from(self.first_space)), 0);
        } else if cfg!(feature = "bulk") && self.was_filled && self.buffer.len() < self.bulk_space {
            self.buffer.resize(doubled.min(self.bulk_space), 0);
        }
        if cfg!(feature = "bulk") {
            self.was_filled = false;
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// Moves the bytes that belong to no record opened yet to the front of the buffer, over consumed content.
    fn move_to_front(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled = self.filled.saturating_sub(self.start);
            self.start = 0;
        }
    }

    /// Whether there is a buffer at all.
    pub(crate) fn has_space(&self) -> bool {
        !self.buffer.is_empty()
    }

    pub(crate) fn received(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.buffer.len());
        if cfg!(feature = "bulk") {
            self.was_filled = self.filled == self.buffer.len();
        }
        self.anything_came |= count > 0;
    }

    /// Whether a handshake message is incomplete: no other record may come in between.
    pub(crate) fn is_inside_message(&self) -> bool {
        !self.messages.is_empty() || (!self.is_application && !self.content.is_empty())
    }

    /// Whether the bytes that came end inside a record or a handshake message. Whole records that
    /// were not opened yet count as well.
    pub(crate) fn is_inside_record(&self) -> bool {
        self.start < self.filled || !self.behind.is_empty() || self.is_inside_message()
    }

    /// Decrypts nothing from here on.
    pub(crate) fn forget_keys(&mut self) {
        self.keys = None;
    }

    /// Limits the records of the peer, as negotiated.
    pub(crate) fn limit(&mut self, limits: RecordLimits) {
        self.limits = Limits::new(limits.receive, limits.unprotected);
    }

    /// From here on early data may come.
    pub(crate) fn skip_early_data(&mut self) {
        self.early_data = Some(EarlyData::expected());
    }

    /// Takes the next whole record and decrypts it in place; skips early data.
    pub(crate) fn next_record(
        &mut self,
        version: Option<ProtocolVersion>,
        handshaking: bool,
    ) -> Result<Option<Record>, FaultCode> {
        if let Some(next) = self.behind.take() {
            return next.map(Some);
        }
        loop {
            let before = self.start;
            let opened = self.open_record(version, handshaking)?;
            match &opened {
                Some(opened) if opened.content_type != ContentType::change_cipher_spec => {
                    self.early_data = None;
                }
                // Skipped.
                None if self.start != before => continue,
                _ => {}
            }
            return Ok(opened);
        }
    }

    /// Takes the next whole record; `None` where there is none, or where it was skipped.
    fn open_record(
        &mut self,
        version: Option<ProtocolVersion>,
        handshaking: bool,
    ) -> Result<Option<Record>, FaultCode> {
        let limit = usize::from(self.limit);
        let content_limit = self.limits.of(self.keys.is_some()).min(limit);
        let max_payload = self.keys.as_ref().map_or(content_limit, |keys| keys.payload_limit(content_limit));
        // Early data was sent before its sender could hear of our limit: the limit of the ticket's
        // own server holds (RFC 8449 §4), at most that of the protocol.
        let early = self.early_data.as_ref().map_or(0, |_| limit.saturating_add(EarlyData::EXPANSION));
        let longest = max_payload.max(early);
        let limit = Limit { max_payload: longest, first: !self.any_record };
        let waiting = self.buffer.get_mut(self.start..self.filled).unwrap_or_default();
        let Deframed::Record { content_type, length, .. } = deframe(waiting, limit)? else {
            return Ok(None);
        };
        self.any_record = true;
        let first = self.start;
        let record = HEADER.saturating_add(length);
        self.start = first.saturating_add(record);
        let bare = first.saturating_add(HEADER)..self.start;

        // What TLS 1.3 permits in the clear under keys: change_cipher_spec for middleboxes
        // (RFC 8446 §5), and the alert of a peer that could not derive its first keys.
        let is_tls13 = version == Some(ProtocolVersion::TLS_1_3);
        let may_be_clear = match (&self.keys, content_type) {
            (None, _) => true,
            (Some(_), ContentType::change_cipher_spec) => is_tls13 && handshaking,
            (Some(keys), ContentType::alert) => is_tls13 && handshaking && keys.sequence() == 0,
            (Some(_), _) => false,
        };
        let Some(keys) = self.keys.as_mut().filter(|_| !may_be_clear) else {
            if let Some(early_data) =
                self.early_data.as_mut().filter(|_| EarlyData::is_in_clear(content_type))
            {
                return early_data.skip_record(length).map(|()| None);
            }
            if length > content_limit {
                let number = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
                return Err(
                    Fault::RecordOverflow { limit: number(content_limit), found: number(length) }.code()
                );
            }
            return Ok(Some(Record { content_type, content: bare, protected: false }));
        };
        let sealed = waiting.get_mut(..record).unwrap_or_default();
        let opened = match (keys.open(sealed, handshaking, content_limit), &mut self.early_data) {
            (Err(code), Some(early_data)) if EarlyData::did_not_open(keys, handshaking, code) => {
                return early_data.skip_record(length).map(|()| None);
            }
            (opened, _) => opened?,
        };
        let content = first.saturating_add(opened.content.start)..first.saturating_add(opened.content.end);
        Ok(Some(Record { content_type: opened.content_type, content, protected: true }))
    }

    /// Bytes of an opened record.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// Keeps the content of a handshake record for [`Inbound::next_message`].
    pub(crate) fn keep_messages(&mut self, content: Range<usize>) {
        self.content = content;
        self.is_application = false;
    }

    /// The next whole handshake message, borrowed from the buffer. `may_skip`: see
    /// [`Messages::next_or_skip`].
    pub(crate) fn next_message(&mut self, may_skip: bool) -> Result<Option<&[u8]>, FaultCode> {
        if self.is_application || self.content.is_empty() {
            return Ok(None);
        }
        let mut left = self.buffer.get(self.content.clone()).unwrap_or_default();
        let message = match may_skip {
            true => self.messages.next_or_skip(&mut self.store, &mut left)?,
            false => self.messages.next(&mut self.store, &mut left)?,
        };
        self.content.start = self.content.end.saturating_sub(left.len());
        Ok(message)
    }

    /// Lends the content of an application record out until it is consumed.
    pub(crate) fn lend(&mut self, content: Range<usize>) {
        self.content = content;
        self.is_application = true;
    }

    pub(crate) fn readable(&self) -> &[u8] {
        if self.is_application { self.bytes(self.content.clone()) } else { &[] }
    }

    pub(crate) fn consume(&mut self, count: usize) {
        if self.is_application {
            self.content.start = self.content.start.saturating_add(count).min(self.content.end);
        }
    }

    /// Frees empty buffers.
    pub(crate) fn release(&mut self) {
        if self.content.is_empty() && self.start == self.filled && self.behind.is_empty() {
            self.buffer = Vec::new();
            self.filled = 0;
            self.start = 0;
            self.content = 0..0;
        }
        if self.messages.is_empty() {
            self.store = Vec::new();
        }
    }
}
