//! The reader of wire bytes. It never indexes; every length is checked against the bytes available.

mod vector;

use core::ops::RangeInclusive;

use crate::{DecodeError, ErrorSlot, Field, Problem, Trace, Value, name::CodePoint};

/// The bytes do not decode. Why and where is in the trace of the reader ([`Trace::failed`]), which alone makes
/// this value. It has no size: every call of a [`Reader`] returns it, and results with an error of 8 bytes,
/// which go through memory, were a large part of a decoder's code on devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(());

const _: () = assert!(size_of::<Malformed>() == 0);

/// A wire structure that can be decoded.
pub trait Decode<'a>: Sized {
    /// Decodes the structure and reports each field to the reader's trace.
    ///
    /// # Errors
    /// The trace has the field that failed, its offset and the problem.
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed>;

    /// Decodes the structure from exactly these bytes, without a trace. The numbers of an error are lost.
    ///
    /// # Errors
    /// As [`Decode::decode`]; bytes left over are [`Problem::Trailing`] of `field`.
    fn from_bytes(bytes: &'a [u8], field: Field) -> Result<Self, DecodeError> {
        let mut slot = ErrorSlot::default();
        let mut reader = Reader::new(bytes, &mut slot);
        reader.whole(field, |reader| Self::decode(reader)).map_err(|malformed| slot.error(malformed))
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
    pub fn finish(&mut self, field: Field) -> Result<(), Malformed> {
        match self.bytes.len() {
            0 => Ok(()),
            extra => Err(self.error(field, Problem::Trailing, [small(extra), 0, 0])),
        }
    }

    /// Decodes with `body`, which must read all bytes.
    ///
    /// # Errors
    /// Errors of `body`, and [`Problem::Trailing`] of `field`.
    pub fn whole<R>(
        &mut self,
        field: Field,
        body: impl FnOnce(&mut Self) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        let value = body(self)?;
        self.finish(field)?;
        Ok(value)
    }

    /// Gives the trace an error at the current offset.
    pub fn error(&mut self, field: Field, problem: Problem, numbers: [u32; 3]) -> Malformed {
        self.error_at(self.offset, field, problem, numbers)
    }

    /// Gives the trace an error at an offset that was passed.
    pub fn error_at(
        &mut self,
        offset: usize,
        field: Field,
        problem: Problem,
        numbers: [u32; 3],
    ) -> Malformed {
        self.trace.failed(DecodeError { field, problem, offset: small(offset) }, numbers);
        Malformed(())
    }

    /// Reports to the trace that `body` reads the structure `field`.
    ///
    /// # Errors
    /// Errors of `body`.
    pub fn structure<R>(
        &mut self,
        field: Field,
        body: impl FnOnce(&mut Self) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        self.trace.open(field, self.offset);
        let value = body(self)?;
        self.trace.close(self.offset);
        Ok(value)
    }

    fn take(&mut self, field: Field, count: usize) -> Result<&'a [u8], Malformed> {
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
    fn number(&mut self, field: Field, count: usize) -> Result<u32, Malformed> {
        let taken = self.take(field, count)?;
        Ok(taken.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)))
    }

    /// As [`Reader::number`], reported to the trace.
    fn traced_number(&mut self, field: Field, count: usize) -> Result<u32, Malformed> {
        let start = self.offset;
        let number = self.number(field, count)?;
        self.trace.field(field, start..self.offset, Value::Number(number));
        Ok(number)
    }

    /// `uint8`.
    ///
    /// # Errors
    /// [`Problem::Truncated`], as for all numbers.
    pub fn u8(&mut self, field: Field) -> Result<u8, Malformed> {
        let [.., number] = self.traced_number(field, 1)?.to_be_bytes();
        Ok(number)
    }

    /// `uint16`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u16(&mut self, field: Field) -> Result<u16, Malformed> {
        let [.., high, low] = self.traced_number(field, 2)?.to_be_bytes();
        Ok(u16::from_be_bytes([high, low]))
    }

    /// `uint24`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u24(&mut self, field: Field) -> Result<u32, Malformed> {
        self.traced_number(field, 3)
    }

    /// `uint32`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn u32(&mut self, field: Field) -> Result<u32, Malformed> {
        self.traced_number(field, 4)
    }

    /// A registered number of one or two bytes.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn word<W: CodePoint>(&mut self, field: Field) -> Result<W, Malformed> {
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
    pub fn bytes(&mut self, field: Field, count: usize) -> Result<&'a [u8], Malformed> {
        let start = self.offset;
        let taken = self.take(field, count)?;
        self.trace.field(field, start..self.offset, Value::Bytes(taken));
        Ok(taken)
    }

    /// `opaque[N]`.
    ///
    /// # Errors
    /// [`Problem::Truncated`].
    pub fn array<const N: usize>(&mut self, field: Field) -> Result<&'a [u8; N], Malformed> {
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
        body: impl FnOnce(&mut Reader<'a, '_, T>) -> Result<R, Malformed>,
    ) -> Result<R, Malformed> {
        let start = self.offset;
        let content = self.take(field, count)?;
        Reader::at(content, start, &mut *self.trace).whole(field, body)
    }

    /// Takes all remaining bytes as one opaque field.
    pub fn rest(&mut self, field: Field) -> &'a [u8] {
        let start = self.offset;
        let taken = core::mem::take(&mut self.bytes);
        self.offset = self.offset.saturating_add(taken.len());
        self.trace.field(field, start..self.offset, Value::Bytes(taken));
        taken
    }

    /// Reads the length prefix of a vector, `prefix` bytes long, and takes its content.
    fn content(&mut self, field: Field, prefix: usize, bounds: Bounds) -> Result<&'a [u8], Malformed> {
        let start = self.offset;
        let length = self.number(field, prefix)?;
        self.trace.field(field, start..self.offset, Value::Length(length));
        let count = usize::try_from(length).unwrap_or(usize::MAX);
        if length < bounds.min() || length > bounds.max() {
            let numbers = [bounds.min(), bounds.max(), length];
            return Err(self.error_at(start, field, Problem::OutOfRange, numbers));
        }
        self.take(field, count)
    }

    /// Returns the offset of bytes that were taken last.
    fn offset_of(&self, taken: &[u8]) -> usize {
        self.offset.saturating_sub(taken.len())
    }

    /// `opaque<min..max>` with a length prefix of `prefix` bytes.
    fn opaque(&mut self, field: Field, prefix: usize, bounds: Bounds) -> Result<&'a [u8], Malformed> {
        let content = self.content(field, prefix, bounds)?;
        self.trace.field(field, self.offset_of(content)..self.offset, Value::Bytes(content));
        Ok(content)
    }

    /// `opaque<range>` with a one-byte length.
    ///
    /// # Errors
    /// [`Problem::Truncated`] or [`Problem::OutOfRange`], as for all vectors.
    #[inline(always)]
    pub fn opaque8(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], Malformed> {
        self.opaque(field, 1, Bounds::of(range))
    }

    /// `opaque<range>` with a two-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    #[inline(always)]
    pub fn opaque16(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], Malformed> {
        self.opaque(field, 2, Bounds::of(range))
    }

    /// `opaque<range>` with a three-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    #[inline(always)]
    pub fn opaque24(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], Malformed> {
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
