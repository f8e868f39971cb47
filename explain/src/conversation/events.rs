//! The story of one conversation: what was read, in the order in which it happened. Rules ask
//! it questions; the ladder prints it.
//!
//! Messages are kept as bytes and decoded when somebody asks, so that nothing stands twice. The
//! memory is bounded: `reading` stops keeping, not counting, at the limits that stand there.

mod ask;
pub use ask::Found;
mod ending;
mod event_kind;

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, DecodeError, Field, HandshakeType};

pub use crate::input::capture_event::{Position, Side};
pub(crate) use ending::is_fatal;
pub use ending::{Ending, Stage};

/// The story of one conversation.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Conversation {
    /// The client's address and port, as text; empty where nothing tells.
    pub client: String,
    /// The server's.
    pub server: String,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What trying keys has shown.
    pub unsealed: Unsealed,
    /// The capture begins in the middle: no SYN and no beginning of TLS.
    pub begins_late: bool,
    /// Items that were not kept because there were too many.
    pub dropped: u64,
}

/// One thing in a story.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// Whose.
    pub from: Side,
    /// Where it begins; its frame and time are those of its last byte.
    pub position: Position,
    /// What.
    pub kind: EventKind,
}

/// What it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// SYN.
    Opened,
    /// SYN and ACK.
    Accepted,
    /// All that the other end sent is acknowledged; kept only where it is the last word.
    Acknowledged,
    /// Bytes that the capture lacks.
    Gap(u64),
    /// FIN.
    Fin,
    /// RST.
    Reset,
    /// A handshake message, whole.
    Handshake(Message),
    /// An alert that could be read.
    Alert {
        /// How bad.
        level: AlertLevel,
        /// Why.
        description: AlertDescription,
        /// It came protected, and keys opened it.
        protected: bool,
    },
    /// A change_cipher_spec.
    ChangeCipherSpec,
    /// A protected record that nothing opened.
    Sealed(Sealed),
    /// Application data that keys opened, or that TLS 1.2 marks as such: records in a row of one
    /// end are one item.
    ApplicationData {
        /// Records.
        records: u64,
        /// Bytes of content, or of what seals it.
        bytes: u64,
        /// Whether keys opened it.
        opened: bool,
        /// The client sent it before the server answered (RFC 8446 §2.3).
        early: bool,
        /// How it begins, where it was opened: 64 bytes at most.
        begins: Vec<u8>,
    },
    /// A record whose content is nothing to read here: heartbeat, an unknown type, a type that
    /// may not stand there, nothing at all.
    Record {
        /// Its type; the inner one where keys opened it.
        content_type: ContentType,
        /// Bytes of its content.
        length: u16,
        /// It came protected, and keys opened it.
        protected: bool,
    },
    /// Bytes that are no TLS: all of an end's turn. Where TLS begins behind them (STARTTLS, a proxy
    /// that is asked, the ClientHello of SSL 2), its records follow as items.
    Foreign {
        /// How they begin: 512 bytes at most.
        begins: Vec<u8>,
    },
    /// What ends the reading of this end.
    Broken(Broken),
}

/// A handshake message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// Which.
    pub msg_type: HandshakeType,
    /// Header and body, joined.
    pub bytes: Vec<u8>,
    /// It came protected, and keys opened it.
    pub protected: bool,
    /// Records that it lies in.
    pub records: u32,
    /// The longest content among them.
    pub longest_record: u16,
    /// What does not parse: within which structure, and the error, whose offset counts in `bytes`.
    pub error: Option<(Field, DecodeError)>,
}

/// A protected record that nothing opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// Its outer type.
    pub content_type: ContentType,
    /// Bytes behind the header.
    pub length: u16,
    /// Why it is closed.
    pub why: Closed,
}

/// Why a record is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// There are no keys for it.
    NoKeys,
    /// There are keys that opened the record before it, or ought to open this first one, and its
    /// authentication fails.
    NotAuthentic,
    /// The suite is none that can be opened here.
    UnknownSuite,
}

/// What cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// A record announces more than the protocol permits.
    TooLong {
        /// Bytes announced.
        announced: u16,
        /// Bytes after which something that looks like the next record really begins.
        next_at: Option<u32>,
        /// Bytes that came behind the header, 64 KiB at most: less than announced where the length
        /// is a lie, as many or more where the record may really be so long.
        available: u32,
    },
    /// The stream ends (or the capture does) inside a record.
    Cut {
        /// What the record carries.
        content_type: ContentType,
        /// Bytes announced behind its header.
        announced: u16,
        /// Bytes there.
        available: u32,
        /// The bytes there, its header in front: 16 KiB at most.
        bytes: Vec<u8>,
    },
    /// The stream ends inside a handshake message whose records are whole.
    MessageCut {
        /// Which message.
        msg_type: HandshakeType,
        /// Bytes announced behind its header.
        announced: u32,
        /// The bytes there, its header in front: 16 KiB at most.
        bytes: Vec<u8>,
    },
}

/// What trying keys has shown.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Unsealed {
    /// Where the keys came from that opened something.
    pub by: Option<KeySource>,
    /// The client's first protected flight, or its binder, under the candidates.
    pub psk: Option<PskTrial>,
    /// verify_data of the client's Finished, recomputed: right or wrong; `None` if not seen.
    pub client_finished: Option<bool>,
    /// The same of the server's.
    pub server_finished: Option<bool>,
    /// The key log was given, and has a line for this client_random.
    pub key_log_fits: Option<bool>,
    /// The key log has no line for this client_random, but one that differs in so many bits, at
    /// most 8.
    pub key_log_near: Option<u32>,
    /// Encrypt-then-MAC as it was negotiated, in CBC suites.
    pub etm_negotiated: Option<bool>,
    /// Encrypt-then-MAC as the client's records really have it.
    pub etm_client: Option<bool>,
    /// Encrypt-then-MAC as the server's records really have it.
    pub etm_server: Option<bool>,
    /// extended_master_secret as the client's Finished really has it, where a pre-shared key tells.
    pub ems_client: Option<bool>,
    /// Records that opened under another number than their own: some are missing in front of them,
    /// or came twice. 16 are kept.
    pub jumps: Vec<Jump>,
    /// Lines of the key log that do not parse, counted from 1; 16 are kept.
    pub malformed_lines: Vec<usize>,
}

/// A record that opened under another number than its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jump {
    /// Whose.
    pub from: Side,
    /// Where.
    pub position: Position,
    /// The number that it should have after the records that were seen.
    pub expected: u64,
    /// The number that it has.
    pub found: u64,
}

/// Where keys came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The key log.
    KeyLog,
    /// A pre-shared key that was typed.
    Psk,
}

/// How the candidates did. Only plain PSK of TLS 1.2 and binders of TLS 1.3 can be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PskTrial {
    /// Whether these messages permit a trial at all.
    pub possible: bool,
    /// Readings tried, over all candidates.
    pub tried: usize,
    /// What the client used, where a reading fits: index of the candidate, name of the reading.
    pub client: Option<(usize, &'static str)>,
    /// Index of the identity whose binder that is, in TLS 1.3.
    pub identity: Option<usize>,
    /// What the server used, where its own protected records show it.
    pub server: Option<(usize, &'static str)>,
    /// The other readings of the same candidate, with the bytes that each has: what the server may
    /// have read.
    pub others: Vec<(&'static str, usize)>,
}
