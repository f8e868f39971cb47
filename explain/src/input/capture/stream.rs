//! One direction of a connection: its bytes in order, each once (RFC 9293 §3.4, §3.10.7.4).
//!
//! Bytes that arrive early wait: at most [`BUDGET`] in one stream and [`BUDGET_OF_ALL`] in all. Beyond that
//! the missing bytes before them are reported as a gap. So are bytes that the peer has acknowledged
//! although the capture lacks them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::packet::Segment;
use crate::input::capture_event::{CaptureEventKind, Position};

/// Limit on the bytes that wait in one stream.
const BUDGET: usize = 256 << 10;
/// Limit on the bytes that wait in all streams.
pub(super) const BUDGET_OF_ALL: usize = 16 << 20;
/// Overhead of a waiting segment in bytes.
const PIECE: usize = 128;

/// A distance in sequence numbers beyond which a segment belongs to another connection of the same ports.
const FAR: i64 = 16 << 20;

/// Packets may be captured out of order: acknowledged bytes may arrive so many packets later…
const PATIENCE_PACKETS: u64 = 8;
/// …or so much later, before they are reported as a gap.
const PATIENCE: Duration = Duration::from_millis(200);

/// Receives the events of one direction.
pub(super) type Tell<'t> = &'t mut dyn FnMut(Position, CaptureEventKind<'_>);

#[derive(Default)]
pub(super) struct Stream {
    /// Sequence number of the byte at `offset`, once it is known.
    next: Option<u32>,
    /// Number of bytes that were reported, gaps included.
    offset: i64,
    /// Segments that arrived early, by offset; they do not overlap.
    early: BTreeMap<i64, Piece>,
    waiting: usize,
    fin: Option<Fin>,
    /// Offset up to which the peer has acknowledged; the FIN counts as a byte.
    acknowledged: i64,
    /// Offset up to which that was reported.
    reported: i64,
    overdue: Option<Overdue>,
}

struct Piece {
    content: Content<Vec<u8>>,
    position: Position,
}

#[derive(Clone, Copy)]
enum Content<B> {
    Bytes(B),
    /// A gap of this many bytes that were not captured.
    Missing(i64),
}

struct Fin {
    offset: i64,
    position: Position,
    reported: bool,
}

/// When acknowledged bytes were first found missing.
struct Overdue {
    from: i64,
    packets: u64,
    at: Option<Duration>,
}

impl Stream {
    /// Number of bytes that were reported, gaps included.
    pub fn offset(&self) -> u64 {
        u64::try_from(self.offset).unwrap_or_default()
    }

    /// Whether the start of the stream is known.
    pub fn is_known(&self) -> bool {
        self.next.is_some()
    }

    /// Sets the sequence number of the next byte.
    pub fn begin(&mut self, sequence: u32) {
        self.next.get_or_insert(sequence);
    }

    /// Whether this is the sequence number of the SYN.
    pub fn begins_behind(&self, syn: u32) -> bool {
        self.position(syn.wrapping_add(1)) == Some(0)
    }

    /// Whether a number is too far away for this connection; `false` if that is not known.
    pub fn is_far(&self, sequence: u32) -> bool {
        self.position(sequence).is_some_and(|position| (position - self.offset).abs() > FAR)
    }

    /// Offset of a sequence number.
    fn position(&self, sequence: u32) -> Option<i64> {
        let distance = sequence.wrapping_sub(self.next?).cast_signed();
        Some(self.offset + i64::from(distance))
    }

    /// Handles the payload of a segment, of which `missing` bytes were not captured.
    pub fn receive(&mut self, segment: &Segment<'_>, position: Position, all: &mut usize, report: Tell<'_>) {
        // The SYN counts as a byte (RFC 9293 §3.4); data in the same segment follows it.
        let sequence = segment.sequence.wrapping_add(u32::from(segment.syn));
        let Some(start) = self.position(sequence).filter(|_| !self.is_far(sequence)) else { return };
        let bytes = Content::Bytes(segment.payload);
        if start <= self.offset && self.early.is_empty() {
            self.deliver(start, bytes, position, report);
        } else {
            self.keep(start, bytes, position, all);
        }
        let missing = Content::Missing(i64::try_from(segment.missing).unwrap_or(i64::MAX).min(FAR));
        self.keep(start + bytes.length(), missing, position, all);
        if segment.fin {
            self.finish_at(start + bytes.length() + missing.length(), position);
        }
        self.drain(all, report);
        while !self.early.is_empty() && (self.waiting > BUDGET || *all > BUDGET_OF_ALL) {
            self.give_up(all, report);
        }
    }

    /// Notes a FIN, which [`Stream::drain`] reports.
    pub fn finish(&mut self, segment: &Segment<'_>, position: Position) {
        let start = self.position(segment.sequence).filter(|_| segment.fin);
        if let Some(start) = start {
            self.finish_at(start + Content::Bytes(segment.payload).length(), position);
        }
    }

    /// Handles a FIN. One before the bytes that were reported is ignored, except for the one byte that it
    /// may have been mistaken for.
    fn finish_at(&mut self, offset: i64, position: Position) {
        if self.fin.is_none() && offset + 1 >= self.offset {
            self.fin = Some(Fin { offset: offset.max(self.offset), position, reported: false });
        }
    }

    /// The peer acknowledges everything before this number.
    pub fn acknowledge(&mut self, number: u32) {
        if let Some(offset) = self.position(number).filter(|_| !self.is_far(number)) {
            self.acknowledged = self.acknowledged.max(offset);
        }
    }

    /// Whether everything reported was acknowledged since the last call.
    pub fn is_newly_acknowledged(&mut self) -> bool {
        let is_new = self.acknowledged >= self.offset && self.offset > self.reported;
        if is_new {
            self.reported = self.offset;
        }
        is_new
    }

    /// Whether the peer has acknowledged the FIN.
    pub fn is_closed(&self) -> bool {
        self.fin.as_ref().is_some_and(|fin| fin.reported && self.acknowledged > fin.offset)
    }

    /// Reports a gap for bytes that were acknowledged long ago and are not in the capture. `packets`:
    /// number of packets of the connection.
    pub fn check_overdue(&mut self, packets: u64, position: Position, all: &mut usize, report: Tell<'_>) {
        let Some(end) = self.missing_up_to() else {
            self.overdue = None;
            return;
        };
        let since = match &self.overdue {
            Some(since) if since.from == self.offset => since,
            _ => {
                self.overdue = Some(Overdue { from: self.offset, packets, at: position.time });
                return;
            }
        };
        let waited =
            position.time.zip(since.at).map_or(Duration::ZERO, |(now, then)| now.saturating_sub(then));
        if packets - since.packets >= PATIENCE_PACKETS || waited >= PATIENCE {
            self.gap(end, position, all, report);
        }
    }

    /// Reports everything that waits, with gaps, at the end of the capture.
    pub fn flush(&mut self, position: Position, all: &mut usize, report: Tell<'_>) {
        while !self.early.is_empty() {
            self.give_up(all, report);
        }
        self.give_up(all, report);
        if let Some(end) = self.missing_up_to() {
            self.gap(end, position, all, report);
        }
    }

    /// Reports waiting bytes that are next, and the FIN after the last byte.
    pub fn drain(&mut self, all: &mut usize, report: Tell<'_>) {
        while let Some(first) = self.early.first_entry().filter(|first| *first.key() <= self.offset) {
            let (start, piece) = first.remove_entry();
            self.forget(&piece, all);
            let content = match &piece.content {
                Content::Bytes(bytes) => Content::Bytes(bytes.as_slice()),
                Content::Missing(count) => Content::Missing(*count),
            };
            self.deliver(start, content, piece.position, report);
        }
        if let Some(fin) = self.fin.as_mut().filter(|fin| !fin.reported && fin.offset <= self.offset) {
            fin.reported = true;
            let offset = u64::try_from(self.offset).unwrap_or_default();
            report(Position { offset, length: 0, ..fin.position }, CaptureEventKind::Fin);
            for piece in std::mem::take(&mut self.early).into_values() {
                self.forget(&piece, all);
            }
        }
    }

    fn forget(&mut self, piece: &Piece, all: &mut usize) {
        self.waiting = self.waiting.saturating_sub(piece.cost());
        *all = all.saturating_sub(piece.cost());
    }

    /// End of the bytes that were acknowledged and are not in the capture, if there are any. A single one
    /// at the end may be a FIN that is not in the capture.
    fn missing_up_to(&self) -> Option<i64> {
        let end = self.acknowledged.min(self.limit());
        let certain = if self.fin.is_none() && self.early.is_empty() { 1 } else { 0 };
        (end > self.offset + certain).then_some(end)
    }

    /// Nothing follows the FIN.
    fn limit(&self) -> i64 {
        self.fin.as_ref().map_or(i64::MAX, |fin| fin.offset)
    }

    /// Reports a gap before the first waiting segment, or before the FIN.
    fn give_up(&mut self, all: &mut usize, report: Tell<'_>) {
        let piece = self.early.first_key_value().map(|(start, piece)| (*start, piece.position));
        let fin = self.fin.as_ref().map(|fin| (fin.offset, fin.position));
        if let Some((end, position)) = piece.or(fin) {
            self.gap(end, position, all, report);
        }
    }

    /// Reports a gap up to `end`, or to the next waiting bytes.
    fn gap(&mut self, end: i64, position: Position, all: &mut usize, report: Tell<'_>) {
        let first = self.early.first_key_value().map_or(end, |(start, _)| end.min(*start));
        self.deliver(self.offset, Content::Missing(first - self.offset), position, report);
        self.drain(all, report);
    }

    /// Reports bytes that start at or before `offset`, without those that were reported.
    fn deliver(&mut self, start: i64, content: Content<&[u8]>, position: Position, report: Tell<'_>) {
        let (_, content) = content.split_at(self.offset - start);
        let (content, _) = content.split_at(self.limit() - self.offset);
        let count = content.length();
        if count == 0 {
            return;
        }
        let length = u64::try_from(count).unwrap_or_default();
        let position = Position { offset: self.offset(), length, ..position };
        match content {
            Content::Bytes(bytes) => report(position, CaptureEventKind::Bytes(bytes)),
            Content::Missing(_) => report(position, CaptureEventKind::Gap(length)),
        }
        self.offset += count;
        let step = u32::try_from(count & i64::from(u32::MAX)).unwrap_or_default();
        self.next = self.next.map(|next| next.wrapping_add(step));
    }

    /// Keeps bytes that arrived early; bytes that are kept already are not replaced.
    fn keep(&mut self, start: i64, content: Content<&[u8]>, position: Position, all: &mut usize) {
        let (_, mut left) = content.split_at(self.offset - start);
        let mut start = start.max(self.offset);
        (left, _) = left.split_at(self.limit() - start);
        while left.length() > 0 {
            let before = self.early.range(..=start).next_back();
            let covered = before.map_or(start, |(before, piece)| before + piece.content.length());
            let (_, rest) = left.split_at(covered - start);
            start = start.max(covered);
            let behind = self.early.range(start..).next().map_or(i64::MAX, |(behind, _)| *behind);
            let (content, rest) = rest.split_at(behind - start);
            left = rest;
            if content.length() > 0 {
                let piece = Piece { content: content.kept(), position };
                self.waiting += piece.cost();
                *all += piece.cost();
                start += piece.content.length();
                self.early.insert(start - piece.content.length(), piece);
            }
        }
    }
}

impl Piece {
    fn cost(&self) -> usize {
        PIECE
            + match &self.content {
                Content::Bytes(bytes) => bytes.len(),
                Content::Missing(_) => 0,
            }
    }
}

impl Content<Vec<u8>> {
    fn length(&self) -> i64 {
        match self {
            Content::Bytes(bytes) => i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            Content::Missing(count) => *count,
        }
    }
}

impl Content<&[u8]> {
    fn length(self) -> i64 {
        match self {
            Content::Bytes(bytes) => i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            Content::Missing(count) => count,
        }
    }

    /// Splits a gap at the nearest possible offset.
    fn split_at(self, at: i64) -> (Self, Self) {
        match self {
            Content::Bytes(bytes) => {
                let at = usize::try_from(at.max(0)).unwrap_or(usize::MAX).min(bytes.len());
                let (first, second) = bytes.split_at(at);
                (Content::Bytes(first), Content::Bytes(second))
            }
            Content::Missing(count) => {
                let at = at.clamp(0, count.max(0));
                (Content::Missing(at), Content::Missing(count - at))
            }
        }
    }

    fn kept(self) -> Content<Vec<u8>> {
        match self {
            Content::Bytes(bytes) => Content::Bytes(bytes.to_vec()),
            Content::Missing(count) => Content::Missing(count),
        }
    }
}
