//! Vectors of structures, and lists (RFC 8446 §3.4): a length prefix, then elements that fill it
//! exactly.

use core::ops::RangeInclusive;

use super::{Bounds, Decode, Malformed, Reader, small};
use crate::{Field, List, Problem, Trace, name::CodePoint};

impl<'a, T: Trace> Reader<'a, '_, T> {
    fn vector<R>(
        &mut self,
        field: Field,
        prefix: usize,
        bounds: Bounds,
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        let content = self.content(field, prefix, bounds)?;
        let start = self.offset_of(content);
        self.trace.open(field, start);
        let value = Reader::at(content, start, &mut *self.trace).whole(field, body)?;
        self.trace.close(self.offset);
        Ok(value)
    }

    /// A vector with a one-byte length prefix; `body` must read all of its content.
    ///
    /// # Errors
    /// As [`Reader::opaque8`], [`Problem::Trailing`], and errors of `body`.
    #[inline(always)]
    pub fn vector8<R>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        self.vector(field, 1, Bounds::of(range), body)
    }

    /// A vector with a two-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::vector8`].
    #[inline(always)]
    pub fn vector16<R>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        self.vector(field, 2, Bounds::of(range), body)
    }

    /// A vector with a three-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::vector8`].
    #[inline(always)]
    pub fn vector24<R>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        self.vector(field, 3, Bounds::of(range), body)
    }

    /// All remaining bytes as a list of `E`. Each element is decoded once here, so that iterating over
    /// the list cannot fail.
    ///
    /// # Errors
    /// Errors of decoding an element.
    pub fn list<E: Decode<'a>>(&mut self) -> Result<List<'a, E>, Malformed> {
        let wire = self.bytes;
        while !self.is_empty() {
            E::decode(self)?;
        }
        Ok(List::wire(wire))
    }

    fn registry<W: CodePoint>(
        &mut self,
        field: Field,
        prefix: usize,
        bounds: Bounds,
    ) -> Result<List<'a, W>, Malformed> {
        self.vector(field, prefix, bounds, |inner| {
            let found = inner.remaining().len();
            match found.checked_rem(W::SIZE) {
                // Every number is valid, so only a trace needs to visit the elements.
                Some(0) if !T::LISTENS => Ok(List::wire(inner.take_all())),
                Some(0) => inner.list(),
                _ => {
                    let numbers = [small(W::SIZE), small(found), 0];
                    Err(inner.error(field, Problem::NotWhole, numbers))
                }
            }
        })
    }

    /// A list of code points with a one-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::opaque8`], and [`Problem::NotWhole`].
    #[inline(always)]
    pub fn words8<W: CodePoint>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
    ) -> Result<List<'a, W>, Malformed> {
        self.registry(field, 1, Bounds::of(range))
    }

    /// A list of code points with a two-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::words8`].
    #[inline(always)]
    pub fn words16<W: CodePoint>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
    ) -> Result<List<'a, W>, Malformed> {
        self.registry(field, 2, Bounds::of(range))
    }

    /// A list of `E` with a one-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::vector8`].
    #[inline(always)]
    pub fn list8<E: Decode<'a>>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
    ) -> Result<List<'a, E>, Malformed> {
        self.vector8(field, range, |inner| inner.list())
    }

    /// A list of `E` with a two-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::vector8`].
    #[inline(always)]
    pub fn list16<E: Decode<'a>>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
    ) -> Result<List<'a, E>, Malformed> {
        self.vector16(field, range, |inner| inner.list())
    }

    /// A list of `E` with a three-byte length prefix.
    ///
    /// # Errors
    /// As [`Reader::vector8`].
    #[inline(always)]
    pub fn list24<E: Decode<'a>>(
        &mut self,
        field: Field,
        range: RangeInclusive<usize>,
    ) -> Result<List<'a, E>, Malformed> {
        self.vector24(field, range, |inner| inner.list())
    }
}
