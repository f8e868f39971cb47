//! Writes a hello, or EncryptedExtensions, into a report: as it stood on the wire, less what explains
//! nothing and what is long (randoms, key shares, tickets, binders, cookies, padding).
//!
//! The note holds the fields of the message up to where it is whole. A field of variable length is a
//! *part*: one byte says how many bytes follow; its top bit says that the field was longer, and then
//! two bytes of its true length come first. Extensions are their number, their types, and then a part
//! each, so that no long extension pushes out the types behind it.
//!
//! Microcontrollers run this: no generics, one copy of each step.

use handclasp_codec::HandshakeType;

use super::{CUT, FOR_CHOICES, FOR_FAULT, FROM_SERVER, NOTE, Report, SIZE, Side, Tag};

/// In the head of a part: there was more, and its whole length follows.
pub(super) const CUT_PART: u8 = 0x80;
/// Bytes in front of a message: a note's, and one more of length.
const MESSAGE_HEAD: usize = NOTE + 1;
/// Bytes of the longest ClientHello: room is left for what a server lists of its own.
const LONGEST_HELLO: usize = 300;
/// Bytes of one list or name. OpenSSL offers 60 bytes of suites, Java 98.
const LIST: usize = 100;
/// Bytes of a field that no rule names.
const SMALL: usize = 8;
/// Bytes of a session id: enough to compare two of them.
const SESSION_ID: usize = 4;
/// Bytes of all identities of one hello.
const IDENTITIES: usize = 120;
/// Bytes of the head of a part.
const HEAD: usize = 3;

// Numbers of extensions (RFC 8446 §4.2, RFC 5077, RFC 7685).
const PADDING: usize = 21;
const SESSION_TICKET: usize = 35;
const PRE_SHARED_KEY: usize = 41;
const COOKIE: usize = 44;
const KEY_SHARE: usize = 51;

impl Report {
    /// Keeps a ClientHello, ServerHello, HelloRetryRequest or EncryptedExtensions; other messages are
    /// ignored. `message` begins with the handshake header. It need not be well-formed: what stands
    /// before the first length that lies is kept.
    pub fn message(&mut self, from: Side, message: &[u8]) {
        let [msg_type, _, _, _, body @ ..] = message else { return };
        let (tag, limit) = match HandshakeType(*msg_type) {
            HandshakeType::client_hello => {
                (Tag::ClientHello, (SIZE - FOR_CHOICES).min(self.length.saturating_add(LONGEST_HELLO)))
            }
            HandshakeType::server_hello => (Tag::ServerHello, SIZE - FOR_FAULT),
            HandshakeType::encrypted_extensions => (Tag::EncryptedExtensions, SIZE - FOR_FAULT),
            _ => return,
        };
        let into = self.bytes.get_mut(self.length..limit).unwrap_or_default();
        let mut copy = Copy { into, length: 0, left: body, whole: true };
        let server = if from == Side::Server { FROM_SERVER } else { 0 };
        let head = usize::from(tag.number() | server);
        copy.put(&[0; MESSAGE_HEAD]);
        copy.message(tag);
        let cut = if copy.whole { 0 } else { usize::from(CUT) };
        let size = copy.length.saturating_sub(MESSAGE_HEAD);
        copy.set(0, head | cut);
        copy.set(1, size >> 8);
        copy.set(2, size);
        let length = copy.length;
        match size {
            0 => self.drop_one(),
            _ => self.grow(self.length.wrapping_add(length)),
        }
    }
}

/// A message on its way into the report. Sums here stay below 2^16: those of lengths of one message and of
/// places in one report; `length` never exceeds the length of `into`.
struct Copy<'r, 'm> {
    into: &'r mut [u8],
    length: usize,
    /// Of the message.
    left: &'m [u8],
    /// Whether no length lied, and all had room.
    whole: bool,
}

