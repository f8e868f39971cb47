//! [`Report`]: the record of one connection, in one buffer of fixed length that is also its
//! encoding. No heap; what does not fit is cut at a whole element, and marked.
//!
//! Layout, version 3: `H`, version, whose report it is, number of notes dropped, length of
//! all that follows (two bytes); then the notes: one byte of tag with two flags, one of
//! length, the bytes. The hellos stand among the notes as they stood on the wire (`keep.rs`), with two
//! bytes of length; version 1 has lists of offers and choices in their place. In both earlier versions the
//! fault has another form (`encode.rs`). Room is kept back so that long offers never displace the choices,
//! and nothing displaces the fault.

mod derived;
mod fail;
mod keep;
mod kept;
mod tag;

use core::fmt;

use handclasp_codec::{CodePoint, ErrorSlot};

use crate::{
    Fault, FaultCode, SignerFault,
    encode::{self, Form},
};
pub use fail::Failed;
pub use kept::{Kept, Part};
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
/// The version written. Versions 1 and 2 are read, too.
const VERSION: u8 = 3;
const FROM_SERVER: u8 = 0x80;
const CUT: u8 = 0x40;
/// Tags of messages, whose notes have two bytes of length.
const MESSAGE: u8 = 0x30;

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

/// The record of one connection: both hellos, other choices, the end. Never a secret.
#[derive(Clone)]
pub struct Report {
    bytes: [u8; SIZE],
    length: usize,
    /// The numbers of the last message that did not parse.
    pub(crate) error_slot: ErrorSlot,
    /// Why it failed.
    why: Option<FaultCode>,
    /// The error message of the signer that failed. Not part of the encoded report.
    pub(crate) words: Option<&'static str>,
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
        let error_slot = ErrorSlot::default();
        let mut report = Self { bytes: [0; SIZE], length: HEADER, error_slot, why: None, words: None };
        let [magic, version, side, ..] = &mut report.bytes;
        (*magic, *version, *side) = (MAGIC, VERSION, u8::from(own == Side::Server));
        report
    }

    /// The side that keeps it.
    pub fn own(&self) -> Side {
        match self.bytes.get(2) {
            Some(1) => Side::Server,
            _ => Side::Client,
        }
    }

    /// How its fault is encoded.
    fn form(&self) -> Form {
        let [_, version, ..] = self.bytes;
        Form::of(version)
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

    /// Appends a number of a registry.
    pub fn note_word<W: CodePoint>(&mut self, from: Side, tag: Tag, word: W) {
        let number = word.number().to_be_bytes();
        self.note(from, tag, number.get(number.len().saturating_sub(W::SIZE)..).unwrap_or_default());
    }

    /// Appends numbers of a registry.
    pub fn note_words<W: CodePoint>(&mut self, from: Side, tag: Tag, words: impl Iterator<Item = W>) {
        self.note_numbers(from, tag, W::SIZE, &mut words.map(CodePoint::number));
    }

    /// One copy for all registries.
    fn note_numbers(&mut self, from: Side, tag: Tag, size: usize, numbers: &mut dyn Iterator<Item = u32>) {
        let mut list = [0; ONE];
        let (mut length, mut cut) = (0_usize, false);
        for number in numbers {
            let number = number.to_be_bytes();
            let wire = number.get(number.len().saturating_sub(size)..).unwrap_or_default();
            let Some(room) = list.get_mut(length..).and_then(|free| free.get_mut(..wire.len())) else {
                cut = true;
                break;
            };
            room.copy_from_slice(wire);
            length = length.saturating_add(wire.len());
        }
        self.append(from, tag, list.get(..length).unwrap_or_default(), cut);
    }

    /// Whether there is a note of that kind. What follows from a kept message is not counted.
    pub fn has(&self, tag: Tag) -> bool {
        self.raw().any(|note| note.first().is_some_and(|head| head & !(FROM_SERVER | CUT) == tag.number()))
    }

    /// The messages kept, in order: ClientHello, HelloRetryRequest, ServerHello, EncryptedExtensions.
    pub fn messages(&self) -> impl Iterator<Item = Kept<'_>> {
        self.notes().filter_map(|note| Kept::parse(&note))
    }

    /// The notes, in order, and in place of each message what it offers or chooses. What was said
    /// before is not repeated.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let all = self.all_items();
        all.enumerate()
            .filter(|(place, item)| !self.all_items().take(*place).any(|before| before == *item))
            .map(|(_, item)| item)
    }

    fn all_items(&self) -> impl Iterator<Item = Item<'_>> {
        self.notes().flat_map(|note| {
            let kept = Kept::parse(&note);
            let note = kept.is_none().then_some(note);
            note.into_iter().chain(kept.into_iter().flat_map(Kept::items))
        })
    }

    fn notes(&self) -> impl Iterator<Item = Item<'_>> {
        self.raw().map_while(read)
    }

    /// The notes as they are encoded.
    fn raw(&self) -> impl Iterator<Item = &[u8]> {
        let mut left = self.encode().get(HEADER..).unwrap_or_default();
        core::iter::from_fn(move || {
            let (note, rest) = split(left)?;
            left = rest;
            Some(note)
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
        if !(1..=VERSION).contains(version) {
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
            let (note, rest) = split(left).ok_or(malformed)?;
            let item = read(note).ok_or(malformed)?;
            let reads = match item.tag.shape() {
                Shape::Fault => encode::read(Form::of(*version), item.bytes).is_some(),
                Shape::Message => Kept::parse(&item).is_some_and(|kept| kept.is_well_formed()),
                Shape::Words | Shape::Names | Shape::Text | Shape::Choice => true,
            };
            if !reads {
                return Err(malformed);
            }
            left = rest;
        }
        let mut report = Self { length: bytes.len(), ..Self::new(Side::Client) };
        report.bytes.get_mut(..bytes.len()).ok_or(ReportError::TooLong)?.copy_from_slice(bytes);
        // What a signer said is in no note.
        let said = |fault| match fault {
            Fault::SignerFailed(SignerFault::Said) => Fault::SignerFailed(SignerFault::Failed),
            other => other,
        };
        report.why = report.noted_fault().map(|(fault, _)| said(fault).code());
        Ok(report)
    }

    fn append(&mut self, from: Side, tag: Tag, bytes: &[u8], cut: bool) {
        let (kept, most) = match tag.shape() {
            Shape::Words | Shape::Names | Shape::Text => (FOR_CHOICES, ONE),
            // What follows the fault, such as the alert that was sent, takes what the fault left.
            Shape::Choice if self.why.is_some() => (0, usize::MAX),
            Shape::Choice => (FOR_FAULT, usize::MAX),
            Shape::Fault | Shape::Message => (0, usize::MAX),
        };
        let room = SIZE.saturating_sub(kept).saturating_sub(self.length);
        let fitting = match room.checked_sub(NOTE) {
            // An even number, so that no word is cut.
            Some(room) if most == ONE => bytes.get(..ONE.min(room & !1)).unwrap_or(bytes),
            _ => bytes,
        };
        let size = NOTE.saturating_add(fitting.len());
        let place = self.bytes.get_mut(self.length..).and_then(|free| free.get_mut(..size));
        // A note of more than 255 bytes, which only a caller can make, does not fit either.
        let (Some([head, length, place @ ..]), Ok(short)) =
            (place.filter(|_| size <= room), u8::try_from(fitting.len()))
        else {
            return self.drop_one();
        };
        let server = if from == Side::Server { FROM_SERVER } else { 0 };
        let cut = if cut || fitting.len() < bytes.len() { CUT } else { 0 };
        *head = tag.number() | server | cut;
        *length = short;
        place.copy_from_slice(fitting);
        let end = self.length.saturating_add(size);
        let note = self.bytes.get(self.length..end);
        if !self.raw().any(|before| Some(before) == note) {
            self.grow(end);
        }
    }

    /// Counts a note that has no room.
    fn drop_one(&mut self) {
        let [_, _, _, dropped, ..] = &mut self.bytes;
        *dropped = dropped.saturating_add(1);
    }

    /// Takes in what was written up to `end`.
    fn grow(&mut self, end: usize) {
        self.length = end;
        let [.., notes_high, notes_low] = end.saturating_sub(HEADER).to_be_bytes();
        let [_, _, _, _, high, low, ..] = &mut self.bytes;
        (*high, *low) = (notes_high, notes_low);
    }
}

/// The first note of `bytes` with its head, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let size = match bytes {
        [head, high, low, ..] if head & MESSAGE == MESSAGE => {
            usize::from(u16::from_be_bytes([*high, *low])).saturating_add(NOTE + 1)
        }
        [_, length, ..] => usize::from(*length).saturating_add(NOTE),
        _ => return None,
    };
    bytes.split_at_checked(size)
}

