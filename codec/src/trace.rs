//! Observer of a decode: called once per field.

use core::ops::Range;

use crate::{DecodeError, Field};

/// Receives every field in wire order. Offsets count from the first byte given to the outermost
/// [`crate::Reader`].
pub trait Trace {
    /// Whether this trace uses what it receives. If not, lists of code points, where every number is
    /// valid, are taken without visiting their elements.
    const LISTENS: bool = true;
    /// A leaf field was read.
    fn field(&mut self, field: Field, bytes: Range<usize>, value: Value<'_>) {
        let _ = (field, bytes, value);
    }
    /// A structure or the content of a vector begins at `offset`.
    fn open(&mut self, field: Field, offset: usize) {
        let _ = (field, offset);
    }
    /// The structure opened last ends before this offset.
    fn close(&mut self, offset: usize) {
        let _ = offset;
    }
    /// The decode fails with this error. [`crate::Problem`] lists what the numbers are; others are 0.
    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        let _ = (error, numbers);
    }
}

/// Value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Number(u32),
    /// A length prefix: the number of bytes that follow.
    Length(u32),
    /// A code point, with its registered name if there is one.
    Name(u32, Option<&'static str>),
    /// Opaque bytes.
    Bytes(&'a [u8]),
}
