//! The reader of wire bytes. It never indexes; every length is checked against the bytes available.

mod vector;

use core::ops::RangeInclusive;

use crate::{DecodeError, Field, Numbers, Problem, Trace, Value, name::CodePoint};

/// A wire structure that can be decoded.
pub trait Decode<'a>: Sized {
    /// Decodes the structure and reports each field to the reader's trace.
    ///
    /// # Errors
    /// The field that failed, its offset and the problem.
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, DecodeError>;

    /// Decodes the structure from exactly these bytes, without a trace. The numbers of an error are lost.
    ///
    /// # Errors
    /// As [`Decode::decode`]; bytes left over are [`Problem::Trailing`] of `field`.
    fn from_bytes(bytes: &'a [u8], field: Field) -> Result<Self, DecodeError> {
        let mut numbers = Numbers::default();
        let mut reader = Reader::new(bytes, &mut numbers);
        let value = Self::decode(&mut reader)?;
        reader.finish(field)?;
        Ok(value)
    }
}

/// Reads from borrowed bytes and reports each field to a [`Trace`].
#[derive(Debug)]
pub struct Reader<'a, 't, T: Trace> {
    bytes: &'a [u8],
    /// Offset of `bytes[0]` from the first byte of the outermost reader.
    offset: usize,
    trace: &'t mut T,
}

impl<'a, 't, T: Trace> Reader<'a, 't, T> {
    /// Returns a reader whose offsets count from the first byte of `bytes`.
    pub fn new(bytes: &'a [u8], trace: &'t mut T) -> Self {
        Self::at(bytes, 0, trace)
    }

    /// Returns a reader whose first byte has this offset.
    pub fn at(bytes: &'a [u8], offset: usize, trace: &'t mut T) -> Self {
        Self { bytes, offset, trace }
    }