/// Reads a note.
fn read(note: &[u8]) -> Option<Item<'_>> {
    let [head, _, bytes @ ..] = note else { return None };
    let from = if head & FROM_SERVER == 0 { Side::Client } else { Side::Server };
    let (tag, cut) = (Tag::from_number(head & !(FROM_SERVER | CUT))?, head & CUT != 0);
    let bytes = match tag.shape() {
        Shape::Message => bytes.get(1..)?,
        _ => whole_elements(tag, bytes, cut),
    };
    Some(Item { from, tag, bytes, cut })
}

/// A list up to the element where it was cut.
fn whole_elements(tag: Tag, bytes: &[u8], cut: bool) -> &[u8] {
    match tag.shape() {
        Shape::Words => bytes.get(..bytes.len() & !1).unwrap_or_default(),
        Shape::Names if cut => names(bytes),
        Shape::Names | Shape::Text | Shape::Choice | Shape::Fault | Shape::Message => bytes,
    }
}

/// The names that are whole, each behind its length.
fn names(bytes: &[u8]) -> &[u8] {
    let mut end = 0_usize;
    while let Some(length) = bytes.get(end) {
        let next = end.saturating_add(1).saturating_add(usize::from(*length));
        if next > bytes.len() {
            break;
        }
        end = next;
    }
    bytes.get(..end).unwrap_or_default()
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
