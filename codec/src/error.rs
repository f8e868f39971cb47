//! What can be wrong with bytes: which field, where, what was expected and what stood there.

use crate::Field;

/// A structure that does not parse. The offset counts from the first byte given to the
/// outermost [`crate::Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The field that could not be read.
    pub field: Field,
    /// Byte offset of that field.
    pub offset: u32,
    /// What is wrong with it.
    pub problem: Problem,
}

/// The ways in which a field can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The field needs `needed` bytes; only `available` are left in what encloses it.
    Truncated {
        /// Bytes that the field needs.
        needed: u32,
        /// Bytes that are left.
        available: u32,
    },
    /// The field is complete, yet `extra` bytes follow inside the same length.
    Trailing {
        /// Bytes left over.
        extra: u32,
    },
    /// A length or number outside of what the RFC permits.
    OutOfRange {
        /// Smallest value permitted.
        min: u32,
        /// Largest value permitted.
        max: u32,
        /// The value found.
        found: u32,
    },
    /// A list whose length is not a whole number of elements.
    NotWhole {
        /// Bytes of one element.
        element: u32,
        /// Bytes found.
        found: u32,
    },
    /// Something that may occur once occurs again.
    Duplicate {
        /// The repeated value (an extension type, a group).
        value: u32,
    },
    /// A fixed value was required.
    Unexpected {
        /// The value required.
        expected: u32,
        /// The value found.
        found: u32,
    },
    /// Something that must be last is not (pre_shared_key, RFC 8446 §4.2.11).
    NotLast,
}

/// A structure that cannot be written. Small enough for a register: it is returned by every
/// call of a [`crate::Writer`], and copying more costs devices kilobytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The content does not fit its length prefix.
    TooLong {
        /// The vector concerned.
        field: Field,
    },
    /// The output has no room for it.
    Full,
}
