//! Events of a conversation.

use std::fmt;

use handclasp_codec::{
    AlertDescription, AlertLevel, ContentType, Decode, DecodeError, ErrorSlot, Field, HandshakeType,
    Malformed,
};
use handclasp_report::Named;

use crate::input::capture_event::{Position, Side};

/// One event of a conversation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The sender.
    pub from: Side,
    /// Offset and length in the sender's stream; frame and time of the last byte.
    pub position: Position,
    /// The message, alert, record or transport event.
    pub kind: EventKind,
}

/// The kind of an event, with its contents.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// The client's SYN.
    Syn,
    /// The server's SYN with ACK.
    SynAck,
    /// An ACK of all data that the peer has sent; kept only as the last event of a conversation.
    Acknowledged,
    /// A gap: the number of bytes that are missing from the capture.
    Gap(u64),
    /// FIN: the sender closed its direction.
    Fin,
    /// RST: the sender aborted the connection.
    Reset,
    /// A complete handshake message.
    Handshake(Message),
    /// An alert, sent in plaintext or decrypted.
    Alert {
        /// AlertLevel (RFC 8446 §6).
        level: AlertLevel,
        /// AlertDescription (RFC 8446 §6).
        description: AlertDescription,
        /// Whether it was protected, and decrypted here.
        protected: bool,
    },
    /// A change_cipher_spec record.
    ChangeCipherSpec,
    /// A protected record that was not decrypted.
    Protected(ProtectedRecord),
    /// Consecutive records of application data from one sender: decrypted, or recognised by the
    /// content type of TLS 1.2.
    ApplicationData {
        /// Number of records.
        records: u64,
        /// Bytes of plaintext, or of ciphertext if not decrypted.
        bytes: u64,
        /// Whether the records were decrypted.
        decrypted: bool,
        /// Early data: the client sent it before the server's answer (RFC 8446 §2.3).
        early: bool,
        /// The first 64 bytes of plaintext at most; empty if not decrypted.
        prefix: Vec<u8>,
    },
    /// A record with content that is not interpreted: heartbeat, an unknown content type, a content
    /// type that is not allowed here, or empty content.
    Record {
        /// Content type; that of TLSInnerPlaintext if decrypted (RFC 8446 §5.2).
        content_type: ContentType,
        /// Bytes of content.
        length: u16,
        /// Whether it was protected, and decrypted here.
        protected: bool,
    },
    /// Consecutive bytes from one sender that are not TLS records: another protocol, STARTTLS, a proxy
    /// request, or the ClientHello of SSL 2. Records after them are events of their own.
    NotTls {
        /// The first 512 bytes at most.
        prefix: Vec<u8>,
    },
    /// An error in the sender's stream. Nothing of the stream is interpreted after it.
    Error(StreamError),
}

/// A complete handshake message.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// HandshakeType of the header.
    pub msg_type: HandshakeType,
    /// Header and body, reassembled from the records.
    pub bytes: Vec<u8>,
    /// Whether it was protected, and decrypted here.
    pub protected: bool,
    /// Number of records that it spans.
    pub records: u32,
    /// Bytes of content of the longest of these records.
    pub longest_record: u16,
    /// Why it does not decode, with an offset into `bytes`.
    pub error: Option<DecodeFailure>,
}

/// Why a message does not decode. `Display` names the field, its offset, what was expected and found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The structure of the message.
    pub within: Field,
    /// Field, problem and offset.
    pub error: DecodeError,
    /// The numbers of the problem, as [`handclasp_codec::Problem`] lists them.
    pub numbers: Option<[u32; 3]>,
}

impl DecodeFailure {
    /// The error that a decoder left in its slot.
    pub(crate) fn new((within, malformed): (Field, Malformed), slot: &ErrorSlot) -> Self {
        let error = slot.error(malformed);
        Self { within, error, numbers: slot.numbers(error) }
    }
}

impl fmt::Display for DecodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Named((self.error, self.numbers)).fmt(f)
    }
}

/// A protected record that was not decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProtectedRecord {
    /// Content type of the record header.
    pub content_type: ContentType,
    /// Bytes after the record header.
    pub length: u16,
    /// Why it was not decrypted.
    pub reason: UndecryptedReason,
}

/// Why a record was not decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UndecryptedReason {
    /// No keys for it are known.
    NoKeys,
    /// The keys for it are known, and its authentication fails.
    NotAuthentic,
    /// The cipher suite is not supported here.
    UnknownSuite,
}

