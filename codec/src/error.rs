//! Errors of decoding and encoding: the field, its offset, what was expected and what was found.

use crate::Field;

/// A structure that failed to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The field that failed.
    pub field: Field,
    /// Offset of that field in bytes, from the first byte given to the outermost [`crate::Reader`].
    pub offset: u32,
    /// Why it failed.
    pub problem: Problem,
}

/// The ways in which a field can be malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The field needs `needed` bytes; the enclosing structure has only `available` left.
    Truncated {
        /// Bytes that the field needs.
        needed: u32,
        /// Bytes left in the enclosing structure.
        available: u32,
    },
    /// The field is complete, but `extra` bytes follow within the same length.
    Trailing {
        /// Bytes that follow.
        extra: u32,
    },
    /// A length or number outside the range that the RFC permits.
    OutOfRange {
        /// Smallest value permitted.
        min: u32,
        /// Largest value permitted.
        max: u32,
        /// The value found.
        found: u32,
    },
    /// A list whose length is not a multiple of the element size.
    NotWhole {
        /// Size of one element in bytes.
        element: u32,
        /// Length of the list in bytes.
        found: u32,
    },
    /// A value that may occur once occurs again.
    Duplicate {
        /// The repeated value (an extension type, a group).
        value: u32,
    },
    /// A field with a fixed value has another one.
    Unexpected {
        /// The value required.
        expected: u32,
        /// The value found.
        found: u32,
    },
    /// An extension that must be last is followed by another (pre_shared_key, RFC 8446 §4.2.11).
    NotLast,
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
