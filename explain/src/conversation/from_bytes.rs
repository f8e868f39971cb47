//! From bytes without packets to a conversation: each part is assigned to one side and read as a capture
//! is, so that every rule applies to it too. Only an alert shows how such a conversation ended.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use handclasp_codec::{ContentType, HandshakeType};

use crate::conversation::Conversation;
use crate::conversation::dissect::{Decoded, DissectedMessage, MessageKind, record};
use crate::conversation::reader::{ConversationReader, Secrets};
use crate::input::capture_event::{CaptureEvent, CaptureEventKind, Position, Side};
use crate::input::evidence::Evidence;
use crate::input::{Direction, Form, Part};

/// A record holds at most this much content (RFC 8446 §5.1).
const CONTENT: usize = 1 << 14;
const HEADER: usize = 5;

/// Bytes of one end, in one piece.
struct Piece {
    from: Side,
    range: Range<usize>,
    form: Form,
}

/// The conversation in these parts.
pub(crate) fn conversation(found: &Decoded, parts: &[Part], evidence: &Evidence) -> Conversation {
    let secrets = Rc::new(Secrets::new(evidence));
    let mut reading = ConversationReader::new(secrets, String::new(), String::new(), false);
    let mut sent = Sent::default();
    let gaps = gaps(parts);
    for piece in pieces(found, parts, &gaps) {
        let bytes = found.slice(&piece.range);
        match piece.form {
            Form::Stream => sent.say(&mut reading, piece.from, bytes, piece.range.start),
            Form::Content(content) => {
                let mut at = piece.range.start;
                for fragment in bytes.chunks(CONTENT) {
                    let length = u16::try_from(fragment.len()).unwrap_or_default().to_be_bytes();
                    let header = [content.0, 3, 3, length[0], length[1]];
                    // The header stands nowhere: it is counted to the content's first byte.
                    sent.say(&mut reading, piece.from, &header, at);
                    sent.say(&mut reading, piece.from, fragment, at);
                    at += fragment.len();
                }
            }
        }
        if let Some(missing) = gaps.get(&piece.range.end) {
            sent.leave_out(&mut reading, piece.from, *missing, piece.range.end);
        }
    }
    let mut conversation = reading.finish();
    for item in &mut conversation.events {
        item.position.offset = sent.in_input(item.from, item.position.offset);
    }
    conversation
}

/// How many bytes are missing after an offset, for each part that leaves some out.
fn gaps(parts: &[Part]) -> BTreeMap<usize, u64> {
    let mut end = 0;
    let mut gaps = BTreeMap::new();
    for part in parts {
        end += part.bytes.len();
        if part.missing > 0 && !part.bytes.is_empty() {
            gaps.insert(end, u64::try_from(part.missing).unwrap_or(u64::MAX));
        }
    }
    gaps
}

/// What each end has sent so far: where its bytes stand in the input.
#[derive(Default)]
struct Sent {
    /// End, offset in what it sent, offset in the input.
    runs: Vec<(Side, u64, u64)>,
    client: u64,
    server: u64,
}

impl Sent {
    fn say(&mut self, reading: &mut ConversationReader, from: Side, bytes: &[u8], at: usize) {
        let sent = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        let (offset, length) = (*sent, u64::try_from(bytes.len()).unwrap_or_default());
        *sent = offset.saturating_add(length);
        self.runs.push((from, offset, u64::try_from(at).unwrap_or_default()));
        let position = Position { frame: None, time: None, offset, length };
        reading.on_event(&CaptureEvent { from, position, kind: CaptureEventKind::Bytes(bytes) });
    }

