//! A header that arrives in pieces.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    Header,
    error::HeaderError,
    version1,
    version2::{self, FIXED, SIGNATURE},
};

/// Reads a header from pieces of any size. It asks for no byte behind the header, so that the next reader of the
/// connection finds the client's first byte.
#[derive(Debug, Default)]
pub struct Incoming {
    bytes: Vec<u8>,
}

impl Incoming {
    /// Before the first byte.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes belong to the header for sure and have not arrived; 0: the header is complete.
    ///
    /// # Errors
    /// What has arrived cannot become a header.
    pub fn wanted(&self) -> Result<usize, HeaderError> {
        let seen = self.bytes.as_slice();
        let begins = |whole: &[u8]| seen.iter().zip(whole).all(|(one, other)| one == other);
        if begins(SIGNATURE) {
            return match seen.len() {
                // Both versions have so many.
                short if short < version1::SHORTEST => Ok(version1::SHORTEST.saturating_sub(short)),
                short if short < FIXED => Ok(FIXED.saturating_sub(short)),
                arrived => Ok(version2::length(seen)?.saturating_sub(arrived)),
            };
        }
        match begins(version1::BEGINNING) {
            true => version1::wanted(seen),
            false => Err(HeaderError::Missing { found: seen.get(..16).unwrap_or(seen).to_vec() }),
        }
    }

    /// Adds bytes, of which there are at most as many as [`wanted`](Self::wanted). Returns the header when it is
    /// complete.
    ///
    /// # Errors
    /// The bytes cannot be, or become, a header.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Header>, HeaderError> {
        self.bytes.extend_from_slice(bytes);
        if self.wanted()? > 0 {
            return Ok(None);
        }
        match self.bytes.starts_with(SIGNATURE) {
            true => version2::parse(&self.bytes),
            false => version1::parse(&self.bytes),
        }
        .map(Some)
    }
}

/// Reads a header from a connection, and not a byte more. A caller sets a deadline: senders send it at once, so that a
/// few seconds are enough (section 2).
///
/// # Errors
/// The connection failed, or [`HeaderError`] inside of the error.
pub async fn read_header(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Header> {
    let refused = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut incoming = Incoming::new();
    let mut chunk = [0; 1024];
    loop {
        let wanted = incoming.wanted().map_err(refused)?.min(chunk.len());
        let space = chunk.get_mut(..wanted).unwrap_or_default();
        let count = stream.read(space).await?;
        if count == 0 {
            return Err(refused(HeaderError::Ended { after: incoming.bytes.len() }));
        }
        let arrived = chunk.get(..count).unwrap_or_default();
        if let Some(header) = incoming.push(arrived).map_err(refused)? {
            return Ok(header);
        }
    }
}
