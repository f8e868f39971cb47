//! Records (RFC 8446 §5.1, RFC 5246 §6.2.1): their boundaries and content.

use std::ops::Range;

use handclasp_codec::{Alert, ContentType, Decode, Field, HandshakeType, Reader, RecordHeader};

use super::{AfterGap, Decoded, Defect, DirectionState, DissectedMessage, MessageKind};
use crate::conversation::field_tree::{Content, Node, Recorder};

const HEADER: usize = 5;
/// 2^14 bytes, and the expansion by protection in TLS 1.2.
const LONGEST: usize = (1 << 14) + 2048;

/// Whether a record seems to start here: content type and version are plausible.
pub(crate) fn looks_like_record(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=26, 3, 0..=4, ..] | [20..=26, 3] | [20..=26])
}

/// Whether a handshake message seems to start here: a known type, and the version of a hello or a length
/// that fits exactly.
pub(super) fn looks_like_handshake(bytes: &[u8]) -> bool {
    let [msg_type, high, middle, low, rest @ ..] = bytes else { return false };
    let length = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
    match HandshakeType(*msg_type) {
        HandshakeType::client_hello | HandshakeType::server_hello => {
            *high == 0 && matches!(rest, [3, 0..=4, ..])
        }
        known if known.name().is_some() && *msg_type != 0 => length > 0 && length == rest.len(),
        _ => false,
    }
}

impl Decoded {
    /// A stream: records, or handshake messages without records.
    pub(super) fn stream(&mut self, range: Range<usize>, direction: &mut DirectionState) {
        let mut at = range.start;
        while at < range.end {
            let left = at..range.end;
            let bytes = self.slice(&left);
            if looks_like_record(bytes) {
                at = self.record(left, direction);
            } else if looks_like_handshake(bytes) {
                self.defects.push(Defect::NoRecordHeader { at });
                self.content(ContentType::handshake, left, direction, None);
                return;
            } else {
                self.nodes.push(Node::bytes(super::NOT_TLS, left.clone()));
                self.defects.push(Defect::NotTls { range: left });
                return;
            }
        }
    }

    /// Decodes the record at the start of `range`. Returns where the next one starts.
    fn record(&mut self, range: Range<usize>, direction: &mut DirectionState) -> usize {
        let header = range.start..range.end.min(range.start + HEADER);
        let mut recorder = Recorder::default();
        let read = {
            let bytes = self.bytes.get(header.clone()).unwrap_or_default();
            RecordHeader::decode(&mut Reader::at(bytes, header.start, &mut recorder))
        };
        let mut node = Node { children: recorder.finish(), ..Node::structure("record", header.clone()) };
        let Ok(read) = read else {
            node.problem = Some("truncated: a record header has five bytes".to_owned());
            self.nodes.push(node);
            self.defects.push(match direction.missing {
                0 => Defect::RecordTruncated { header, announced: 0, available: 0 },
                _ => Defect::RecordNotShown { header, announced: 0, available: 0 },
            });
            return range.end;
        };
        let announced = usize::from(read.length);
        let end = range.end.min(header.end + announced);
        let payload = header.end..end;
        node.range.end = end;
        if announced > LONGEST {
            node.problem = Some(format!("a record has at most {LONGEST} bytes"));
            self.defects.push(Defect::RecordTooLong { header: header.clone(), announced });
        } else if payload.len() < announced {
            node.problem = Some(format!("announces {announced} bytes, but {} are present", payload.len()));
            let (header, available) = (header.clone(), payload.len());
            self.defects.push(match direction.missing {
                0 => Defect::RecordTruncated { header, announced, available },
                _ => Defect::RecordNotShown { header, announced, available },
            });
            direction.after_gap = AfterGap::After(announced - available);
        }
        self.nodes.push(node);
        let first = self.nodes.len();
        self.content(read.content_type, payload, direction, Some(header));
        // The nodes of the content belong to the record.
        let inside: Vec<Node> = self.nodes.drain(first..).collect();
        if let Some(record) = self.nodes.last_mut() {
            record.children.extend(inside);
        }
        end
    }

    /// Decodes the content of a record.
    pub(super) fn content(
        &mut self,
        content: ContentType,
        range: Range<usize>,
        direction: &mut DirectionState,
        header: Option<Range<usize>>,
    ) {
        if range.is_empty() {
            return;
        }
        match content {
            ContentType::handshake => self.handshake(range, direction, header),
            ContentType::alert => self.alert(range, direction),
            ContentType::change_cipher_spec => {
                direction.changed = true;
                self.nodes.push(Node::bytes("change_cipher_spec", range));
            }
            ContentType::application_data => self.nodes.push(Node::bytes("protected", range)),
            // Heartbeat and other content types are not interpreted.
            _ => self.nodes.push(Node::bytes("fragment", range)),
        }
    }

    fn alert(&mut self, range: Range<usize>, direction: &DirectionState) {
        let mut recorder = Recorder::default();
        let bytes = self.slice(&range).to_vec();
        let alert = Alert::decode(&mut Reader::at(&bytes, range.start, &mut recorder));
        match alert {
            Ok(alert) if bytes.len() == 2 => {
                self.nodes.extend(recorder.finish());
                self.messages.push(DissectedMessage {
                    kind: MessageKind::Alert(alert.level.0, alert.description.0),
                    range,
                    bytes,
                    whole: true,
                    header: None,
                    error: None,
                });
            }
            _ if direction.changed && bytes.len() > 2 => {
                self.nodes.push(Node::bytes("protected alert", range))
            }
            _ => {
                let problem = Some(format!("an alert has two bytes, this one has {}", bytes.len()));
                self.nodes.push(Node { problem, ..Node::bytes("alert", range.clone()) });
                self.defects.push(Defect::AlertLength { range });
            }
        }
    }
}

/// Maps the ranges of a message that spans records to the input; `map` gives the offset of a byte.
pub(super) fn moved(node: &mut Node, map: &impl Fn(usize) -> usize) {
    node.walk_mut(&mut |node| {
        let Range { start, end } = node.range;
        // The end is after its last byte, not before the next one: a record header may be between them.
        let after = |end: usize| end.checked_sub(1).map_or_else(|| map(0), |last| map(last) + 1);
        node.range = if end > start { map(start)..after(end) } else { after(start)..after(start) };
    });
}

/// The node of a message, with its type as value.
pub(super) fn named(msg_type: HandshakeType) -> Node {
    let value = Content::Name(u32::from(msg_type.0), msg_type.name());
    Node { value, field: Some(Field::handshake), ..Node::structure("handshake", 0..0) }
}
