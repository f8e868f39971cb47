//! What one end sends, cut into records and what is none (RFC 8446 §5.1, RFC 5246 §6.2.1).
//!
//! At most one record and one packet are held here, or [`PATIENCE`] bytes where it must be found
//! out whether and where records begin.

use std::collections::VecDeque;

use handclasp_codec::{ContentType, Decode, Field, RecordHeader};

use super::begin::{self, Begins, HEADER, Resumed};
use crate::input::capture_event::Position;

/// Bytes that are looked at for a place where records begin, or begin again.
const PATIENCE: usize = 1 << 16;

/// Bytes behind the header that a record may announce.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of application data.
    pub application_data: usize,
    /// Of all others.
    pub others: usize,
}

/// The bytes of one end.
#[derive(Debug)]
pub(super) struct Stream {
    buffer: Vec<u8>,
    /// Bytes of it that are done with.
    used: usize,
    /// Offset of the first byte in the buffer.
    base: u64,
    mode: Mode,
    arrivals: VecDeque<Arrival>,
    /// Behind the last byte of a hole that lies inside a record.
    hole: Option<u64>,
}

/// A packet, by the offset behind its last byte.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    end: u64,
    position: Position,
}

/// How the next bytes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Nothing has come.
    Start,
    /// It is to be found where records begin.
    Late,
    /// Records.
    Records,
    /// No TLS; so many bytes more it is looked for.
    Plain(usize),
    /// Behind a header that announces too much.
    TooLong,
    /// Nothing is read any more.
    Ended,
}

/// What was cut out.
#[derive(Debug)]
pub(super) enum Step {
    /// A record, whole.
    Record(Record),
    /// Bytes that are no TLS.
    Plain(Position, Vec<u8>),
    /// The header of a record that announces more than it may.
    TooLong(Position, u16),
}

/// A record.
#[derive(Debug)]
pub(super) struct Record {
    /// Where.
    pub position: Position,
    /// What it says it carries.
    pub content_type: ContentType,
    /// Header and payload.
    pub bytes: Vec<u8>,
    /// Bytes of it are missing from the capture.
    pub holed: bool,
}

impl Record {
    /// What stands behind the header.
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER..).unwrap_or_default()
    }

    /// How much that is.
    pub fn length(&self) -> u16 {
        u16::try_from(self.payload().len()).unwrap_or(u16::MAX)
    }
}

/// What is left when an end is over.
#[derive(Debug)]
pub(super) enum Left {
    /// A part of a record: its type, the bytes that it announces and all that is there.
    Record(Position, ContentType, u16, Vec<u8>),
    /// Bytes that are no TLS.
    Plain(Position, Vec<u8>),
    /// What follows a header that announces too much.
    TooLong(Vec<u8>),
}

impl Stream {
    pub fn new(late: bool) -> Self {
        let mode = if late { Mode::Late } else { Mode::Start };
        Self { buffer: Vec::new(), used: 0, base: 0, mode, arrivals: VecDeque::new(), hole: None }
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.buffer.len() + self.arrivals.len() * size_of::<Arrival>()
    }

    /// Whether records were read.
    pub fn speaks_tls(&self) -> bool {
        matches!(self.mode, Mode::Records | Mode::TooLong)
    }

    /// Whether nothing came yet from the beginning on.
    pub fn is_late(&self) -> bool {
        self.mode == Mode::Late
    }

    /// Takes the next bytes; [`Stream::step`] is to be called until it gives nothing.
    pub fn push(&mut self, position: Position, bytes: &[u8]) {
        self.buffer.drain(..self.used);
        self.base = self.at();
        self.used = 0;
        if self.buffer.is_empty() {
            self.base = position.offset;
            self.buffer.shrink_to(begin::LONGEST);
        }
        if self.mode == Mode::TooLong && self.buffer.len() >= PATIENCE {
            // Enough to see where records might follow; nothing that comes is looked at.
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

    /// So many bytes are missing here.
    pub fn gap(&mut self, position: Position, missing: u64) {
        let short = self.missing().filter(|short| u64::try_from(*short).is_ok_and(|short| short >= missing));
        if let (Some(_), Ok(zeros)) = (short, usize::try_from(missing)) {
            // The record's end is known, so that only this record is lost.
            self.push(position, &vec![0; zeros]);
            self.hole = Some(position.offset.saturating_add(missing));
            return;
        }
        self.buffer.clear();
        self.used = 0;
        if !matches!(self.mode, Mode::Plain(_) | Mode::Ended) {
            self.mode = Mode::Late;
        }
    }

    /// Bytes that the record at hand still lacks.
    fn missing(&self) -> Option<usize> {
        let (_, length) = begin::header(self.left()).filter(|_| self.mode == Mode::Records)?;
        (HEADER + length).checked_sub(self.left().len())
    }

    /// Nothing is read any more.
    pub fn end(&mut self) {
        self.mode = Mode::Ended;
        self.buffer.clear();
        self.used = 0;
    }

    fn left(&self) -> &[u8] {
        self.buffer.get(self.used..).unwrap_or_default()
    }

    /// The offset of the next byte.
    fn at(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.used).unwrap_or(u64::MAX))
    }

