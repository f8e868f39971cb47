//! Splits the stream of one sender into records and bytes that are not TLS (RFC 8446 §5.1, RFC 5246
//! §6.2.1).
//!
//! Holds one record and one packet at most, or [`SEARCH`] bytes while it looks for the place where
//! records begin.

use std::collections::VecDeque;

use handclasp_codec::{ContentType, Decode, Field, RecordHeader};

use super::record_start::{self, HEADER, Resync, StreamStart};
use crate::input::capture_event::Position;

/// Bytes that are searched for the place where records begin, or begin again.
const SEARCH: usize = 1 << 16;

/// Limits that apply to the length of the next record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes after the header of a record of application data.
    pub application_data: usize,
    /// Bytes after the header of any other record.
    pub others: usize,
}

/// The stream of one sender.
#[derive(Debug)]
pub(super) struct RecordSplitter {
    buffer: Vec<u8>,
    /// Bytes at the start of the buffer that were taken.
    used: usize,
    /// Offset in the stream of the first byte in the buffer.
    base: u64,
    mode: Mode,
    arrivals: VecDeque<Arrival>,
    /// End of a gap that lies inside a record: an offset in the stream.
    gap_end: Option<u64>,
}

/// A packet, by the offset after its last byte.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    end: u64,
    position: Position,
}

/// How the next bytes are interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// No byte has arrived.
    Start,
    /// Searching for a record header, after a gap or in a capture that begins late.
    Resync,
    /// Records follow each other.
    Records,
    /// Bytes that are not TLS; this many more bytes are searched for a hello.
    NotTls(usize),
    /// After a record header with a length beyond the limit.
    TooLong,
    /// The rest of the stream is ignored.
    Ended,
}

/// A piece of the stream.
#[derive(Debug)]
pub(super) enum Chunk {
    /// A complete record.
    Record(Record),
    /// Bytes that are not TLS.
    NotTls(Position, Vec<u8>),
    /// A record header with a length beyond the limit: its position and that length.
    TooLong(Position, u16),
}

/// A record.
#[derive(Debug)]
pub(super) struct Record {
    /// Position of the record, header included.
    pub position: Position,
    /// Content type of the header.
    pub content_type: ContentType,
    /// Header and payload.
    pub bytes: Vec<u8>,
    /// Whether bytes of the payload are missing from the capture; they are zero here.
    pub has_gap: bool,
}

impl Record {
    /// The bytes after the header.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER..).unwrap_or_default()
    }

    /// Length of the payload in bytes.
    pub fn length(&self) -> u16 {
        u16::try_from(self.payload().len()).unwrap_or(u16::MAX)
    }
}

/// The bytes that are left at the end of a stream.
#[derive(Debug)]
pub(super) enum Remainder {
    /// A truncated record: content type and length of its header, and all available bytes.
    Record(Position, ContentType, u16, Vec<u8>),
    /// Bytes that are not TLS.
    NotTls(Position, Vec<u8>),
    /// The bytes after a record header with a length beyond the limit.
    TooLong(Vec<u8>),
}

impl RecordSplitter {
    /// A splitter for an empty stream. `begins_late`: the capture lacks the start of the stream.
    pub fn new(begins_late: bool) -> Self {
        let mode = if begins_late { Mode::Resync } else { Mode::Start };
        Self { buffer: Vec::new(), used: 0, base: 0, mode, arrivals: VecDeque::new(), gap_end: None }
    }

    /// Bytes of memory in use.
    pub fn held(&self) -> usize {
        self.buffer.len() + self.arrivals.len() * size_of::<Arrival>()
    }

    /// Whether the stream contains records.
    pub fn speaks_tls(&self) -> bool {
        matches!(self.mode, Mode::Records | Mode::TooLong)
    }

    /// Whether the start of a record is being searched.
    pub fn is_resyncing(&self) -> bool {
        self.mode == Mode::Resync
    }

    /// Appends bytes. Then call [`RecordSplitter::next_chunk`] until it returns `None`.
    pub fn push(&mut self, position: Position, bytes: &[u8]) {
        self.buffer.drain(..self.used);
        self.base = self.at();
        self.used = 0;
        if self.buffer.is_empty() {
            self.base = position.offset;
            self.buffer.shrink_to(record_start::LONGEST);
        }
        if self.mode == Mode::TooLong && self.buffer.len() >= SEARCH {
            // Later bytes are not examined.
            return;
        }
        self.buffer.extend_from_slice(bytes);
        let end = position.offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.arrivals.push_back(Arrival { end, position });
        let base = self.base;
        while self.arrivals.len() > 1 && self.arrivals.front().is_some_and(|front| front.end <= base) {
            self.arrivals.pop_front();
        }
    }

    /// Notes that bytes are missing from the capture here.
    pub fn gap(&mut self, position: Position, missing: u64) {
        let short = self.missing().filter(|short| u64::try_from(*short).is_ok_and(|short| short >= missing));
        if let (Some(_), Ok(zeros)) = (short, usize::try_from(missing)) {
            // The end of the record is known, so only this record is lost.
            self.push(position, &vec![0; zeros]);
            self.gap_end = Some(position.offset.saturating_add(missing));
            return;
        }
        self.buffer.clear();
        self.used = 0;
        if !matches!(self.mode, Mode::NotTls(_) | Mode::Ended) {
            self.mode = Mode::Resync;
        }
    }

    /// Bytes that the current record lacks.
    fn missing(&self) -> Option<usize> {
        let (_, length) = record_start::header(self.left()).filter(|_| self.mode == Mode::Records)?;
        (HEADER + length).checked_sub(self.left().len())
    }

    /// Ignores the rest of the stream.
    pub fn end(&mut self) {
        self.mode = Mode::Ended;
        self.buffer.clear();
        self.used = 0;
    }