    /// Returns the offset of the next byte.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the bytes not yet read.
    pub fn remaining(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns whether all bytes were read.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Fails unless all bytes were read.
    ///
    /// # Errors
    /// [`Problem::Trailing`] of `field`.
    pub fn finish(&mut self, field: Field) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            extra => Err(self.error(field, Problem::Trailing, [small(extra), 0, 0])),
        }
    }

    /// Returns an error at the current offset, and gives its numbers to the trace.
    pub fn error(&mut self, field: Field, problem: Problem, numbers: [u32; 3]) -> DecodeError {
        self.error_at(self.offset, field, problem, numbers)
    }

    /// Returns an error at an offset that was passed, and gives its numbers to the trace.
    pub fn error_at(
        &mut self,
        offset: usize,
        field: Field,
        problem: Problem,
        numbers: [u32; 3],
    ) -> DecodeError {
        let error = DecodeError { field, problem, offset: small(offset) };
        self.trace.failed(error, numbers);
        error
    }

    /// Reports to the trace that `body` reads the structure `field`.
    ///
    /// # Errors
    /// Errors of `body`.
    pub fn structure<R>(
        &mut self,
        field: Field,
        body: impl FnOnce(&mut Self) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        self.trace.open(field, self.offset);
        let value = body(self)?;
        self.trace.close(self.offset);
        Ok(value)
    }

    fn take(&mut self, field: Field, count: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(count) else {
            let numbers = [small(count), small(self.bytes.len()), 0];
            return Err(self.error(field, Problem::Truncated, numbers));
        };
        self.bytes = rest;
        self.offset = self.offset.saturating_add(count);
        Ok(taken)
    }

    /// Takes all remaining bytes, without a report to the trace.
    fn take_all(&mut self) -> &'a [u8] {
        let taken = core::mem::take(&mut self.bytes);
        self.offset = self.offset.saturating_add(taken.len());
        taken
    }

    /// Reads `count` (1 to 4) bytes as a number, without a report to the trace.
    fn number(&mut self, field: Field, count: usize) -> Result<u32, DecodeError> {
        let taken = self.take(field, count)?;
        Ok(taken.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)))
    }

    fn told(&mut self, field: Field, count: usize) -> Result<u32, DecodeError> {
        let start = self.offset;
        let number = self.number(field, count)?;
        self.trace.field(field, start..self.offset, Value::Number(number));
        Ok(number)
    }

    /// `uint8`.
    ///
    /// # Errors
    /// [`Problem::Truncated`], as for all numbers.
    pub fn u8(&mut self, field: Field) -> Result<u8, DecodeError> {
        Ok(u8::try_from(self.told(field, 1)?).unwrap_or(u8::MAX))
    }

    /// `uint16`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u16(&mut self, field: Field) -> Result<u16, DecodeError> {
        Ok(u16::try_from(self.told(field, 2)?).unwrap_or(u16::MAX))
    }

    /// `uint24`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u24(&mut self, field: Field) -> Result<u32, DecodeError> {
        self.told(field, 3)
    }

    /// `uint32`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u32(&mut self, field: Field) -> Result<u32, DecodeError> {
        self.told(field, 4)
    }

    /// A registered number of one or two bytes.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn word<W: CodePoint>(&mut self, field: Field) -> Result<W, DecodeError> {
        let start = self.offset;
        let number = self.number(field, W::SIZE)?;
        let word = W::from_number(number);
        self.trace.field(field, start..self.offset, Value::Name(number, word.known_name()));
        Ok(word)
    }

    /// `opaque[count]`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn bytes(&mut self, field: Field, count: usize) -> Result<&'a [u8], DecodeError> {
        let start = self.offset;
        let taken = self.take(field, count)?;
        self.trace.field(field, start..self.offset, Value::Bytes(taken));
        Ok(taken)
    }

    /// `opaque[N]`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn array<const N: usize>(&mut self, field: Field) -> Result<&'a [u8; N], DecodeError> {
        let taken = self.bytes(field, N)?;
        // `bytes` took exactly N.
        taken.try_into().map_err(|_| self.error(field, Problem::Truncated, [small(N), 0, 0]))
    }

    /// Reads exactly the next `count` bytes with `body`, for a length that another field gives.
    ///
    /// # Errors
    /// [`Problem::Truncated`], [`Problem::Trailing`], and errors of `body`.
    pub fn window<R>(
        &mut self,
        field: Field,
        count: usize,
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let start = self.offset;
        let content = self.take(field, count)?;
        let mut inner = Reader::at(content, start, &mut *self.trace);
        let value = body(&mut inner)?;
        inner.finish(field)?;
        Ok(value)
    }

    /// Takes all remaining bytes as one opaque field.
    pub fn rest(&mut self, field: Field) -> &'a [u8] {
        let start = self.offset;
        let taken = core::mem::take(&mut self.bytes);
        self.offset = self.offset.saturating_add(taken.len());
        self.trace.field(field, start..self.offset, Value::Bytes(taken));
        taken
    }

    /// Reads the length prefix of a vector, `prefix` bytes long; returns the content and its offset.
    fn content(
        &mut self,
        field: Field,
        prefix: usize,
        bounds: Bounds,
    ) -> Result<(&'a [u8], usize), DecodeError> {
        let start = self.offset;
        let length = self.number(field, prefix)?;
        self.trace.field(field, start..self.offset, Value::Length(length));
        let count = usize::try_from(length).unwrap_or(usize::MAX);
        if length < bounds.min() || length > bounds.max() {
            let numbers = [bounds.min(), bounds.max(), length];
            return Err(self.error_at(start, field, Problem::OutOfRange, numbers));
        }
        let inside = self.offset;
        Ok((self.take(field, count)?, inside))
    }

    /// `opaque<min..max>` with a length prefix of `prefix` bytes.
    fn opaque(&mut self, field: Field, prefix: usize, bounds: Bounds) -> Result<&'a [u8], DecodeError> {
        let (content, start) = self.content(field, prefix, bounds)?;
        self.trace.field(field, start..self.offset, Value::Bytes(content));
        Ok(content)
    }

    /// `opaque<range>` with a one-byte length.
    ///
    /// # Errors
    /// [`Problem::Truncated`] or [`Problem::OutOfRange`], as for all vectors.
    #[inline(always)]
    pub fn opaque8(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 1, Bounds::of(range))
    }

    /// `opaque<range>` with a two-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    #[inline(always)]
    pub fn opaque16(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 2, Bounds::of(range))
    }

    /// `opaque<range>` with a three-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    #[inline(always)]
    pub fn opaque24(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 3, Bounds::of(range))
    }
}

/// The permitted lengths of a vector in one word: a range of three, built at every call, is a large part of
/// a decoder's code. The shortest is in the high byte (no vector of TLS has a minimum above 255), the longest
/// in the other three.
#[derive(Clone, Copy)]
struct Bounds(u32);

impl Bounds {
    const LONGEST: usize = 0xff_ffff;

    #[allow(clippy::as_conversions, reason = "both fit")]
    const fn of(range: RangeInclusive<usize>) -> Self {
        let (min, max) = (*range.start(), *range.end());
        debug_assert!(min <= 0xff, "a minimum of one byte");
        let max = if max > Self::LONGEST { Self::LONGEST } else { max };
        Self((min as u32) << 24 | max as u32)
    }

    fn min(self) -> u32 {
        self.0 >> 24
    }

    fn max(self) -> u32 {
        self.0 & 0xff_ffff
    }
}

/// Converts a count to `u32`. Lengths in messages fit 24 bits; larger counts saturate.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
