//! What carries the records: anything that reads and writes, with a clock where it has one.

use std::{
    io::{Read, Result, Write},
    net::TcpStream,
    time::Duration,
};

/// A byte stream under a connection.
pub trait Transport: Read + Write {
    /// Bounds how long one read or write may block; `None` lifts the bound. A transport
    /// without a clock ignores it, and its handshakes have no deadline.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<()> {
        let _ = timeout;
        Ok(())
    }
}

impl Transport for TcpStream {
    fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<()> {
        self.set_read_timeout(timeout)?;
        self.set_write_timeout(timeout)
    }
}

#[cfg(unix)]
impl Transport for std::os::unix::net::UnixStream {
    fn set_timeout(&mut self, timeout: Option<Duration>) -> Result<()> {
        self.set_read_timeout(timeout)?;
        self.set_write_timeout(timeout)
    }
}
