//! Observer of a decode: called once per field.

use core::ops::Range;

use crate::Field;

/// Receives every field in the order of the wire. Offsets count from the first byte given
/// to the outermost [`crate::Reader`].
pub trait Trace {
    /// Whether anything hears what is read. Where nothing does, a list of numbers, of which any is
    /// good, is taken whole.
    const LISTENS: bool = true;
    /// A leaf field was read.
    fn field(&mut self, field: Field, bytes: Range<usize>, value: Value<'_>) {
        let _ = (field, bytes, value);
    }
    /// A structure or a vector's content begins.
    fn open(&mut self, field: Field, offset: usize) {
        let _ = (field, offset);
    }
    /// The structure opened last ends before this offset.
    fn close(&mut self, offset: usize) {
        let _ = offset;
    }
}

/// Silent and free.
impl Trace for () {
    const LISTENS: bool = false;
}

/// What stood in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A plain number.
    Number(u32),
    /// A length prefix: so many bytes follow.
    Length(u32),
    /// A number from a registry, with its name where it is known.
    Name(u32, Option<&'static str>),
    /// Opaque bytes.
    Bytes(&'a [u8]),
}
