//! [`Report`]: the story of one connection, in one buffer of fixed length that is also its
//! encoding. No heap; what does not fit is cut at a whole element, and marked.
//!
//! Layout, version 1: `H`, version, whose report it is, number of notes dropped, length of
//! all that follows (two bytes); then the notes: one byte of tag with two flags, one of
//! length, the bytes. Room is kept back so that long offers can never push out the choices,
//! nor anything the fault.

mod tag;

use core::fmt;

use handclasp_codec::CodePoint;

use crate::{Fault, encode};
use tag::Shape;
pub use tag::Tag;

/// Bytes of a report.
pub(crate) const SIZE: usize = 512;
/// Bytes in front of the first note.
const HEADER: usize = 6;
/// Bytes in front of a note's own.
const NOTE: usize = 2;
/// Bytes of one list or text. OpenSSL offers 60 bytes of suites, Java 98, our policies 40.
const ONE: usize = 100;
/// Kept for the fault and its header.
const FOR_FAULT: usize = encode::FAULT_MAX + NOTE;
/// Kept for choices, alerts and the fault: what decides is worth more than what was offered.
const FOR_CHOICES: usize = FOR_FAULT + 96;

const MAGIC: u8 = b'H';
const VERSION: u8 = 1;
const FROM_SERVER: u8 = 0x80;
const CUT: u8 = 0x40;

/// Client or server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The side that speaks first.
    Client,
    /// The side that answers.
    Server,
}

impl Side {
    /// The peer's side.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// One note.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// Whose offer, choice or act it is.
    pub from: Side,
    /// What it is.
    pub tag: Tag,
    /// Its bytes; their form stands at the [`Tag`].
    pub bytes: &'a [u8],
    /// There was more than fits.
    pub cut: bool,
}

impl<'a> Item<'a> {
    /// The bytes as words of one registry; for tags that hold words.
    pub fn words<W: CodePoint + 'a>(&self) -> impl Iterator<Item = W> + use<'a, W> {
        let size = W::SIZE.max(1);
        self.bytes.chunks_exact(size).map(|word| {
            W::from_number(word.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)))
        })
    }

    /// The names of a [`Tag::Alpn`] note.
    pub fn names(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut left = self.bytes;
        core::iter::from_fn(move || {
            let (length, rest) = left.split_first()?;
            let (name, rest) = rest.split_at_checked(usize::from(*length))?;
            left = rest;
            Some(name)
        })
    }
}

/// The story of one connection: offers, choices, end. Never a secret.
#[derive(Clone)]
pub struct Report {
    bytes: [u8; SIZE],
    length: usize,
}

/// Why bytes are not a report.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportError {
    /// They do not begin as a report does.
    NotAReport,
    /// Made by a newer program; its version.
    Version(u8),
    /// Damaged or cut off; where.
    Malformed {
        /// Offset of the note that does not read.
        offset: usize,
    },
    /// Longer than any report.
    TooLong,
}

impl Report {
    /// An empty report of the side that keeps it.
    pub fn new(own: Side) -> Self {
        let mut bytes = [0; SIZE];
        let header = [MAGIC, VERSION, u8::from(own == Side::Server), 0, 0, 0];
        for (to, from) in bytes.iter_mut().zip(header) {
            *to = from;
        }
        Self { bytes, length: HEADER }
    }

    /// The side that keeps it.
    pub fn own(&self) -> Side {
        match self.bytes.get(2) {
            Some(1) => Side::Server,
            _ => Side::Client,
        }
    }

    /// How many notes had no room at all.
    pub fn dropped(&self) -> u8 {
        self.bytes.get(3).copied().unwrap_or_default()
    }

    /// Appends. A list that does not fit is cut at a whole element and marked. The very same
    /// note again, as after a HelloRetryRequest, is not repeated.
    pub fn note(&mut self, from: Side, tag: Tag, bytes: &[u8]) {
        self.append(from, tag, bytes, false);
    }

    /// Appends numbers of a registry.
    pub fn note_words<W: CodePoint>(&mut self, from: Side, tag: Tag, words: impl Iterator<Item = W>) {
        let mut list = [0; ONE];
        let mut length = 0_usize;
        let mut cut = false;
        for word in words {
            let number = word.number().to_be_bytes();
            let wire = number.get(number.len().saturating_sub(W::SIZE)..).unwrap_or_default();
            let end = length.saturating_add(wire.len());
            let Some(room) = list.get_mut(length..end) else {
                cut = true;
                break;
            };
            room.copy_from_slice(wire);
            length = end;
        }
        self.append(from, tag, list.get(..length).unwrap_or_default(), cut);
    }

    /// How it ended. The first fault stays: what follows from it is not the reason.
    pub fn fault(&mut self, fault: &Fault) {
        if self.items().any(|item| item.tag == Tag::Fault) {
            return;
        }
        let mut bytes = [0; encode::FAULT_MAX];
        let Some(length) = encode::write(fault, &mut bytes) else { return };
        self.append(self.own(), Tag::Fault, bytes.get(..length).unwrap_or_default(), false);
    }

