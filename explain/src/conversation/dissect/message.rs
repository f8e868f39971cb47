//! Handshake messages: taken from the content of records, reassembled from fragments, and decoded field by
//! field (RFC 8446 §4, §5.1).

use std::ops::Range;

use handclasp_codec::{Context, DecodeError, Field, HandshakeType, Malformed, Problem, Reader, Trace};

use super::record::{moved, named};
use super::{Decoded, Defect, DirectionState, DissectedMessage, MessageKind};
use crate::conversation::DecodeFailure;
use crate::conversation::field_tree::{Content, Node, Recorder};

const HEADER: usize = 4;

/// An incomplete message: its bytes, and the range of each fragment.
#[derive(Debug)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    pieces: Vec<Range<usize>>,
    header: Option<Range<usize>>,
    /// Where its node will be inserted.
    position: InsertionPoint,
}

impl Pending {
    /// Number of bytes that are missing: of the header, then of the message.
    fn wanted(&self) -> usize {
        announced(&self.bytes).unwrap_or(HEADER).saturating_sub(self.bytes.len())
    }
}

/// Where the node of an incomplete message will be inserted.
#[derive(Clone, Copy, Debug)]
struct InsertionPoint {
    /// Index of the top-level node in which it starts.
    top: usize,
    in_record: bool,
}

/// Length of the message that starts here, header included.
fn announced(bytes: &[u8]) -> Option<usize> {
    let [_, high, middle, low, ..] = bytes else { return None };
    Some(HEADER + (usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low)))
}

/// Whether these are complete messages of known types and nothing else, which protected bytes are not.
pub(crate) fn is_plain(mut bytes: &[u8]) -> bool {
    while let Some(length) = announced(bytes) {
        let known = bytes.first().is_some_and(|msg_type| HandshakeType(*msg_type).name().is_some());
        let Some(rest) = bytes.get(length..).filter(|_| known) else { return false };
        bytes = rest;
    }
    bytes.is_empty()
}

/// Whether a message starts here: one of a known type, or one that is not longer than these bytes.
pub(crate) fn is_known(bytes: &[u8]) -> bool {
    let known = bytes.first().is_some_and(|msg_type| HandshakeType(*msg_type).name().is_some());
    known || announced(bytes).is_none_or(|length| length <= bytes.len())
}

impl Decoded {
    /// The content of a handshake record, or messages without a record.
    pub(super) fn handshake(
        &mut self,
        range: Range<usize>,
        direction: &mut DirectionState,
        header: Option<Range<usize>>,
    ) {
        if direction.changed && direction.pending.is_none() && !is_plain(self.slice(&range)) {
            self.nodes.push(Node::bytes("protected handshake", range));
            return;
        }
        let mut at = range.start;
        if let Some(mut pending) = direction.pending.take() {
            self.headers.extend(header.clone());
            let start = at;
            while at < range.end && pending.wanted() > 0 {
                let piece = at..range.end.min(at + pending.wanted());
                pending.bytes.extend(self.slice(&piece));
                at = piece.end;
            }
            pending.pieces.push(start..at);
            self.nodes.push(Node::bytes("fragment (continued)", start..at));
            if pending.wanted() > 0 {
                direction.pending = Some(pending);
                return;
            }
            self.finished(pending);
        }
        let in_record = header.is_some();
        let mut header = header.filter(|header| header.end == at);
        while at < range.end {
            let left = at..range.end;
            let length = announced(self.slice(&left));
            let position = InsertionPoint { top: self.top(in_record), in_record };
            match length.filter(|length| *length <= left.len()) {
                Some(length) => {
                    let piece = at..at + length;
                    let bytes = self.slice(&piece).to_vec();
                    let (node, message) = self.read(&bytes, &[piece], header.take());
                    self.nodes.push(node);
                    self.messages.push(message);
                    at += length;
                }
                None => {
                    let bytes = self.slice(&left).to_vec();
                    let pending = Pending { bytes, pieces: vec![left], header: header.take(), position };
                    direction.pending = Some(pending);
                    return;
                }
            }
        }
    }

    /// Index of the top-level node in use: the last record, or the next node.
    fn top(&self, in_record: bool) -> usize {
        let record = self.nodes.iter().rposition(is_record).filter(|_| in_record);
        record.unwrap_or(self.nodes.len())
    }

    /// Decodes a message whose last fragment has arrived.
    fn finished(&mut self, pending: Pending) {
        let (node, message) = self.read(&pending.bytes, &pending.pieces, pending.header);
        self.position(pending.position, node);
        self.messages.push(message);
    }

    /// Decodes a message that the input truncates.
    pub(super) fn unfinished(&mut self, pending: Pending) {
        let start = pending.pieces.first().map_or(0, |piece| piece.start);
        let msg_type = HandshakeType(pending.bytes.first().copied().unwrap_or_default());
        let announced = announced(&pending.bytes).map_or(0, |length| length - HEADER);
        let available = pending.bytes.len().saturating_sub(HEADER);
        let header = start..start + pending.bytes.len().min(HEADER);
        self.defects.push(Defect::MessageTruncated { msg_type, header, announced, available });
        self.finished(pending);
    }

    fn position(&mut self, position: InsertionPoint, node: Node) {
        match self.nodes.get_mut(position.top) {
            Some(record) if position.in_record && is_record(record) => {
                record.children.push(node);
            }
            _ => self.nodes.insert(position.top.min(self.nodes.len()), node),
        }
    }

