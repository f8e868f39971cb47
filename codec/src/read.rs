//! The one reader of bytes. Nothing is indexed; every length is checked against what is there.

mod vector;

use core::ops::RangeInclusive;

use crate::{DecodeError, Field, Problem, Trace, Value, name::CodePoint};

/// A wire structure that can be read.
pub trait Decode<'a>: Sized {
    /// Reads the structure, telling the reader's trace each field.
    ///
    /// # Errors
    /// The field that does not parse, its offset and why.
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, DecodeError>;

    /// Reads the structure from exactly these bytes, silently.
    ///
    /// # Errors
    /// As [`Decode::decode`]; also when bytes are left over (blamed on `field`).
    fn from_bytes(bytes: &'a [u8], field: Field) -> Result<Self, DecodeError> {
        let mut silent = ();
        let mut reader = Reader::new(bytes, &mut silent);
        let value = Self::decode(&mut reader)?;
        reader.finish(field)?;
        Ok(value)
    }
}

/// Reads from borrowed bytes and tells a [`Trace`].
#[derive(Debug)]
pub struct Reader<'a, 't, T: Trace> {
    bytes: &'a [u8],
    /// Offset of `bytes[0]` in the outermost reader.
    offset: usize,
    trace: &'t mut T,
}

impl<'a, 't, T: Trace> Reader<'a, 't, T> {
    /// A reader whose offsets count from the first of these bytes.
    pub fn new(bytes: &'a [u8], trace: &'t mut T) -> Self {
        Self::at(bytes, 0, trace)
    }

    /// A reader whose first byte stands at `offset`.
    pub fn at(bytes: &'a [u8], offset: usize, trace: &'t mut T) -> Self {
        Self { bytes, offset, trace }
    }

    /// Offset of the next byte.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Everything must have been read.
    ///
    /// # Errors
    /// [`Problem::Trailing`].
    pub fn finish(&self, field: Field) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            extra => Err(self.error(field, Problem::Trailing { extra: small(extra) })),
        }
    }

    /// An error at the present offset.
    pub fn error(&self, field: Field, problem: Problem) -> DecodeError {
        DecodeError { field, offset: small(self.offset), problem }
    }

    /// Names the structure read by `body` to the trace.
    ///
    /// # Errors
    /// Those of `body`.
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
            return Err(self.error(
                field,
                Problem::Truncated { needed: small(count), available: small(self.bytes.len()) },
            ));
        };
        self.bytes = rest;
        self.offset = self.offset.saturating_add(count);
        Ok(taken)
    }

    /// All that is left, without telling the trace.
    fn take_all(&mut self) -> &'a [u8] {
        let taken = core::mem::take(&mut self.bytes);
        self.offset = self.offset.saturating_add(taken.len());
        taken
    }

    /// Reads `count` (1 to 4) bytes as a number, without telling the trace.
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
    /// [`Problem::Truncated`], as for all that follow.
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

    /// A number from a registry.
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
        let before = self.error(field, Problem::Truncated { needed: small(N), available: 0 });
        let taken = self.bytes(field, N)?;
        taken.try_into().map_err(|_| before)
    }

    /// Reads the next `count` bytes by `body`, which must read all of them; for a length that
    /// stood elsewhere.
    ///
    /// # Errors
    /// [`Problem::Truncated`], [`Problem::Trailing`], and those of `body`.
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

    /// All bytes left, as one opaque field.
    pub fn rest(&mut self, field: Field) -> &'a [u8] {
        let start = self.offset;
        let taken = core::mem::take(&mut self.bytes);
        self.offset = self.offset.saturating_add(taken.len());
        self.trace.field(field, start..self.offset, Value::Bytes(taken));
        taken
    }

    /// The content of a vector whose length prefix has `prefix` bytes, with its offset.
    fn content(
        &mut self,
        field: Field,
        prefix: usize,
        range: RangeInclusive<usize>,
    ) -> Result<(&'a [u8], usize), DecodeError> {
        let start = self.offset;
        let length = self.number(field, prefix)?;
        self.trace.field(field, start..self.offset, Value::Length(length));
        let count = usize::try_from(length).unwrap_or(usize::MAX);
        if !range.contains(&count) {
            return Err(DecodeError {
                field,
                offset: small(start),
                problem: Problem::OutOfRange {
                    min: small(*range.start()),
                    max: small(*range.end()),
                    found: length,
                },
            });
        }
        let inside = self.offset;
        Ok((self.take(field, count)?, inside))
    }

    /// `opaque<min..max>` behind a length of `prefix` bytes.
    fn opaque(
        &mut self,
        field: Field,
        prefix: usize,
        range: RangeInclusive<usize>,
    ) -> Result<&'a [u8], DecodeError> {
        let (content, start) = self.content(field, prefix, range)?;
        self.trace.field(field, start..self.offset, Value::Bytes(content));
        Ok(content)
    }

    /// `opaque<range>` with a one-byte length.
    ///
    /// # Errors
    /// [`Problem::Truncated`] or [`Problem::OutOfRange`], as for all vectors.
    pub fn opaque8(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 1, range)
    }

    /// `opaque<range>` with a two-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    pub fn opaque16(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 2, range)
    }

    /// `opaque<range>` with a three-byte length.
    ///
    /// # Errors
    /// As [`Reader::opaque8`].
    pub fn opaque24(&mut self, field: Field, range: RangeInclusive<usize>) -> Result<&'a [u8], DecodeError> {
        self.opaque(field, 3, range)
    }
}

/// Lengths of messages fit 24 bits; anything above is told as the largest number.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