    fn left(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// Offset in the stream of the next byte.
    fn at(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.used).unwrap_or(u64::MAX))
    }

    /// The position of `length` bytes from offset `start` on.
    pub fn position(&self, start: u64, length: u64) -> Position {
        let end = start.saturating_add(length);
        let packet = self.arrivals.iter().find(|arrival| arrival.end >= end).or(self.arrivals.back());
        let Position { frame, time, .. } = packet.map(|arrival| arrival.position).unwrap_or_default();
        Position { frame, time, offset: start, length }
    }

    /// Removes the next `count` bytes, and returns them with their position.
    fn take(&mut self, count: usize) -> (Position, Vec<u8>) {
        let bytes = self.left().get(..count).unwrap_or(self.left()).to_vec();
        let position = self.position(self.at(), u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.used += bytes.len();
        (position, bytes)
    }

    /// The next piece of the stream, if it is complete. `peer_speaks_tls`: the other direction contains
    /// records.
    pub fn next_chunk(&mut self, limits: Limits, peer_speaks_tls: bool) -> Option<Chunk> {
        if self.left().is_empty() {
            return None;
        }
        match self.mode {
            Mode::Start => match record_start::stream_start(self.left()) {
                StreamStart::Record => {
                    self.mode = Mode::Records;
                    self.record(limits)
                }
                StreamStart::Ssl2Hello(length) if self.left().len() >= length => {
                    self.mode = Mode::Records;
                    let (position, bytes) = self.take(length);
                    Some(Chunk::NotTls(position, bytes))
                }
                StreamStart::Ssl2Hello(_) | StreamStart::Incomplete => None,
                StreamStart::NotTls => {
                    self.mode = Mode::NotTls(SEARCH);
                    self.not_tls(limits, peer_speaks_tls)
                }
            },
            Mode::Resync => self.resync(limits, peer_speaks_tls),
            Mode::Records => self.record(limits),
            Mode::NotTls(_) => self.not_tls(limits, peer_speaks_tls),
            Mode::TooLong => {
                self.buffer.truncate(self.used + SEARCH);
                None
            }
            Mode::Ended => {
                self.end();
                None
            }
        }
    }

    /// The record that starts here.
    fn record(&mut self, limits: Limits) -> Option<Chunk> {
        if !record_start::is_header(self.left()) {
            self.mode = Mode::NotTls(SEARCH);
            return self.not_tls(limits, false);
        }
        let header = RecordHeader::from_bytes(self.left().get(..HEADER)?, Field::record).ok()?;
        let limit = match header.content_type {
            ContentType::application_data => limits.application_data,
            _ => limits.others,
        };
        if usize::from(header.length) > limit {
            let (position, _) = self.take(HEADER);
            self.mode = Mode::TooLong;
            return Some(Chunk::TooLong(position, header.length));
        }
        let whole = HEADER + usize::from(header.length);
        if self.left().len() < whole {
            return None;
        }
        let start = self.at();
        let (position, bytes) = self.take(whole);
        let has_gap = self.gap_end.is_some_and(|end| end > start);
        if self.gap_end.is_some_and(|end| end <= self.at()) {
            self.gap_end = None;
        }
        Some(Chunk::Record(Record { position, content_type: header.content_type, bytes, has_gap }))
    }

    /// Bytes that are not TLS, up to the first hello.
    fn not_tls(&mut self, limits: Limits, peer_speaks_tls: bool) -> Option<Chunk> {
        let Mode::NotTls(remaining) = self.mode else { return None };
        let (found, examined) = match remaining {
            0 => (None, self.left().len()),
            _ => record_start::find(self.left(), peer_speaks_tls),
        };
        self.mode = match found {
            Some(_) => Mode::Records,
            None => Mode::NotTls(remaining.saturating_sub(examined)),
        };
        if examined == 0 {
            // TLS begins here, or more bytes are needed to decide.
            return found.and_then(|_| self.record(limits));
        }
        let (position, bytes) = self.take(examined);
        Some(Chunk::NotTls(position, bytes))
    }

    /// Searches for the first record after a gap, or in a capture that begins late.
    fn resync(&mut self, limits: Limits, peer_speaks_tls: bool) -> Option<Chunk> {
        if record_start::is_text(self.left()) {
            self.mode = Mode::NotTls(SEARCH);
            return self.not_tls(limits, peer_speaks_tls);
        }
        match record_start::resync(self.left()) {
            Resync::At(at) => {
                self.used += at;
                self.mode = Mode::Records;
                return self.record(limits);
            }
            Resync::Possible(at) if self.left().len() - at < SEARCH => self.used += at,
            Resync::Possible(_) | Resync::NotFound => self.used = self.buffer.len(),
        }
        None
    }

    /// The bytes that are left at the end of the stream.
    pub fn finish(&mut self) -> Option<Remainder> {
        let mode = std::mem::replace(&mut self.mode, Mode::Ended);
        let all = self.left().len();
        if all == 0 && mode != Mode::TooLong {
            return None;
        }
        let (position, bytes) = self.take(all);
        let content_type = ContentType(bytes.first().copied().unwrap_or_default());
        let announced = match bytes.as_slice() {
            [_, _, _, high, low, ..] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        match mode {
            Mode::Records => Some(Remainder::Record(position, content_type, announced, bytes)),
            Mode::Start if record_start::is_header(&bytes) => {
                Some(Remainder::Record(position, content_type, announced, bytes))
            }
            Mode::Start | Mode::NotTls(_) => Some(Remainder::NotTls(position, bytes)),
            Mode::TooLong => Some(Remainder::TooLong(bytes)),
            Mode::Resync | Mode::Ended => None,
        }
    }
}