    /// Decodes a message, complete or truncated.
    fn read(
        &mut self,
        bytes: &[u8],
        pieces: &[Range<usize>],
        header: Option<Range<usize>>,
    ) -> (Node, DissectedMessage) {
        let msg_type = HandshakeType(bytes.first().copied().unwrap_or_default());
        let mut recorder = Recorder::default();
        let outcome = fields(bytes, self.context, &mut recorder);
        let map = |offset: usize| place_of(pieces, offset);
        let end = pieces.last().map_or(0, |piece| piece.end);
        let range = pieces.first().map_or(0, |piece| piece.start)..end;

        let slot = recorder.slot;
        let children = recorder.finish();
        let read = children.last().map_or(0, |last| last.range.end);
        let rest =
            (outcome.is_err() && read < bytes.len()).then(|| Node::bytes("not decoded", read..bytes.len()));
        let mut node = Node { range: 0..bytes.len(), children, ..named(msg_type) };
        moved(&mut node, &map);
        let error = outcome.err().map(|malformed| {
            let mut failure = DecodeFailure::new(malformed, &slot);
            let offset = usize::try_from(failure.error.offset).unwrap_or(usize::MAX);
            let offset = if offset < bytes.len() { map(offset) } else { end };
            failure.error.offset = u32::try_from(offset).unwrap_or(u32::MAX);
            failure
        });
        if let Some(failure) = &error {
            mark(&mut node, &failure.error, failure.to_string());
        }
        node.children.extend(rest.map(|mut rest| {
            moved(&mut rest, &map);
            rest
        }));
        if error.is_none() {
            self.learn(msg_type, bytes.get(HEADER..).unwrap_or_default());
        }
        let whole = pieces.len() == 1;
        let kind = MessageKind::Handshake(msg_type);
        (node, DissectedMessage { kind, range, bytes: bytes.to_vec(), whole, header, error })
    }
}

/// Decodes header and body. An error comes with its structure; the offset that the trace gets counts from
/// the header.
pub(crate) fn fields<T: Trace>(
    bytes: &[u8],
    context: Context,
    trace: &mut T,
) -> Result<(), (Field, Malformed)> {
    let within = |field| move |malformed| (field, malformed);
    let mut reader = Reader::new(bytes, trace);
    let msg_type: HandshakeType = reader.word(Field::msg_type).map_err(within(Field::handshake))?;
    let length = reader.u24(Field::length).map_err(within(Field::handshake))?;
    let structure = message_field(msg_type);
    handclasp_codec::dissect(msg_type, context, &mut reader).map_err(within(structure))?;
    let there = bytes.len().saturating_sub(HEADER);
    if usize::try_from(length).is_ok_and(|length| length > there) {
        let numbers = [length, u32::try_from(there).unwrap_or(u32::MAX), 0];
        return Err((structure, reader.error_at(HEADER, Field::body, Problem::Truncated, numbers)));
    }
    Ok(())
}

/// A complete message as a tree; ranges count from its header.
pub(crate) fn tree(bytes: &[u8], context: Context) -> Node {
    let msg_type = HandshakeType(bytes.first().copied().unwrap_or_default());
    let mut recorder = Recorder::default();
    let outcome = fields(bytes, context, &mut recorder);
    let slot = recorder.slot;
    let children = recorder.finish();
    let read = children.last().map_or(0, |last| last.range.end);
    let mut node = Node { range: 0..bytes.len(), children, ..named(msg_type) };
    if let Err(malformed) = outcome {
        let failure = DecodeFailure::new(malformed, &slot);
        mark(&mut node, &failure.error, failure.to_string());
        if read < bytes.len() {
            node.children.push(Node::bytes("not decoded", read..bytes.len()));
        }
    }
    node
}

fn is_record(node: &Node) -> bool {
    node.name == "record"
}

/// The structure of a message's body.
fn message_field(msg_type: HandshakeType) -> Field {
    match msg_type {
        HandshakeType::client_hello => Field::client_hello,
        HandshakeType::server_hello => Field::server_hello,
        HandshakeType::certificate => Field::certificate,
        HandshakeType::server_key_exchange => Field::server_key_exchange,
        HandshakeType::client_key_exchange => Field::client_key_exchange,
        HandshakeType::certificate_verify => Field::certificate_verify,
        HandshakeType::certificate_request => Field::certificate_request,
        HandshakeType::encrypted_extensions => Field::encrypted_extensions,
        HandshakeType::new_session_ticket => Field::new_session_ticket,
        HandshakeType::finished => Field::finished,
        // The structure of other messages is not known.
        _ => Field::handshake,
    }
}

/// Offset in the input of a byte of a message.
fn place_of(pieces: &[Range<usize>], offset: usize) -> usize {
    let mut left = offset;
    for piece in pieces {
        if left < piece.len() {
            return piece.start + left;
        }
        left -= piece.len();
    }
    pieces.last().map_or(0, |piece| piece.end + left)
}

/// Attaches an error to the field that it names, or to the innermost structure that was being decoded.
fn mark(node: &mut Node, error: &DecodeError, text: String) {
    let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
    let blames = |child: &Node| child.field == Some(error.field) && child.range.start <= offset;
    if node.children.last().is_some_and(|last| matches!(last.value, Content::Structure) && !blames(last))
        && let Some(last) = node.children.last_mut()
    {
        return mark(last, error, text);
    }
    match node.children.last_mut() {
        Some(last) if blames(last) => last.problem = Some(text),
        _ => node.problem = Some(text),
    }
}