    /// Where so many bytes from `start` on stand.
    pub fn position(&self, start: u64, length: u64) -> Position {
        let end = start.saturating_add(length);
        let packet = self.arrivals.iter().find(|arrival| arrival.end >= end).or(self.arrivals.back());
        let Position { frame, time, .. } = packet.map(|arrival| arrival.position).unwrap_or_default();
        Position { frame, time, offset: start, length }
    }

    /// Takes so many bytes away, with their place.
    fn take(&mut self, count: usize) -> (Position, Vec<u8>) {
        let bytes = self.left().get(..count).unwrap_or(self.left()).to_vec();
        let position = self.position(self.at(), u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.used += bytes.len();
        (position, bytes)
    }

    /// The next thing that can be cut out; `other_speaks` tells that the other end speaks TLS.
    pub fn step(&mut self, limits: Limits, other_speaks: bool) -> Option<Step> {
        if self.left().is_empty() {
            return None;
        }
        match self.mode {
            Mode::Start => match begin::begins(self.left()) {
                Begins::Record => {
                    self.mode = Mode::Records;
                    self.record(limits)
                }
                Begins::OldHello(length) if self.left().len() >= length => {
                    self.mode = Mode::Records;
                    let (position, bytes) = self.take(length);
                    Some(Step::Plain(position, bytes))
                }
                Begins::OldHello(_) | Begins::Unclear => None,
                Begins::Other => {
                    self.mode = Mode::Plain(PATIENCE);
                    self.plain(limits, other_speaks)
                }
            },
            Mode::Late => self.resume(limits, other_speaks),
            Mode::Records => self.record(limits),
            Mode::Plain(_) => self.plain(limits, other_speaks),
            Mode::TooLong => {
                self.buffer.truncate(self.used + PATIENCE);
                None
            }
            Mode::Ended => {
                self.end();
                None
            }
        }
    }

    /// A record from here on.
    fn record(&mut self, limits: Limits) -> Option<Step> {
        if !begin::is_header(self.left()) {
            self.mode = Mode::Plain(PATIENCE);
            return self.plain(limits, false);
        }
        let header = RecordHeader::from_bytes(self.left().get(..HEADER)?, Field::record).ok()?;
        let limit = match header.content_type {
            ContentType::application_data => limits.application_data,
            // The registry is open.
            _ => limits.others,
        };
        if usize::from(header.length) > limit {
            let (position, _) = self.take(HEADER);
            self.mode = Mode::TooLong;
            return Some(Step::TooLong(position, header.length));
        }
        let whole = HEADER + usize::from(header.length);
        if self.left().len() < whole {
            return None;
        }
        let start = self.at();
        let (position, bytes) = self.take(whole);
        let holed = self.hole.is_some_and(|end| end > start);
        if self.hole.is_some_and(|end| end <= self.at()) {
            self.hole = None;
        }
        Some(Step::Record(Record { position, content_type: header.content_type, bytes, holed }))
    }

    /// No TLS, up to where some begins.
    fn plain(&mut self, limits: Limits, other_speaks: bool) -> Option<Step> {
        let Mode::Plain(patience) = self.mode else { return None };
        let (found, looked) = match patience {
            0 => (None, self.left().len()),
            _ => begin::find(self.left(), other_speaks),
        };
        self.mode = match found {
            Some(_) => Mode::Records,
            None => Mode::Plain(patience.saturating_sub(looked)),
        };
        if looked == 0 {
            // TLS begins right here; or it may, and more bytes will tell.
            return found.and_then(|_| self.record(limits));
        }
        let (position, bytes) = self.take(looked);
        Some(Step::Plain(position, bytes))
    }

    /// Where records begin again, or begin for this capture.
    fn resume(&mut self, limits: Limits, other_speaks: bool) -> Option<Step> {
        if begin::is_text(self.left()) {
            self.mode = Mode::Plain(PATIENCE);
            return self.plain(limits, other_speaks);
        }
        match begin::resume(self.left()) {
            Resumed::Party(at) => {
                self.used += at;
                self.mode = Mode::Records;
                return self.record(limits);
            }
            Resumed::Perhaps(at) if self.left().len() - at < PATIENCE => self.used += at,
            Resumed::Perhaps(_) | Resumed::Nowhere => self.used = self.buffer.len(),
        }
        None
    }

    /// What is left when this end says nothing more.
    pub fn finish(&mut self) -> Option<Left> {
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
            Mode::Records => Some(Left::Record(position, content_type, announced, bytes)),
            Mode::Start if begin::is_header(&bytes) => {
                Some(Left::Record(position, content_type, announced, bytes))
            }
            Mode::Start | Mode::Plain(_) => Some(Left::Plain(position, bytes)),
            Mode::TooLong => Some(Left::TooLong(bytes)),
            Mode::Late | Mode::Ended => None,
        }
    }
}
