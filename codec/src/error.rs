//! Errors of decoding and encoding: the field, its offset, what was expected and what was found.

use crate::{Field, Malformed, Trace};

/// Why a structure does not decode. The [`Trace`] of a [`crate::Reader`] gets it, with the numbers of the
/// problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The field that failed.
    pub field: Field,
    /// Why it failed.
    pub problem: Problem,
    /// Offset of that field in bytes, from the first byte given to the outermost [`crate::Reader`].
    pub offset: u32,
}

/// The ways in which a field can be malformed, each with the numbers that [`Trace::failed`] gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The field needs more bytes than the enclosing structure has left. Numbers: needed, available.
    Truncated,
    /// The field is complete, but bytes follow within the same length. Numbers: how many.
    Trailing,
    /// A length or number outside the range that the RFC permits. Numbers: smallest and largest value
    /// permitted, value found.
    OutOfRange,
    /// A list whose length is not a multiple of the element size. Numbers: size of one element, length
    /// of the list, in bytes.
    NotWhole,
    /// A value that may occur once occurs again. Numbers: the value (an extension type, a group).
    Duplicate,
    /// A field with a fixed value has another one. Numbers: value required, value found.
    Unexpected,
    /// An extension that must be last is followed by another (pre_shared_key, RFC 8446 §4.2.11).
    NotLast,
}

impl Problem {
    /// Returns how many numbers belong to the problem: up to 3.
    pub fn numbers(self) -> usize {
        match self {
            Self::NotLast => 0,
            Self::Trailing | Self::Duplicate => 1,
            Self::Truncated | Self::NotWhole | Self::Unexpected => 2,
            Self::OutOfRange => 3,
        }
    }
}

/// A trace that ignores every field and keeps the error of a decode that fails, with its numbers. An error
/// ends a decode at once, so that the slot holds the error of the last decode that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorSlot {
    last: Option<(DecodeError, [u32; 3])>,
}

impl ErrorSlot {
    /// Where a caller takes another slot than the reader's.
    const NEVER: DecodeError = DecodeError { field: Field::opaque, problem: Problem::NotLast, offset: 0 };

    /// Returns the error of a decode that returned [`Malformed`]. The value proves that the slot holds an
    /// error; it must come from a reader of this slot.
    pub fn error(&self, _: Malformed) -> DecodeError {
        self.last.map_or(Self::NEVER, |(error, _)| error)
    }

    /// Returns the numbers of this error; `None` if the last error was another one. Numbers that do not
    /// belong to the problem are 0.
    pub fn numbers(&self, of: DecodeError) -> Option<[u32; 3]> {
        self.last.filter(|(error, _)| *error == of).map(|(_, numbers)| numbers)
    }
}

impl Trace for ErrorSlot {
    const LISTENS: bool = false;

    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        self.last = Some((error, numbers));
    }
}

/// A structure that cannot be encoded. One register wide on purpose: every call of a [`crate::Writer`]
/// returns it, and copying a larger error costs kilobytes of code on devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The content does not fit its length prefix.
    TooLong {
        /// The vector whose content is too long.
        field: Field,
    },
    /// The output is full.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decode, KeyUpdate, Reader};

    /// Decodes a KeyUpdate, whose body is one byte, at this offset.
    fn fails(wire: &[u8], offset: usize, slot: &mut ErrorSlot) -> DecodeError {
        let decoded =
            Reader::at(wire, offset, slot).whole(Field::key_update, |reader| KeyUpdate::decode(reader));
        slot.error(decoded.unwrap_err())
    }

    #[test]
    fn numbers_belong_to_one_error() {
        let mut slot = ErrorSlot::default();
        let truncated = fails(&[], 4, &mut slot);
        assert_eq!(slot.numbers(truncated), Some([1, 0, 0]));
        let trailing = fails(&[0, 0, 0], 4, &mut slot);
        assert_eq!(slot.numbers(trailing), Some([2, 0, 0]));
        // The slot holds the last error alone; the first one has lost its numbers, not got others.
        assert_eq!(slot.numbers(truncated), None);
        assert_eq!(slot.numbers(DecodeError { offset: 6, ..trailing }), None);
        assert_eq!(ErrorSlot::default().numbers(truncated), None);
    }

    #[test]
    fn the_first_error_of_a_decode_stays() {
        let mut slot = ErrorSlot::default();
        // The inner vector announces 3 bytes and has 2. The outer one would have bytes left over, too.
        let wire = [0, 5, 3, 1, 2, 9, 9, 9, 9];
        let decoded = Reader::new(&wire, &mut slot).whole(Field::body, |reader| {
            reader.vector16(Field::named_group_list, 0..=9, |outer| {
                outer.vector8(Field::named_group, 0..=2, |inner| inner.u32(Field::group))
            })
        });
        let error = slot.error(decoded.unwrap_err());
        let expected = DecodeError { field: Field::named_group, problem: Problem::OutOfRange, offset: 2 };
        assert_eq!((error, slot.numbers(error)), (expected, Some([0, 2, 3])));
    }

    #[test]
    fn a_decode_that_succeeds_leaves_the_slot_as_it_was() {
        let mut slot = ErrorSlot::default();
        let error = fails(&[], 0, &mut slot);
        let decoded = KeyUpdate::decode(&mut Reader::new(&[1], &mut slot));
        assert_eq!(decoded.unwrap().request_update.0, 1);
        assert_eq!(slot.numbers(error), Some([1, 0, 0]));
    }

    #[test]
    fn offsets_beyond_two_bytes_are_whole() {
        let mut slot = ErrorSlot::default();
        assert_eq!(fails(&[], 0xff_fffe, &mut slot).offset, 0xff_fffe);
    }
}