    /// Bytes that the input leaves out.
    fn leave_out(&mut self, reading: &mut ConversationReader, from: Side, missing: u64, at: usize) {
        let sent = match from {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        let offset = *sent;
        *sent = offset.saturating_add(missing);
        self.runs.push((from, offset, u64::try_from(at).unwrap_or_default()));
        let position = Position { frame: None, time: None, offset, length: missing };
        reading.on_event(&CaptureEvent { from, position, kind: CaptureEventKind::Gap(missing) });
    }

    /// Where a byte of that end's stands in the input.
    fn in_input(&self, from: Side, offset: u64) -> u64 {
        let begun = |run: &&(Side, u64, u64)| run.0 == from && run.1 <= offset;
        let run = self.runs.iter().rev().find(begun);
        run.map_or(offset, |(_, begins, at)| at.saturating_add(offset.saturating_sub(*begins)))
    }
}

/// All parts, cut where the end changes.
fn pieces(found: &Decoded, parts: &[Part], gaps: &BTreeMap<usize, u64>) -> Vec<Piece> {
    let messages = Senders::of(found);
    let sender = sender_of_sent(&messages, parts);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut last = Side::Client;
    let mut changed = [false; 2];
    let mut start = 0;
    for part in parts {
        let range = start..start + part.bytes.len();
        start = range.end;
        let records = match part.form {
            Form::Stream => records(found, &range),
            Form::Content(_) => vec![range],
        };
        for range in records {
            let told = match part.direction {
                Some(Direction::Sent) => sender,
                Some(Direction::Received) => sender.map(Side::other),
                None => None,
            };
            let content_type = content_type(found, &range, part.form);
            let change = content_type == Some(ContentType::change_cipher_spec);
            let [client, server] = &mut changed;
            let has_changed = |of| if of == Side::Client { *client } else { *server };
            let from = told.or_else(|| messages.in_range(&range)).unwrap_or_else(|| match content_type {
                // What came last is what an alert answers.
                Some(ContentType::alert) => last.other(),
                Some(ContentType::change_cipher_spec) if has_changed(last) => last.other(),
                _ => last,
            });
            last = from;
            match from {
                Side::Client => *client |= change,
                Side::Server => *server |= change,
            }
            match pieces.last_mut() {
                Some(piece)
                    if piece.from == from
                        && piece.range.end == range.start
                        && piece.form == part.form
                        && !gaps.contains_key(&range.start) =>
                {
                    piece.range.end = range.end;
                }
                _ => pieces.push(Piece { from, range, form: part.form }),
            }
        }
    }
    pieces
}

/// The side whose program wrote a dump that says what it sent and what it received.
pub(crate) fn writer(found: &Decoded, parts: &[Part]) -> Option<Side> {
    sender_of_sent(&Senders::of(found), parts)
}

/// Which end made a dump that says what it sent and what it received.
fn sender_of_sent(messages: &Senders, parts: &[Part]) -> Option<Side> {
    let mut start = 0;
    for part in parts {
        let range = start..start + part.bytes.len();
        start = range.end;
        if let (Some(direction), Some(side)) = (part.direction, messages.in_range(&range)) {
            return Some(match direction {
                Direction::Sent => side,
                Direction::Received => side.other(),
            });
        }
    }
    None
}

/// The ranges of the records of a stream; what is none is one range to the end.
fn records(found: &Decoded, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut records = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let bytes = found.slice(&(at..range.end));
        let end = match bytes {
            [_, _, _, high, low, ..] if record::looks_like_record(bytes) => {
                let length = usize::from(*high) << 8 | usize::from(*low);
                range.end.min(at + HEADER + length)
            }
            _ => range.end,
        };
        records.push(at..end);
        at = end;
    }
    records
}

/// Where messages begin that only one end sends, and which.
struct Senders(BTreeMap<usize, Side>);

impl Senders {
    fn of(found: &Decoded) -> Self {
        let sender = |message: &DissectedMessage| match message.kind {
            MessageKind::Handshake(msg_type) => sender(msg_type),
            MessageKind::Alert(..) => None,
        };
        Self(
            found
                .messages
                .iter()
                .filter_map(|message| Some((message.range.start, sender(message)?)))
                .collect(),
        )
    }

    /// Whose message begins in that range.
    fn in_range(&self, range: &Range<usize>) -> Option<Side> {
        self.0.range(range.clone()).next().map(|(_, side)| *side)
    }
}

/// The only end that sends such a message.
fn sender(msg_type: HandshakeType) -> Option<Side> {
    match msg_type {
        HandshakeType::client_hello
        | HandshakeType::client_key_exchange
        | HandshakeType::end_of_early_data => Some(Side::Client),
        HandshakeType::server_hello
        | HandshakeType::hello_request
        | HandshakeType::encrypted_extensions
        | HandshakeType::certificate_request
        | HandshakeType::server_key_exchange
        | HandshakeType::server_hello_done
        | HandshakeType::new_session_ticket
        | HandshakeType::certificate_status => Some(Side::Server),
        // Either end may send the others.
        _ => None,
    }
}

fn content_type(found: &Decoded, range: &Range<usize>, form: Form) -> Option<ContentType> {
    match form {
        Form::Stream => found.slice(range).first().copied().map(ContentType),
        Form::Content(content) => Some(content),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conversation::dissect, input};

    /// The ends of the pieces of a pasted text, with their lengths.
    fn dealt(text: &str) -> Vec<(Side, usize)> {
        let parts = input::hex::parse(text).unwrap();
        let found = dissect::dissect(&parts);
        pieces(&found, &parts, &gaps(&parts))
            .into_iter()
            .map(|piece| (piece.from, piece.range.len()))
            .collect()
    }

    fn vector(name: &str) -> String {
        std::fs::read_to_string(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn an_alert_behind_a_hello_is_the_answer() {
        let dealt = dealt(&vector("refused.hex"));
        assert_eq!(dealt.iter().map(|(side, _)| *side).collect::<Vec<_>>(), [Side::Client, Side::Server]);
        assert_eq!(dealt.last(), Some(&(Side::Server, 7)));
    }

    #[test]
    fn one_direction_is_of_one_end() {
        assert!(matches!(dealt(&vector("server-flight12.hex"))[..], [(Side::Server, _)]));
        assert!(matches!(dealt(&vector("correct.hex"))[..], [(Side::Client, _)]));
    }

    #[test]
    fn marks_of_openssl_tell_the_ends() {
        let dealt = dealt(&vector("openssl-msg-12.txt"));
        assert_eq!(dealt.first().map(|(side, _)| *side), Some(Side::Client));
        assert!(dealt.iter().any(|(side, _)| *side == Side::Server));
    }
}
