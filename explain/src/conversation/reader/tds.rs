//! TLS inside the packets of TDS (MS-TDS §2.2.6.5, §3.2.5.2): after PRELOGIN both sides wrap their handshake in
//! packets of that type; from the first record after it TLS runs bare. The headers of these packets are
//! removed here, so that the rest reads a stream of records.

use super::ConversationReader;
use crate::input::capture_event::{Position, Side};

/// Bytes of the header of a packet.
const HEADER: usize = 8;
/// Bytes that tell a packet with TLS from another: the header, and the start of a record.
const DECIDES: usize = HEADER + 2;
/// Types of packets.
const PRELOGIN: u8 = 0x12;
const TABULAR_RESULT: u8 = 0x04;

/// Whether a client's first bytes are PRELOGIN: type, status, length, two bytes of zero, packet number, zero,
/// and the first option.
fn is_prelogin(bytes: &[u8]) -> bool {
    matches!(bytes, [PRELOGIN, 0 | 1, _, _, 0, 0, _, 0, 0..=6, ..])
}

impl ConversationReader {
    /// Reads the next bytes of a sender, without the headers of TDS.
    pub(super) fn bytes(&mut self, from: Side, position: Position, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if from == Side::Client && position.offset == 0 && is_prelogin(bytes) {
            self.client.tds = Some(TdsUnwrapper::default());
            self.server.tds = Some(TdsUnwrapper::default());
        }
        let pieces = self.direction_mut(from).tds.as_mut().map(|tds| tds.unwrap(bytes));
        match pieces {
            None => self.direction_mut(from).stream.push(position, bytes),
            Some(pieces) => pieces.into_iter().for_each(|piece| self.push_unwrapped(from, position, piece)),
        }
        self.read_records(from);
    }

    /// Appends bytes without the headers of TDS; their offset is that in the stream without headers.
    fn push_unwrapped(&mut self, from: Side, position: Position, (offset, bytes): (u64, Vec<u8>)) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.direction_mut(from).stream.push(Position { offset, length, ..position }, &bytes);
    }

    /// Reads the bytes that wait for the rest of a header of TDS, at the end of a stream.
    pub(super) fn flush_tds(&mut self, from: Side) {
        if let Some(rest) = self.direction_mut(from).tds.as_mut().and_then(TdsUnwrapper::finish) {
            self.push_unwrapped(from, Position::default(), rest);
            self.read_records(from);
        }
    }
}

/// Removes the headers of packets with TLS from the stream of one sender.
#[derive(Debug, Default)]
pub(super) struct TdsUnwrapper {
    state: State,
    /// A packet of this sender contained TLS.
    has_tls: bool,
    /// Offset of the next byte in the stream without headers.
    offset: u64,
}

#[derive(Debug)]
enum State {
    /// Between packets, with the first bytes of the next one.
    Header(Vec<u8>),
    /// Inside a packet: the number of bytes that it lacks.
    Payload(usize),
    /// TLS runs bare, or the stream is not TDS.
    Bare,
}

impl Default for State {
    fn default() -> Self {
        Self::Header(Vec::new())
    }
}

