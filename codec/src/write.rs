//! The one writer of bytes: length prefixes are reserved, then filled in.

use crate::{EncodeError, Field, name::CodePoint, read::small};

/// A wire structure that can be written.
pub trait Encode {
    /// Writes the structure.
    ///
    /// # Errors
    /// A content too long for its prefix, or an output without room.
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// Writes the structure at the end of `output`.
    ///
    /// # Errors
    /// As [`Encode::encode`].
    fn encode_to(&self, output: &mut dyn Output) -> Result<(), EncodeError> {
        self.encode(&mut Writer::new(output))
    }
}

/// Where encoded bytes go: a fixed slice on small devices, a `Vec` (feature `alloc`) elsewhere.
pub trait Output {
    /// Appends.
    ///
    /// # Errors
    /// [`EncodeError::Full`].
    fn put(&mut self, bytes: &[u8]) -> Result<(), EncodeError>;
    /// Bytes written so far.
    fn position(&self) -> usize;
    /// Overwrites bytes written earlier.
    ///
    /// # Errors
    /// [`EncodeError::Full`] when they were not.
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

/// Writes into a slice of fixed length.
#[derive(Debug)]
pub struct SliceOutput<'b> {
    slice: &'b mut [u8],
    position: usize,
}

impl<'b> SliceOutput<'b> {
    /// Starts at the front of `slice`.
    pub fn new(slice: &'b mut [u8]) -> Self {
        Self { slice, position: 0 }
    }
    /// What was written.
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
    /// Appends to `output`.
    pub fn new(output: &'o mut dyn Output) -> Self {
        Self { output }
    }

    /// Bytes in the output so far.
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

    /// `uint24`; the top byte of `number` is dropped.
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

    /// A number from a registry.
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

    /// There is a copy of this for every structure, so that what can be shared is not in it.
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

    /// Leaves room for a length; returns where what it counts begins.
    fn reserve(&mut self, prefix: usize) -> Result<usize, EncodeError> {
        self.output.put([0_u8; 3].get(..prefix).unwrap_or_default())?;
        Ok(self.output.position())
    }

    /// Writes the length of what stands from `start` on into the room before it.
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
    /// [`EncodeError::TooLong`], [`EncodeError::Full`], and those of `body`.
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