    /// Why it ended, if it ended with a fault.
    pub fn why(&self) -> Option<Fault> {
        self.items().find(|item| item.tag == Tag::Fault).and_then(|item| encode::read(item.bytes))
    }

    /// The notes, in order.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let mut left = self.encode().get(HEADER..).unwrap_or_default();
        core::iter::from_fn(move || {
            let (item, rest) = split(left)?;
            left = rest;
            Some(item)
        })
    }

    /// The report as bytes that stand for themselves: versioned, at most 512.
    pub fn encode(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Reads a report back.
    ///
    /// # Errors
    /// Not a report, one of a newer program, or a damaged one.
    pub fn decode(bytes: &[u8]) -> Result<Self, ReportError> {
        // The version stands where it stands in every version to come; the rest need not.
        let [MAGIC, version, rest @ ..] = bytes else { return Err(ReportError::NotAReport) };
        if *version != VERSION {
            return Err(ReportError::Version(*version));
        }
        let [own, _, high, low, notes @ ..] = rest else {
            return Err(ReportError::Malformed { offset: bytes.len() });
        };
        let announced = usize::from(u16::from_be_bytes([*high, *low]));
        if *own > 1 || announced != notes.len() {
            return Err(ReportError::Malformed { offset: bytes.len().min(HEADER + announced) });
        }
        let mut left = notes;
        while !left.is_empty() {
            let malformed = ReportError::Malformed { offset: bytes.len().saturating_sub(left.len()) };
            let (item, rest) = split(left).ok_or(malformed)?;
            if item.tag == Tag::Fault && encode::read(item.bytes).is_none() {
                return Err(malformed);
            }
            left = rest;
        }
        let mut report = Self { bytes: [0; SIZE], length: bytes.len() };
        report.bytes.get_mut(..bytes.len()).ok_or(ReportError::TooLong)?.copy_from_slice(bytes);
        Ok(report)
    }

    fn append(&mut self, from: Side, tag: Tag, bytes: &[u8], cut: bool) {
        if self.items().any(|item| item.from == from && item.tag == tag && item.bytes == bytes) {
            return;
        }
        let kept = match tag.shape() {
            Shape::Words | Shape::Names | Shape::Text => FOR_CHOICES,
            Shape::Choice => FOR_FAULT,
            Shape::Fault => 0,
        };
        let room = SIZE.saturating_sub(kept).saturating_sub(self.length).saturating_sub(NOTE).min(ONE);
        let fitting = cut_to(tag.shape(), bytes, room);
        if fitting.is_empty() && !bytes.is_empty()
            || self.length.saturating_add(NOTE) > SIZE.saturating_sub(kept)
        {
            if let Some(dropped) = self.bytes.get_mut(3) {
                *dropped = dropped.saturating_add(1);
            }
            return;
        }
        let server = if from == Side::Server { FROM_SERVER } else { 0 };
        let marked = if cut || fitting.len() < bytes.len() { CUT } else { 0 };
        let head = [tag.number() | server | marked, u8::try_from(fitting.len()).unwrap_or(u8::MAX)];
        let end = self.length.saturating_add(NOTE).saturating_add(fitting.len());
        let place = self.bytes.get_mut(self.length..end).unwrap_or_default();
        for (to, from) in place.iter_mut().zip(head.iter().chain(fitting)) {
            *to = *from;
        }
        self.length = end;
        let notes = u16::try_from(end.saturating_sub(HEADER)).unwrap_or(u16::MAX).to_be_bytes();
        for (to, from) in self.bytes.iter_mut().skip(HEADER - 2).zip(notes) {
            *to = from;
        }
    }
}

/// The first note of `bytes`, and what follows it.
fn split(bytes: &[u8]) -> Option<(Item<'_>, &[u8])> {
    let [head, length, rest @ ..] = bytes else { return None };
    let (bytes, rest) = rest.split_at_checked(usize::from(*length))?;
    let from = if head & FROM_SERVER == 0 { Side::Client } else { Side::Server };
    let tag = Tag::from_number(head & !(FROM_SERVER | CUT))?;
    Some((Item { from, tag, bytes, cut: head & CUT != 0 }, rest))
}

/// As many whole elements as fit into `room`.
fn cut_to(shape: Shape, bytes: &[u8], room: usize) -> &[u8] {
    if bytes.len() <= room {
        return bytes;
    }
    let keep = match shape {
        Shape::Words => room & !1,
        Shape::Text => room,
        Shape::Choice | Shape::Fault => 0,
        Shape::Names => {
            let mut end = 0_usize;
            while let Some(length) = bytes.get(end) {
                let next = end.saturating_add(1).saturating_add(usize::from(*length));
                if next > room {
                    break;
                }
                end = next;
            }
            end
        }
    };
    bytes.get(..keep).unwrap_or_default()
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items()).finish()
    }
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:02x?}{}", self.from, self.tag, self.bytes, if self.cut { " …" } else { "" })
    }
}

#[cfg(test)]
mod tests;