impl TdsUnwrapper {
    /// The bytes without the headers of packets with TLS: each piece with its offset in that stream.
    pub fn unwrap(&mut self, mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            match &mut self.state {
                State::Bare => {
                    let piece = std::mem::take(&mut bytes).to_vec();
                    self.give(piece, &mut pieces);
                }
                State::Payload(left) => {
                    let (piece, rest) = bytes.split_at((*left).min(bytes.len()));
                    *left -= piece.len();
                    if *left == 0 {
                        self.state = State::default();
                    }
                    bytes = rest;
                    self.give(piece.to_vec(), &mut pieces);
                }
                State::Header(begin) => {
                    let (more, rest) = bytes.split_at((DECIDES.saturating_sub(begin.len())).min(bytes.len()));
                    begin.extend_from_slice(more);
                    bytes = rest;
                    self.decide(&mut pieces);
                }
            }
        }
        pieces
    }

    /// Decides what the next packet is, once its first bytes are there.
    fn decide(&mut self, pieces: &mut Vec<(u64, Vec<u8>)>) {
        let State::Header(begin) = &mut self.state else { return };
        let length = match begin.as_slice() {
            [PRELOGIN | TABULAR_RESULT, 0 | 1, high, low, ..] => {
                Some(usize::from(u16::from_be_bytes([*high, *low]))).filter(|length| *length >= DECIDES)
            }
            [PRELOGIN | TABULAR_RESULT] | [PRELOGIN | TABULAR_RESULT, 0 | 1, ..] => return,
            _ => None,
        };
        let Some(length) = length else {
            let begin = std::mem::take(begin);
            self.state = State::Bare;
            return self.give(begin, pieces);
        };
        if begin.len() < DECIDES {
            return;
        }
        let begins_record = matches!(begin.get(HEADER..), Some([20..=23, 3]));
        let is_tls = begins_record || self.has_tls && begin.first() == Some(&PRELOGIN);
        let begin = std::mem::take(begin);
        self.has_tls |= is_tls;
        self.state = match length - DECIDES {
            0 => State::default(),
            left => State::Payload(left),
        };
        let start = if is_tls { HEADER } else { 0 };
        self.give(begin.get(start..).unwrap_or_default().to_vec(), pieces);
    }

    fn give(&mut self, piece: Vec<u8>, pieces: &mut Vec<(u64, Vec<u8>)>) {
        let offset = self.offset;
        self.offset = offset.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        match pieces.last_mut() {
            Some((_, last)) => last.extend_from_slice(&piece),
            None => pieces.push((offset, piece)),
        }
    }

    /// Skips bytes that are missing from the capture. Where the next packet starts is unknown after them.
    pub fn skip(&mut self, missing: u64) {
        self.offset = self.offset.saturating_add(missing);
        self.state = match self.state {
            State::Payload(left) if u64::try_from(left).is_ok_and(|left| left > missing) => {
                State::Payload(left - usize::try_from(missing).unwrap_or(left))
            }
            State::Header(_) | State::Payload(_) | State::Bare => State::Bare,
        };
    }

    /// The bytes that wait for the rest of their header, at the end of the stream.
    pub fn finish(&mut self) -> Option<(u64, Vec<u8>)> {
        let State::Header(begin) = std::mem::replace(&mut self.state, State::Bare) else { return None };
        (!begin.is_empty()).then_some((self.offset, begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &[u8] = &[0x16, 3, 1, 0, 4, 1, 0, 0, 0];

    fn packet(kind: u8, status: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len() + HEADER).unwrap().to_be_bytes();
        [&[kind, status], &length[..], &[0, 0, 1, 0], payload].concat()
    }

    /// The stream without headers, fed in pieces of `size` bytes.
    fn unwrapped(stream: &[u8], size: usize) -> Vec<u8> {
        let mut unwrapper = TdsUnwrapper::default();
        let mut all = Vec::new();
        for bytes in stream.chunks(size) {
            for (offset, piece) in unwrapper.unwrap(bytes) {
                assert_eq!(offset, u64::try_from(all.len()).unwrap());
                all.extend(piece);
            }
        }
        all.extend(unwrapper.finish().map(|(_, rest)| rest).unwrap_or_default());
        all
    }

    #[test]
    fn headers_of_packets_with_tls_are_removed_and_others_stay() {
        let options = [0, 0, 6, 0, 6, 0xff, 0, 0, 0, 0, 0, 0];
        let prelogin = packet(PRELOGIN, 1, &options);
        // A flight in two packets, the second of which continues a record.
        let (first, second) = HELLO.split_at(4);
        let bare = [0x17, 3, 3, 0, 2, 9, 9];
        let stream =
            [&prelogin[..], &packet(PRELOGIN, 0, first), &packet(PRELOGIN, 1, second), &bare, &[1, 1, 0, 9]]
                .concat();
        let expected = [&prelogin[..], HELLO, &bare, &[1, 1, 0, 9]].concat();
        for size in [1, 2, 7, 9, 10, 64, 1000] {
            assert_eq!(unwrapped(&stream, size), expected, "in pieces of {size}");
        }
        assert!(is_prelogin(&prelogin));
    }

    #[test]
    fn a_server_may_answer_in_the_type_of_results() {
        let stream =
            [packet(TABULAR_RESULT, 1, &[0, 0, 6, 0, 6, 0xff]), packet(TABULAR_RESULT, 1, HELLO)].concat();
        assert!(unwrapped(&stream, 5).ends_with(HELLO));
        assert!(!unwrapped(&stream, 5).ends_with(&packet(TABULAR_RESULT, 1, HELLO)));
    }

    #[test]
    fn other_streams_pass_unchanged() {
        for stream in [&b"GET / HTTP/1.1\r\n"[..], HELLO, &[0x12, 1, 0, 2, 9, 9], &[0x12], &[0x12, 1, 0]] {
            assert_eq!(unwrapped(stream, 3), stream);
        }
    }
}
