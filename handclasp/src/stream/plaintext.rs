//! What `std::io` asks of a stream: plaintext lent out, read, written.

use std::io::{self, BufRead, Read, Write};

use super::{Stream, with_context};
use crate::{Error, transport::Transport};

/// Plaintext is lent out where it was opened: no copy.
impl<T: Transport> BufRead for Stream<T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.connection.readable().is_empty() {
            if let Err(fault) = with_context(&self.config, |context| self.connection.proceed(context)) {
                let error = Error::from_fault(fault, self.connection.report());
                return Err(self.fail(error));
            }
            self.keep_what_came();
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
        Ok(self.connection.readable())
    }

    fn consume(&mut self, count: usize) {
        self.connection.consume(count);
    }
}

impl<T: Transport> Read for Stream<T> {
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

impl<T: Transport> Write for Stream<T> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        // What waits from before goes first, so that there is room.
        self.flush_or_why()?;
        let taken = match with_context(&self.config, |context| self.connection.write(context, data)) {
            Ok(taken) => taken,
            Err(fault) => {
                let error = Error::from_fault(fault, self.connection.report());
                return Err(self.fail(error));
            }
        };
        // What was taken is sealed and must not be given again: its error is the next call's.
        use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
        match self.flush_or_why() {
            Err(error) if taken > 0 && matches!(error.kind(), Interrupted | TimedOut | WouldBlock) => {
                Ok(taken)
            }
            other => other.map(|()| taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flush_or_why()
    }
}
