//! The traits of [`std::io`] for a stream.

use std::io::{self, BufRead, IoSlice, Read, Write};

use super::Stream;
use crate::{Connection, Error};

/// Lends plaintext from where it was decrypted, without a copy.
impl<S: Read + Write> BufRead for Stream<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.connection.readable().is_empty() {
            if let Err(error) = self.connection.proceed() {
                return Err(self.fail(error));
            }
            let flushed = self.flush_or_why();
            // What the peer sent before it went is read all the same.
            if !self.connection.readable().is_empty() || self.connection.is_peer_closed() {
                break;
            }
            flushed?;
            if let Err(error) = self.receive() {
                return Err(self.fail(error));
            }
        }
        self.connection.gather();
        Ok(self.connection.readable())
    }

    fn consume(&mut self, count: usize) {
        self.engine().consume(count);
    }
}

impl<S: Read + Write> Read for Stream<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<S: Read + Write> Write for Stream<S> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.write_with(|connection| connection.write(data))
    }

    /// The slices fill records together.
    fn write_vectored(&mut self, data: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_with(|connection| connection.write_vectored(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_or_why()
    }
}

impl<S: Read + Write> Stream<S> {
    fn write_with(
        &mut self,
        write: impl FnOnce(&mut Connection) -> Result<usize, Error>,
    ) -> io::Result<usize> {
        // What waits from before is sent first, so that the queue has room.
        self.flush_or_why()?;
        let taken = match write(&mut self.connection) {
            Ok(taken) => taken,
            Err(error) => return Err(self.fail(error)),
        };
        // What was taken is encrypted and must not be given again: its error is the next call's.
        use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
        match self.flush_or_why() {
            Err(error) if taken > 0 && matches!(error.kind(), Interrupted | TimedOut | WouldBlock) => {
                Ok(taken)
            }
            other => other.map(|()| taken),
        }
    }
}