impl<'m> Copy<'_, 'm> {
    #[inline(never)]
    fn take(&mut self, count: usize) -> &'m [u8] {
        let (taken, left) = self.left.split_at_checked(count).unwrap_or_else(|| {
            self.whole = false;
            (&[], &[])
        });
        self.left = left;
        taken
    }

    /// A number of that many bytes.
    #[inline(never)]
    fn number(&mut self, width: usize) -> usize {
        self.take(width).iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
    }

    /// A vector behind that many bytes of length.
    #[inline(never)]
    fn vector(&mut self, width: usize) -> &'m [u8] {
        let length = self.number(width);
        self.take(length)
    }

    fn room(&self) -> usize {
        self.into.len().wrapping_sub(self.length)
    }

    #[inline(never)]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.wrapping_add(bytes.len());
        match self.into.get_mut(self.length..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length = end;
            }
            None => self.whole = false,
        }
    }

    fn set(&mut self, place: usize, number: usize) {
        if let Some(place) = self.into.get_mut(place) {
            let [.., number] = number.to_be_bytes();
            *place = number;
        }
    }

    #[inline(never)]
    fn keep(&mut self, count: usize) {
        let taken = self.take(count);
        self.put(taken);
    }

    /// A part of at most `most` bytes that leaves room for `behind` more.
    #[inline(never)]
    fn part(&mut self, content: &[u8], most: usize, behind: usize) {
        let most = most.min(self.room().saturating_sub(behind.wrapping_add(HEAD)));
        let [.., high, low] = content.len().to_be_bytes();
        let kept = match content.get(..most) {
            Some(kept) if most < content.len() => {
                let [.., most] = most.to_be_bytes();
                self.put(&[CUT_PART | most, high, low]);
                kept
            }
            _ => {
                self.put(&[low]);
                content
            }
        };
        self.put(kept);
    }

    /// A field behind that many bytes of length.
    #[inline(never)]
    fn field(&mut self, width: usize, most: usize) {
        let content = self.vector(width);
        self.part(content, most, 0);
    }

    fn message(&mut self, tag: Tag) {
        match tag {
            Tag::ClientHello => {
                self.keep(2);
                self.take(32);
                self.field(1, SESSION_ID);
                self.field(2, LIST);
                self.field(1, SMALL);
            }
            Tag::ServerHello => {
                self.keep(2);
                // The end of the random tells a HelloRetryRequest and a downgrade (RFC 8446 §4.1.3).
                self.take(24);
                self.keep(8);
                self.field(1, SESSION_ID);
                self.keep(3);
            }
            _ => {}
        }
        if !self.left.is_empty() {
            self.extensions(tag == Tag::ClientHello);
        }
    }

    fn extensions(&mut self, is_offer: bool) {
        let block = self.vector(2);
        let ends = self.left.is_empty();
        self.left = block;
        let mut count = self.types();
        self.left = block;
        while count > 0 {
            count = count.wrapping_sub(1);
            let extension = self.number(2);
            let content = self.vector(2);
            let behind = count.wrapping_mul(HEAD);
            match extension {
                KEY_SHARE | PRE_SHARED_KEY if is_offer => self.elements(extension, content, behind),
                _ => self.part(content, most(extension), behind),
            }
        }
        self.whole &= ends;
    }

    /// The number of extensions, and their types.
    fn types(&mut self) -> usize {
        let (place, mut count, mut needed) = (self.length, 0_usize, 2 + HEAD);
        self.put(&[0]);
        while !self.left.is_empty() {
            let extension = self.take(2);
            self.vector(2);
            if !self.whole || self.room() < needed {
                self.whole = false;
                break;
            }
            self.put(extension);
            count = count.wrapping_add(1);
            needed = needed.wrapping_add(HEAD);
        }
        self.set(place, count);
        count
    }

    /// Of key_share the groups. Of pre_shared_key the identities that are names, and the lengths of
    /// those that are tickets: these have an age.
    fn elements(&mut self, extension: usize, content: &'m [u8], behind: usize) {
        let [.., high, low] = content.len().to_be_bytes();
        let start = self.length;
        self.put(&[0, high, low]);
        let first = self.length;
        let after = core::mem::replace(&mut self.left, content);
        let list = self.vector(2);
        self.left = list;
        while !self.left.is_empty() {
            let most = IDENTITIES
                .saturating_sub(self.length.wrapping_sub(first))
                .min(self.room().saturating_sub(behind));
            if most < HEAD {
                break;
            }
            if extension == KEY_SHARE {
                self.keep(2);
                self.vector(2);
                continue;
            }
            let identity = self.vector(2);
            let most = if self.number(4) == 0 { most.saturating_sub(HEAD) } else { 0 };
            self.part(identity, most, behind);
        }
        self.left = after;
        self.set(start, usize::from(CUT_PART) | self.length.wrapping_sub(first));
    }
}

/// Bytes that are kept of an extension.
fn most(extension: usize) -> usize {
    match extension {
        SESSION_TICKET | COOKIE | PADDING => 0,
        // The group and the length of a server's share.
        KEY_SHARE => 4,
        // Later ones than key_share explain by being there: GREASE, encrypted hellos, drafts.
        later if later > KEY_SHARE => 1,
        _ => LIST,
    }
}
