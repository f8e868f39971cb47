//! The writer of wire bytes: length prefixes are reserved first and filled in later.

use crate::{EncodeError, Field, name::CodePoint, read::small};

/// A wire structure that can be encoded.
pub trait Encode {
    /// Encodes the structure.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] if content does not fit its length prefix, [`EncodeError::Full`] if the
    /// output is full.
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// Encodes the structure at the end of `output`.
    ///
    /// # Errors
    /// As [`Encode::encode`].
    fn encode_to(&self, output: &mut dyn Output) -> Result<(), EncodeError> {
        self.encode(&mut Writer::new(output))
    }
}

/// Destination of encoded bytes: a fixed slice on small devices, a `Vec` (feature `alloc`) elsewhere.
pub trait Output {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`EncodeError::Full`] if they do not fit.
    fn put(&mut self, bytes: &[u8]) -> Result<(), EncodeError>;
    /// Returns the number of bytes written so far.
    fn position(&self) -> usize;
    /// Overwrites bytes written earlier, from `at` on.
    ///
    /// # Errors
    /// [`EncodeError::Full`] if that range was not written yet.
    fn patch(&mut self, at: usize, bytes: &[u8]) -> Result<(), EncodeError>;
}

fn overwrite(written: &mut [u8], at: usize, bytes: &[u8]) -> Result<(), EncodeError> {
    let place =
        written.get_mut(at..).and_then(|tail| tail.get_mut(..bytes.len())).ok_or(EncodeError::Full)?;
    place.copy_from_slice(bytes);
    Ok(())
}

#[cfg(any(test, feature = "alloc"))]
impl Output for alloc::vec::Vec<u8> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.extend_from_slice(bytes);
        Ok(())
    }
    fn position(&self) -> usize {
        self.len()
    }
    fn patch(&mut self, at: usize, bytes: &[u8]) -> Result<(), EncodeError> {
        overwrite(self, at, bytes)
    }
}

/// An output of fixed length.
#[derive(Debug)]
pub struct SliceOutput<'b> {
    slice: &'b mut [u8],
    position: usize,
}

impl<'b> SliceOutput<'b> {
    /// Returns an output that begins at the start of `slice`.
    pub fn new(slice: &'b mut [u8]) -> Self {
        Self { slice, position: 0 }
    }
    /// Returns the bytes written so far.
    pub fn written(&self) -> &[u8] {
        self.slice.get(..self.position).unwrap_or_default()
    }
}

impl Output for SliceOutput<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        overwrite(self.slice, self.position, bytes)?;
        self.position = self.position.saturating_add(bytes.len());
        Ok(())
    }
    fn position(&self) -> usize {
        self.position
    }
    fn patch(&mut self, at: usize, bytes: &[u8]) -> Result<(), EncodeError> {
        overwrite(self.slice, at, bytes)
    }
}

/// Writes numbers, opaque bytes and vectors.
pub struct Writer<'o> {
    output: &'o mut dyn Output,
}

impl core::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Writer at {}", self.output.position())
    }
}

type Written = Result<(), EncodeError>;

impl<'o> Writer<'o> {
    /// Returns a writer that appends to `output`.
    pub fn new(output: &'o mut dyn Output) -> Self {
        Self { output }
    }

    /// Returns the number of bytes in the output so far.
    pub fn position(&self) -> usize {
        self.output.position()
    }

    /// `uint8`.
    ///
    /// # Errors
    /// [`EncodeError::Full`], as for all numbers.
    pub fn u8(&mut self, number: u8) -> Written {
        self.output.put(&[number])
    }

    /// `uint16`.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn u16(&mut self, number: u16) -> Written {
        self.output.put(&number.to_be_bytes())
    }

    /// `uint24`; the high byte of `number` is dropped.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn u24(&mut self, number: u32) -> Written {
        let [_, a, b, c] = number.to_be_bytes();
        self.output.put(&[a, b, c])
    }

    /// `uint32`.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn u32(&mut self, number: u32) -> Written {
        self.output.put(&number.to_be_bytes())
    }

    /// A registered number of one or two bytes.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn word<W: CodePoint>(&mut self, word: W) -> Written {
        match W::SIZE {
            1 => self.u8(u8::try_from(word.number()).unwrap_or(u8::MAX)),
            _ => self.u16(u16::try_from(word.number()).unwrap_or(u16::MAX)),
        }
    }

    /// `opaque[n]`.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Written {
        self.output.put(bytes)
    }

    /// The compiler instantiates this for every structure; the parts that can be shared are separate
    /// functions.
    fn vector(
        &mut self,
        field: Field,
        prefix: usize,
        body: impl FnOnce(&mut Writer<'_>) -> Written,
    ) -> Written {
        let start = self.reserve(prefix)?;
        body(self)?;
        self.fill_in(field, prefix, start)
    }

    /// Reserves a length prefix; returns the position at which the content begins.
    fn reserve(&mut self, prefix: usize) -> Result<usize, EncodeError> {
        self.output.put([0_u8; 3].get(..prefix).unwrap_or_default())?;
        Ok(self.output.position())
    }

    /// Fills in the length of the content that begins at `start`.
    fn fill_in(&mut self, field: Field, prefix: usize, start: usize) -> Written {
        let length = small(self.output.position().saturating_sub(start)).to_be_bytes();
        let unused = length.len().saturating_sub(prefix);
        let (above, kept) = length.split_at_checked(unused).unwrap_or_default();
        if above.iter().any(|byte| *byte != 0) {
            return Err(EncodeError::TooLong { field });
        }
        self.output.patch(start.saturating_sub(prefix), kept)
    }

    /// A vector with a one-byte length.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`], [`EncodeError::Full`], and errors of `body`.
    pub fn vector8(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>) -> Written) -> Written {
        self.vector(field, 1, body)
    }

    /// A vector with a two-byte length.
    ///
    /// # Errors
    /// As [`Writer::vector8`].
    pub fn vector16(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>) -> Written) -> Written {
        self.vector(field, 2, body)
    }

    /// A vector with a three-byte length.
    ///
    /// # Errors
    /// As [`Writer::vector8`].
    pub fn vector24(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>) -> Written) -> Written {
        self.vector(field, 3, body)
    }

    /// `opaque<..>` with a one-byte length.
    ///
    /// # Errors
    /// As [`Writer::vector8`].
    pub fn opaque8(&mut self, field: Field, bytes: &[u8]) -> Written {
        self.vector8(field, |inner| inner.bytes(bytes))
    }

    /// `opaque<..>` with a two-byte length.
    ///
    /// # Errors
    /// As [`Writer::vector8`].
    pub fn opaque16(&mut self, field: Field, bytes: &[u8]) -> Written {
        self.vector16(field, |inner| inner.bytes(bytes))
    }

    /// `opaque<..>` with a three-byte length.
    ///
    /// # Errors
    /// As [`Writer::vector8`].
    pub fn opaque24(&mut self, field: Field, bytes: &[u8]) -> Written {
        self.vector24(field, |inner| inner.bytes(bytes))
    }
}
