//! Handshake messages out of the fragments that records carry (RFC 8446 §5.1, RFC 5246 §6.2.1):
//! one record may hold several, one may span many. A message that lies whole in its record is
//! lent from there; only pieces are copied.
//!
//! Called by `connection` with the content of each handshake record.

use alloc::vec::Vec;

use handclasp_codec::{Decode, Field, HandshakeHeader, HandshakeType};
use handclasp_report::Fault;

/// How long the body of a message may be. Every limit can be lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Messages whose length follows from somebody's certificates: Certificate, its compressed
    /// form, and CertificateRequest with its list of authorities.
    pub certificates: u32,
    /// All others.
    pub others: u32,
}

impl Default for MessageLimits {
    /// 64 KiB for chains (rustls's bound for any message; OpenSSL and BoringSSL take 100 KiB),
    /// 16 KiB for everything else (BoringSSL's kMaxMessageLen).
    fn default() -> Self {
        Self { certificates: 0xffff, others: 1 << 14 }
    }
}

impl MessageLimits {
    fn of(&self, message: HandshakeType) -> u32 {
        match message {
            HandshakeType::certificate
            | HandshakeType::compressed_certificate
            | HandshakeType::certificate_request => self.certificates,
            _ => self.others,
        }
    }
}

/// Joins messages. The pieces stand in the caller's `store`, always the same one.
#[derive(Clone, Debug)]
pub struct Messages {
    limits: MessageLimits,
    /// Whether the store holds the beginning of a message, not a whole one lent out before.
    unfinished: bool,
}

impl Messages {
    /// None under way.
    pub fn new(limits: MessageLimits) -> Self {
        Self { limits, unfinished: false }
    }

    /// Whether no message is half read. Keys may change only then, and only when the content of
    /// the record at hand is used up as well (RFC 8446 §5.1).
    pub fn is_empty(&self) -> bool {
        !self.unfinished
    }

    /// Takes the next message, header included, from the front of `content`; `None` when
    /// `content` is used up before a message is whole.
    ///
    /// # Errors
    /// [`Fault::MessageTooLarge`] as soon as a header announces it.
    pub fn next<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
    ) -> Result<Option<&'s [u8]>, Fault> {
        if !self.unfinished {
            // What it held was lent out by the call before.
            store.clear();
            if let Some(whole) = self.announced(content)?
                && let Some((message, rest)) = content.split_at_checked(whole)
            {
                *content = rest;
                return Ok(Some(message));
            }
            self.unfinished = !content.is_empty();
        }
        // Once for the header, once for the body.
        while !content.is_empty() {
            let needed = self.announced(store)?.unwrap_or(HandshakeHeader::SIZE);
            let missing = needed.saturating_sub(store.len());
            let (piece, rest) = content.split_at_checked(missing).unwrap_or((content, &[]));
            grow(store, piece, missing);
            *content = rest;
            if self.announced(store)? == Some(store.len()) {
                self.unfinished = false;
                return Ok(Some(store));
            }
        }
        Ok(None)
    }

    /// Bytes of the message that begins so, header included; `None` while the header is not whole.
    fn announced(&self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        let Some(header) = bytes.get(..HandshakeHeader::SIZE) else {
            return Ok(None);
        };
        let header =
            HandshakeHeader::from_bytes(header, Field::handshake).map_err(Fault::decode(Field::handshake))?;
        let limit = self.limits.of(header.msg_type);
        if header.length > limit {
            return Err(Fault::MessageTooLarge { message: header.msg_type, limit, found: header.length });
        }
        let body = usize::try_from(header.length).unwrap_or(usize::MAX);
        Ok(Some(body.saturating_add(HandshakeHeader::SIZE)))
    }
}

/// Appends a piece. Room grows with what came, twofold so that tiny pieces do not cost a copy
/// each, and never beyond what is missing: announcing much allocates nothing.
fn grow(store: &mut Vec<u8>, piece: &[u8], missing: usize) {
    let spare = store.capacity().saturating_sub(store.len());
    if spare < piece.len() {
        store.reserve_exact(piece.len().max(store.len()).min(missing));
    }
    store.extend_from_slice(piece);
}
