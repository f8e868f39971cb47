//! Handshake messages out of the fragments that records carry (RFC 8446 §5.1, RFC 5246 §6.2.1):
//! one record may hold several, one may span many. A message that lies whole in its record is
//! lent from there; only pieces are copied.

use alloc::vec::Vec;

use handclasp_codec::{Decode, Field, HandshakeHeader, HandshakeType};
use handclasp_report::Fault;

/// How long the body of a message may be. Every limit can be lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Messages whose length follows from somebody's certificates: Certificate, its compressed
    /// form, and CertificateRequest with its list of authorities.
    pub certificates: u32,
    /// NewSessionTicket. In TLS 1.3 a longer one does not end the connection: see
    /// [`Messages::next_or_skip`].
    pub tickets: u32,
    /// All others.
    pub others: u32,
}

/// The longest NewSessionTicket of TLS 1.2: lifetime, and a ticket behind its length (RFC 5077 §3.3).
const TICKET_12: u32 = 4 + 2 + 0xffff;

/// The longest NewSessionTicket of TLS 1.3: lifetime, age_add, nonce, ticket and extensions
/// (RFC 8446 §4.6.1).
const TICKET_13: u32 = 4 + 4 + 1 + 0xff + 2 + 0xffff + 2 + 0xfffe;

impl Default for MessageLimits {
    /// 64 KiB for chains (rustls's bound for any message; OpenSSL and BoringSSL take 100 KiB),
    /// every ticket of TLS 1.2, whose bytes the transcript needs, and 16 KiB for everything else
    /// (BoringSSL's kMaxMessageLen).
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

/// Joins messages. The pieces stand in the caller's `store`, always the same one.
#[derive(Clone, Debug)]
pub struct Messages {
    limits: MessageLimits,
    /// Whether the store holds the beginning of a message, not a whole one lent out before.
    unfinished: bool,
    /// Bytes still to come of a message of which only the header is kept.
    skip: usize,
}

/// What a header announces.
enum Announced {
    /// The header is not whole.
    Nothing,
    /// A message of so many bytes, header included.
    Whole(usize),
    /// A message of which so many bytes behind the header are skipped.
    Skipped(usize),
}

impl Messages {
    /// None under way.
    pub fn new(limits: MessageLimits) -> Self {
        Self { limits, unfinished: false, skip: 0 }
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
        self.take(store, content, false)
    }

    /// As [`Messages::next`], after a handshake of TLS 1.3: of a NewSessionTicket that is legal and
    /// above its limit the body is read and dropped, and the header alone is returned. A ticket is
    /// an offer, which a client may pass over.
    ///
    /// # Errors
    /// As [`Messages::next`].
    pub fn next_or_skip<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
    ) -> Result<Option<&'s [u8]>, Fault> {
        self.take(store, content, true)
    }

    fn take<'s, 'c: 's>(
        &mut self,
        store: &'s mut Vec<u8>,
        content: &mut &'c [u8],
        may_skip: bool,
    ) -> Result<Option<&'s [u8]>, Fault> {
        if !self.unfinished {
            // What it held was lent out by the call before.
            store.clear();
            if let Announced::Whole(whole) = self.announced(content, may_skip)?
                && let Some((message, rest)) = content.split_at_checked(whole)
            {
                *content = rest;
                return Ok(Some(message));
            }
            self.unfinished = !content.is_empty();
        }
        // Once for the header, once for the body.
        while !content.is_empty() {
            if self.skip == 0 {
                let whole = match self.announced(store, may_skip)? {
                    Announced::Whole(whole) => whole,
                    Announced::Nothing | Announced::Skipped(_) => HandshakeHeader::SIZE,
                };
                let missing = whole.saturating_sub(store.len());
                let (piece, rest) = content.split_at_checked(missing).unwrap_or((content, &[]));
                grow(store, piece, missing);
                *content = rest;
                match self.announced(store, may_skip)? {
                    Announced::Whole(whole) if whole == store.len() => {
                        self.unfinished = false;
                        return Ok(Some(store));
                    }
                    Announced::Skipped(body) => self.skip = body,
                    Announced::Whole(_) | Announced::Nothing => {}
                }
            } else {
                let (piece, rest) = content.split_at_checked(self.skip).unwrap_or((content, &[]));
                self.skip = self.skip.saturating_sub(piece.len());
                *content = rest;
                if self.skip == 0 {
                    self.unfinished = false;
                    return Ok(Some(store));
                }
            }
        }
        Ok(None)
    }

    /// What the message that begins so announces.
    fn announced(&self, bytes: &[u8], may_skip: bool) -> Result<Announced, Fault> {
        let Some(header) = bytes.get(..HandshakeHeader::SIZE) else {
            return Ok(Announced::Nothing);
        };
        let header =
            HandshakeHeader::from_bytes(header, Field::handshake).map_err(Fault::decode(Field::handshake))?;
        let body = usize::try_from(header.length).unwrap_or(usize::MAX);
        let mut limit = self.limits.of(header.msg_type);
        if header.length <= limit {
            return Ok(Announced::Whole(body.saturating_add(HandshakeHeader::SIZE)));
        }
        if may_skip && header.msg_type == HandshakeType::new_session_ticket {
            if header.length <= TICKET_13 {
                return Ok(Announced::Skipped(body));
            }
            limit = TICKET_13;
        }
        Err(Fault::MessageTooLarge { message: header.msg_type, limit, found: header.length })
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
