//! Splits bytes into records, messages and fields, with the codec. Notes what is wrong and continues, as
//! far as the framing permits.

pub(crate) mod message;
pub(crate) mod record;

use std::ops::Range;

use handclasp_codec::{
    CipherSuite, Context, Decode as _, Field, HandshakeType, ProtocolVersion, ServerHelloOrRetry,
};

pub(crate) use message::{fields, is_known, is_plain};

use crate::conversation::DecodeFailure;
use crate::conversation::field_tree::Node;
use crate::input::{Direction, Form, Part};

/// Name of the node for bytes that are not TLS.
pub(crate) const NOT_TLS: &str = "not TLS";

/// Everything decoded from an input.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// The bytes of all parts, joined. All ranges refer to them.
    pub bytes: Vec<u8>,
    /// Trees of records and messages, in order.
    pub nodes: Vec<Node>,
    /// Handshake messages and alerts, in order.
    pub messages: Vec<DissectedMessage>,
    /// Defects of the framing.
    pub defects: Vec<Defect>,
    /// Record headers between the fragments of a message.
    pub headers: Vec<Range<usize>>,
    context: Context,
}

/// A handshake message or an alert.
#[derive(Debug)]
pub(crate) struct DissectedMessage {
    /// Type of the message, or level and description of the alert.
    pub kind: MessageKind,
    /// Range in the input, from its first byte to its last, with record headers between.
    pub range: Range<usize>,
    /// Its bytes, header included, without record headers between fragments.
    pub bytes: Vec<u8>,
    /// Whether it is in one record.
    pub whole: bool,
    /// The record header before it, if it is the first message of that record.
    pub header: Option<Range<usize>>,
    /// Why it does not decode, with the offset in the input.
    pub error: Option<DecodeFailure>,
}

/// Kind of a [`DissectedMessage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageKind {
    /// A handshake message.
    Handshake(HandshakeType),
    /// An alert: level and description.
    Alert(u8, u8),
}

/// A defect of the framing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// A handshake message without a record header.
    NoRecordHeader {
        /// Offset of the message.
        at: usize,
    },
    /// A record with fewer bytes than its header announces.
    RecordTruncated {
        /// The record header.
        header: Range<usize>,
        /// Length in the header.
        announced: usize,
        /// Bytes after the header.
        available: usize,
    },
    /// A record of which the input has the beginning, and says that it left the rest out.
    RecordNotShown {
        /// The record header.
        header: Range<usize>,
        /// Length in the header.
        announced: usize,
        /// Bytes after the header.
        available: usize,
    },
    /// A record longer than RFC 8446 §5.2 and RFC 5246 §6.2.3 permit.
    RecordTooLong {
        /// The record header.
        header: Range<usize>,
        /// Length in the header.
        announced: usize,
    },
    /// A handshake message with fewer bytes than its header announces.
    MessageTruncated {
        /// HandshakeType of the header.
        msg_type: HandshakeType,
        /// The message header.
        header: Range<usize>,
        /// Length in the header.
        announced: usize,
        /// Bytes after the header.
        available: usize,
    },
    /// An alert that is not two bytes long.
    AlertLength {
        /// The content of the record.
        range: Range<usize>,
    },
    /// Bytes that are not TLS.
    NotTls {
        /// The bytes up to the end of the part.
        range: Range<usize>,
    },
}

/// State of one direction.
#[derive(Debug, Default)]
struct DirectionState {
    /// A change_cipher_spec was sent: what follows is probably protected.
    changed: bool,
    /// An incomplete handshake message.
    pending: Option<message::Pending>,
    /// Bytes that the input leaves out after the part that is read.
    missing: usize,
    /// Where the next record begins after bytes that were left out.
    after_gap: AfterGap,
}

/// Where the next record begins.
#[derive(Clone, Copy, Debug, Default)]
enum AfterGap {
    /// After this many bytes: the rest of a record.
    After(usize),
    /// Unknown: a record boundary is missing.
    Unknown,
    /// At the next byte.
    #[default]
    Here,
}

/// Dissects all parts.
pub(crate) fn dissect(parts: &[Part]) -> Decoded {
    let mut found = Decoded::default();
    let mut directions = [DirectionState::default(), DirectionState::default(), DirectionState::default()];
    for part in parts {
        let start = found.bytes.len();
        found.bytes.extend(&part.bytes);
        let range = start..found.bytes.len();
        let direction = match part.direction {
            None => &mut directions[0],
            Some(Direction::Sent) => &mut directions[1],
            Some(Direction::Received) => &mut directions[2],
        };
        match part.form {
            Form::Stream => {
                direction.missing = part.missing;
                let range = found.rest_of_record(range, direction);
                found.stream(range, direction);
                found.leave_out(direction);
            }
            Form::Content(content) => found.content(content, range, direction, None),
        }
    }
    for pending in directions.into_iter().filter_map(|direction| direction.pending) {
        found.unfinished(pending);
    }
    found
}

impl Decoded {
    /// Bytes of the input.
    pub fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    /// Takes the rest of a record whose middle is missing off the start of a part.
    fn rest_of_record(&mut self, range: Range<usize>, direction: &mut DirectionState) -> Range<usize> {
        let length = match direction.after_gap {
            AfterGap::Here => return range,
            AfterGap::After(rest) => {
                direction.after_gap = match rest.checked_sub(range.len()) {
                    Some(left) if left > 0 => AfterGap::After(left),
                    _ => AfterGap::Here,
                };
                rest.min(range.len())
            }
            AfterGap::Unknown if record::looks_like_record(self.slice(&range)) => {
                direction.after_gap = AfterGap::Here;
                0
            }
            AfterGap::Unknown => range.len(),
        };
        let start = range.start + length;
        if length > 0 {
            self.nodes.push(Node::bytes("rest of a record", range.start..start));
        }
        start..range.end
    }

    /// Notes that bytes are missing after a part. A message that they belong to stays incomplete.
    fn leave_out(&mut self, direction: &mut DirectionState) {
        let missing = std::mem::take(&mut direction.missing);
        if missing == 0 {
            return;
        }
        direction.after_gap = match direction.after_gap {
            AfterGap::After(rest) if rest >= missing => AfterGap::After(rest - missing),
            _ => AfterGap::Unknown,
        };
        if let Some(pending) = direction.pending.take() {
            self.unfinished(pending);
        }
    }

    /// Notes what a ServerHello negotiates.
    fn learn(&mut self, msg_type: HandshakeType, body: &[u8]) {
        if msg_type != HandshakeType::server_hello {
            return;
        }
        let (version, suite): (ProtocolVersion, CipherSuite) =
            match ServerHelloOrRetry::from_bytes(body, Field::body) {
                Ok(ServerHelloOrRetry::ServerHello(hello)) => {
                    let chosen = hello.extensions.supported_versions.map(|chosen| chosen.selected_version);
                    (chosen.unwrap_or(hello.legacy_version), hello.cipher_suite)
                }
                Ok(ServerHelloOrRetry::HelloRetryRequest(retry)) => {
                    (ProtocolVersion::TLS_1_3, retry.cipher_suite)
                }
                Err(_) => return,
            };
        self.context = Context { version: Some(version), cipher_suite: Some(suite) };
    }

    /// The negotiated parameters that decide how later messages are decoded.
    pub fn context(&self) -> Context {
        self.context
    }
}

/// Whether a record or a handshake message seems to start here.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    record::looks_like_record(bytes) || record::looks_like_handshake(bytes)
}
