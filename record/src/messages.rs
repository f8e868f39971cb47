//! Reassembles handshake messages from records (RFC 8446 §5.1, RFC 5246 §6.2.1). A record may hold
//! several messages, and a message may span many records. A message that lies within one record is
//! borrowed from it; only fragments are copied.

use alloc::vec::Vec;

use handclasp_codec::HandshakeType;
use handclasp_report::{Fault, FaultCode, Uint};

/// Most bytes in the body of a handshake message. A caller may lower every limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Messages whose length depends on certificates: Certificate, CompressedCertificate, and
    /// CertificateRequest with its list of authorities.
    pub certificates: u32,
    /// NewSessionTicket. A longer one does not end a TLS 1.3 connection: see [`Messages::next_or_skip`].
    pub tickets: u32,
    /// All other messages.
    pub others: u32,
}

/// Longest NewSessionTicket of TLS 1.2: lifetime, ticket length, ticket (RFC 5077 §3.3).
const TICKET_12: u32 = 4 + 2 + 0xffff;

/// Longest NewSessionTicket of TLS 1.3: lifetime, age_add, nonce, ticket and extensions (RFC 8446
/// §4.6.1).
const TICKET_13: u32 = 4 + 4 + 1 + 0xff + 2 + 0xffff + 2 + 0xfffe;

impl Default for MessageLimits {
    /// 64 KiB for certificates (the limit of rustls for any message; OpenSSL and BoringSSL permit 100
    /// KiB), every ticket of TLS 1.2, because the transcript needs its bytes, and 16 KiB for other
    /// messages (BoringSSL's kMaxMessageLen).
    fn default() -> Self {
        Self { certificates: 0xffff, tickets: TICKET_12, others: 1 << 14 }
    }
}

impl MessageLimits {
    fn of(&self, message: HandshakeType) -> u32 {
        match message {
            HandshakeType::certificate
            | HandshakeType::compressed_certificate
            | HandshakeType::certificate_request => self.certificates,
            HandshakeType::new_session_ticket => self.tickets,
            _ => self.others,
        }
    }
}

/// Length of a message header.
const HEADER: usize = 4;

/// Reassembles messages. The fragments are kept in the caller's `store`, which must be the same in every
/// call.
#[derive(Clone, Debug)]
pub struct Messages {
    limits: MessageLimits,
    /// Bytes of the incomplete message so far; 0 if no message is incomplete.
    received: usize,
}

/// Size and treatment of the current message, as its header announces them.
struct Announced {
    /// Length with the header; that of the header alone until it is complete.
    whole: usize,
    /// Whether the body is skipped.
    is_skipped: bool,
}

impl Messages {
    /// Returns a reassembler without fragments.
    pub fn new(limits: MessageLimits) -> Self {
        Self { limits, received: 0 }
    }

    /// Whether no message is incomplete. Keys may change only then, and only if the content of the
    /// current record is used up too (RFC 8446 §5.1).
    pub fn is_empty(&self) -> bool {
        self.received == 0
    }

    /// Takes the next message, header included, from the start of `content`. Returns `None` if `content`
    /// ends before a message is complete.
    ///
    /// # Errors
    /// [`Fault::MessageTooLarge`] as soon as a header announces a body above its limit.
    pub fn next<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
    ) -> Result<Option<&'s [u8]>, FaultCode> {
        self.take(store, content, false)
    }

    /// As [`Messages::next`], after a TLS 1.3 handshake. Of a NewSessionTicket that is valid but above
    /// its limit, the body is skipped and the header alone is returned: a client may ignore a ticket.
    ///
    /// # Errors
    /// As [`Messages::next`].
    pub fn next_or_skip<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
    ) -> Result<Option<&'s [u8]>, FaultCode> {
        self.take(store, content, true)
    }

    fn take<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
        may_skip: bool,
    ) -> Result<Option<&'s [u8]>, FaultCode> {
        if self.received == 0 {
            // The previous call returned the message in the store.
            store.clear();
            let Announced { whole, is_skipped } = self.announced(content, may_skip)?;
            if !is_skipped && let Some((message, rest)) = content.split_at_checked(whole) {
                *content = rest;
                return Ok(Some(message));
            }
        }
        // One pass for the header, one for the body.
        loop {
            let Announced { whole, is_skipped } = self.announced(store, may_skip)?;
            if self.received == whole {
                self.received = 0;
                return Ok(Some(store));
            }
            if content.is_empty() {
                return Ok(None);
            }
            let missing = whole.saturating_sub(self.received);
            let (piece, rest) = content.split_at_checked(missing).unwrap_or((content, &[]));
            *content = rest;
            self.received = self.received.saturating_add(piece.len());
            if !is_skipped {
                grow(store, piece, missing);
            }
        }
    }

    /// Returns what the header at the start of `bytes` announces.
    fn announced(&self, bytes: &[u8], may_skip: bool) -> Result<Announced, FaultCode> {
        let Some(&[message, high, middle, low]) = bytes.first_chunk::<HEADER>() else {
            return Ok(Announced { whole: HEADER, is_skipped: false });
        };
        let (message, body) = (HandshakeType(message), u32::from_be_bytes([0, high, middle, low]));
        let mut limit = self.limits.of(message);
        let is_skipped = may_skip && message == HandshakeType::new_session_ticket && body > limit;
        if is_skipped {
            limit = TICKET_13;
        }
        if body > limit {
            return Err(Fault::MessageTooLarge { message, limit: number(limit), found: number(body) }.code());
        }
        let whole = HEADER.saturating_add(usize::try_from(body).unwrap_or(usize::MAX));
        Ok(Announced { whole, is_skipped })
    }
}

fn number(length: u32) -> Uint<3> {
    Uint::saturating(length.into())
}

/// Appends a fragment. Capacity follows the bytes received, by doubling so that small fragments do not
/// cost a copy each, and never exceeds what is missing: a large announced length allocates nothing.
fn grow(store: &mut Vec<u8>, piece: &[u8], missing: usize) {
    let spare = store.capacity().saturating_sub(store.len());
    if spare < piece.len() {
        store.reserve_exact(piece.len().max(store.len()).min(missing));
    }
    store.extend_from_slice(piece);
}
