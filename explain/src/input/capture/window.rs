//! The part of a file that is in memory: as much as the longest record. Grows by bytes that were read, not
//! by an announced length.
//!
//! The readers of `pcap-parser` need each block as a whole, drop errors of the file, and need a whole
//! header in the first read; so its parsers are given slices of this window.
//! first read to return a whole header; so its parsers are given slices of this instead.

use std::io::{ErrorKind, Read};

use super::error::CaptureError;

/// Limit on the length of a record or block; longer ones are damage. Wireshark has the same limit for
/// packets.
pub(super) const LONGEST: usize = 16 << 20;

/// Number of bytes per read.
const STEP: usize = 64 << 10;

pub(super) struct Window<'r> {
    input: Box<dyn Read + 'r>,
    buffer: Vec<u8>,
    start: usize,
    /// Offset in the file of `start`.
    offset: u64,
    ended: bool,
    is_cut: bool,
}

impl<'r> Window<'r> {
    pub fn new(input: Box<dyn Read + 'r>) -> Self {
        Self { input, buffer: Vec::new(), start: 0, offset: 0, ended: false, is_cut: false }
    }

    /// Offset in the file of the next byte.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the next bytes: at least `count`, unless the file ends.
    pub fn at_least(&mut self, count: usize) -> Result<&[u8], CaptureError> {
        if self.available() < count && !self.ended {
            self.fill(count.min(LONGEST))?;
        }
        Ok(self.buffer.get(self.start..).unwrap_or_default())
    }

    /// Skips bytes; `false` if the file ends before.
    pub fn advance(&mut self, count: usize) -> Result<bool, CaptureError> {
        let mut left = count;
        loop {
            let step = left.min(self.available());
            self.start += step;
            self.offset += u64::try_from(step).unwrap_or(u64::MAX);
            left -= step;
            if left == 0 || self.ended {
                return Ok(left == 0);
            }
            self.fill(left.min(STEP))?;
        }
    }

    /// Whether a compressed file is truncated.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn available(&self) -> usize {
        self.buffer.len() - self.start
    }

    fn fill(&mut self, count: usize) -> Result<(), CaptureError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let missing = count.saturating_sub(self.buffer.len()).max(STEP);
        let limit = u64::try_from(missing).unwrap_or(u64::MAX);
        match (&mut self.input).take(limit).read_to_end(&mut self.buffer) {
            Ok(came) => self.ended = came < missing,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                self.ended = true;
                self.is_cut = true;
            }
            Err(error) => {
                let end = self.offset + u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
                return Err(CaptureError::unreadable(end, error));
            }
        }
        Ok(())
    }
}
