//! The writer of wire bytes: length prefixes are reserved first and filled in later.

use crate::{EncodeError, Field, name::CodePoint, read::small};

/// A wire structure that can be encoded.
pub trait Encode {
    /// Encodes the structure. An error stays in the writer.
    fn encode(&self, writer: &mut Writer<'_>);

    /// Encodes the structure at the end of `output`.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    fn encode_to(&self, output: &mut dyn Output) -> Result<(), EncodeError> {
        let mut writer = Writer::new(output);
        self.encode(&mut writer);
        writer.finish()
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

/// Writes numbers, opaque bytes and vectors. The first error stays in the writer, which then writes
/// nothing more; [`Writer::finish`] returns it. With a result at every number the branches on it would
/// be a large part of the code of a message.
pub struct Writer<'o> {
    output: &'o mut dyn Output,
    outcome: Result<(), EncodeError>,
}

impl core::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Writer at {}", self.output.position())
    }
}

impl<'o> Writer<'o> {
    /// Returns a writer that appends to `output`.
    pub fn new(output: &'o mut dyn Output) -> Self {
        Self { output, outcome: Ok(()) }
    }

    /// Ends writing.
    ///
    /// # Errors
    /// The first error: [`EncodeError::TooLong`] if content did not fit its length prefix,
    /// [`EncodeError::Full`] if the output was full.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.outcome
    }

    /// Returns the number of bytes in the output so far.
    pub fn position(&self) -> usize {
        self.output.position()
    }

    /// `uint8`.
    pub fn u8(&mut self, number: u8) {
        self.bytes(&[number]);
    }

    /// `uint16`.
    pub fn u16(&mut self, number: u16) {
        self.bytes(&number.to_be_bytes());
    }

    /// `uint24`; the high byte of `number` is dropped.
    pub fn u24(&mut self, number: u32) {
        let [_, a, b, c] = number.to_be_bytes();
        self.bytes(&[a, b, c]);
    }

    /// `uint32`.
    pub fn u32(&mut self, number: u32) {
        self.bytes(&number.to_be_bytes());
    }

    /// A registered number of one or two bytes.
    pub fn word<W: CodePoint>(&mut self, word: W) {
        match W::SIZE {
            1 => self.u8(u8::try_from(word.number()).unwrap_or(u8::MAX)),
            _ => self.u16(u16::try_from(word.number()).unwrap_or(u16::MAX)),
        }
    }

    /// `opaque[n]`.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.outcome.is_ok() {
            self.outcome = self.output.put(bytes);
        }
    }

    /// The compiler repeats this for every structure: what can be shared are functions of their own.
    fn vector(&mut self, field: Field, prefix: usize, body: impl FnOnce(&mut Writer<'_>)) {
        let start = self.begin(prefix);
        body(self);
        self.end(field, prefix, start);
    }

    /// Begins a vector whose length has `prefix` (1 to 3) bytes; returns where its content begins. For a caller
    /// that writes many vectors by functions of its own; others use [`Writer::vector16`] and its kind.
    pub fn begin(&mut self, prefix: usize) -> usize {
        self.bytes([0_u8; 3].get(..prefix).unwrap_or_default());
        self.output.position()
    }

    /// Ends the vector whose content begins at `start`: fills in its length.
    pub fn end(&mut self, field: Field, prefix: usize, start: usize) {
        let length = small(self.output.position().saturating_sub(start)).to_be_bytes();
        let unused = length.len().saturating_sub(prefix);
        let (above, kept) = length.split_at_checked(unused).unwrap_or_default();
        if self.outcome.is_ok() {
            self.outcome = match above.iter().all(|byte| *byte == 0) {
                true => self.output.patch(start.saturating_sub(prefix), kept),
                false => Err(EncodeError::TooLong { field }),
            };
        }
    }

    /// A vector with a one-byte length.
    pub fn vector8(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>)) {
        self.vector(field, 1, body);
    }

    /// A vector with a two-byte length.
    pub fn vector16(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>)) {
        self.vector(field, 2, body);
    }

    /// A vector with a three-byte length.
    pub fn vector24(&mut self, field: Field, body: impl FnOnce(&mut Writer<'_>)) {
        self.vector(field, 3, body);
    }

    /// `opaque<..>` with a one-byte length.
    pub fn opaque8(&mut self, field: Field, bytes: &[u8]) {
        self.opaque(field, 1, bytes);
    }

    /// `opaque<..>` with a two-byte length.
    pub fn opaque16(&mut self, field: Field, bytes: &[u8]) {
        self.opaque(field, 2, bytes);
    }

    /// `opaque<..>` with a three-byte length.
    pub fn opaque24(&mut self, field: Field, bytes: &[u8]) {
        self.opaque(field, 3, bytes);
    }

    fn opaque(&mut self, field: Field, prefix: usize, bytes: &[u8]) {
        self.vector(field, prefix, |inner| inner.bytes(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_stays() {
        let mut room = [0; 4];
        let mut output = SliceOutput::new(&mut room);
        let mut writer = Writer::new(&mut output);
        writer.u16(0x0102);
        writer.opaque8(Field::legacy_session_id, &[3; 4]);
        // There is room for it, but not in its place.
        writer.u8(5);
        assert_eq!(writer.finish(), Err(EncodeError::Full));
        assert_eq!(output.written(), [1, 2, 0]);

        let mut output = alloc::vec::Vec::new();
        let mut writer = Writer::new(&mut output);
        writer.opaque8(Field::psk_identity, &[0; 256]);
        writer.opaque8(Field::ticket, &[0; 256]);
        assert_eq!(writer.finish(), Err(EncodeError::TooLong { field: Field::psk_identity }));
    }
}
