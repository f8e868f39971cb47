//! Errors of decoding and encoding: the field, its offset, what was expected and what was found.

use crate::{Field, Trace};

/// A structure that failed to decode. 8 bytes on purpose: every call of a [`crate::Reader`] returns it, and
/// copying a larger error costs code on devices. The numbers of the problem are in the reader's trace
/// ([`Trace::failed`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The field that failed.
    pub field: Field,
    /// Why it failed.
    pub problem: Problem,
    /// Offset of that field in bytes, from the first byte given to the outermost [`crate::Reader`].
    pub offset: u32,
}

const _: () = assert!(size_of::<DecodeError>() == 8 && size_of::<Result<(), DecodeError>>() == 8);

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

/// A trace that ignores every field and keeps the numbers of the error that a decode failed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    of: Option<DecodeError>,
    numbers: [u32; 3],
}

impl Numbers {
    /// Returns the numbers of this error; `None` if the last error was another one. Numbers that do not
    /// belong to the problem are 0.
    pub fn of(&self, error: DecodeError) -> Option<[u32; 3]> {
        (self.of == Some(error)).then_some(self.numbers)
    }
}

impl Trace for Numbers {
    const LISTENS: bool = false;

    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        *self = Self { of: Some(error), numbers };
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
    fn fails(wire: &[u8], offset: usize, numbers: &mut Numbers) -> DecodeError {
        let mut reader = Reader::at(wire, offset, numbers);
        KeyUpdate::decode(&mut reader).and_then(|_| reader.finish(Field::key_update)).unwrap_err()
    }

    #[test]
    fn numbers_belong_to_one_error() {
        let mut numbers = Numbers::default();
        let truncated = fails(&[], 4, &mut numbers);
        assert_eq!(numbers.of(truncated), Some([1, 0, 0]));
        let trailing = fails(&[0, 0, 0], 4, &mut numbers);
        assert_eq!(numbers.of(trailing), Some([2, 0, 0]));
        // The slot holds the last error alone; the first one has lost its numbers, not got others.
        assert_eq!(numbers.of(truncated), None);
        assert_eq!(numbers.of(DecodeError { offset: 6, ..trailing }), None);
        assert_eq!(Numbers::default().of(truncated), None);
    }

    #[test]
    fn offsets_beyond_two_bytes_are_whole() {
        let mut numbers = Numbers::default();
        assert_eq!(fails(&[], 0xff_fffe, &mut numbers).offset, 0xff_fffe);
    }
}