/// An error in the stream of one sender.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamError {
    /// A record header with a length beyond the limit of the protocol.
    RecordTooLong {
        /// Length in the header.
        announced: u16,
        /// Bytes after the header at which a sequence of well-formed records starts.
        next_at: Option<u32>,
        /// Bytes after the header, 64 KiB at most: less than `announced` if the length is wrong.
        available: u32,
    },
    /// The stream or the capture ends inside a record.
    RecordTruncated {
        /// Content type of the record header.
        content_type: ContentType,
        /// Length in the header.
        announced: u16,
        /// Bytes after the header.
        available: u32,
        /// Header and available bytes, 16 KiB at most.
        bytes: Vec<u8>,
    },
    /// The stream ends inside a handshake message, after a complete record.
    MessageTruncated {
        /// HandshakeType of the header.
        msg_type: HandshakeType,
        /// Length in the header.
        announced: u32,
        /// Header and available bytes, 16 KiB at most.
        bytes: Vec<u8>,
    },
}

impl EventKind {
    /// The handshake message, if it is one.
    pub fn message(&self) -> Option<&Message> {
        let Self::Handshake(message) = self else { return None };
        Some(message)
    }

    /// The protected record that was not decrypted, if it is one.
    pub fn protected_record(&self) -> Option<&ProtectedRecord> {
        let Self::Protected(record) = self else { return None };
        Some(record)
    }

    /// The first bytes, if they are not TLS.
    pub fn not_tls(&self) -> Option<&[u8]> {
        let Self::NotTls { prefix } = self else { return None };
        Some(prefix)
    }

    /// The error in the sender's stream, if it is one.
    pub fn stream_error(&self) -> Option<&StreamError> {
        let Self::Error(error) = self else { return None };
        Some(error)
    }

    /// Whether it was protected, and decrypted here.
    pub fn is_decrypted(&self) -> bool {
        let alert = matches!(self, Self::Alert { protected: true, .. });
        let data = matches!(self, Self::ApplicationData { decrypted: true, .. });
        alert || data || self.message().is_some_and(|message| message.protected)
    }

    /// Whether it was protected, decrypted or not.
    pub fn is_protected(&self) -> bool {
        self.is_decrypted() || matches!(self, Self::Protected(_) | Self::ApplicationData { .. })
    }

    /// Whether it is a record or message of TLS, complete or not; otherwise it is an event of TCP, or
    /// another protocol.
    pub fn is_tls(&self) -> bool {
        match self {
            Self::Handshake(_)
            | Self::Alert { .. }
            | Self::ChangeCipherSpec
            | Self::Protected(_)
            | Self::ApplicationData { .. }
            | Self::Record { .. }
            | Self::Error(_) => true,
            Self::Syn
            | Self::SynAck
            | Self::Acknowledged
            | Self::Gap(_)
            | Self::Fin
            | Self::Reset
            | Self::NotTls { .. } => false,
        }
    }

    /// Bytes of content that it holds.
    pub(crate) fn holds(&self) -> usize {
        match self {
            Self::Handshake(message) => message.bytes.len(),
            Self::NotTls { prefix } | Self::ApplicationData { prefix, .. } => prefix.len(),
            Self::Error(
                StreamError::RecordTruncated { bytes, .. } | StreamError::MessageTruncated { bytes, .. },
            ) => bytes.len(),
            Self::Error(StreamError::RecordTooLong { .. })
            | Self::Syn
            | Self::SynAck
            | Self::Acknowledged
            | Self::Gap(_)
            | Self::Fin
            | Self::Reset
            | Self::Alert { .. }
            | Self::ChangeCipherSpec
            | Self::Protected(_)
            | Self::Record { .. } => 0,
        }
    }
}

impl Message {
    /// The body: all bytes after the header.
    pub fn body(&self) -> &[u8] {
        self.bytes.get(4..).unwrap_or_default()
    }

    /// Decodes the body as the structure `M`. `None`: it does not decode.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// use handclasp_codec::{HandshakeType, ServerHello};
    /// use handclasp_explain::{Side, explain_bytes};
    ///
    /// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
    /// let conversation = &explanation.conversations[0].conversation;
    /// let found = conversation.first(Side::Server, HandshakeType::server_hello);
    /// let hello: Option<ServerHello> = found.and_then(|found| found.message.decode());
    /// assert!(hello.is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn decode<'a, M: Decode<'a>>(&'a self) -> Option<M> {
        M::from_bytes(self.body(), Field::body).ok()
    }
}
