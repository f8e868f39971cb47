//! What carries the records: anything that reads and writes, with a clock where it has one.

use std::{
    io::{Read, Result, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// How long one read and one write may block; `None`: as long as it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Of one read.
    pub read: Option<Duration>,
    /// Of one write.
    pub write: Option<Duration>,
}

impl From<Duration> for Timeouts {
    fn from(both: Duration) -> Self {
        Self { read: Some(both), write: Some(both) }
    }
}

/// A byte stream under a connection. A transport without a clock keeps these defaults, and its
/// handshakes have no deadline.
pub trait Transport: Read + Write {
    /// The timeouts as they are; the handshake puts them back when it is over.
    ///
    /// # Errors
    /// Those of the operating system.
    fn timeouts(&self) -> Result<Timeouts> {
        Ok(Timeouts::default())
    }

    /// Bounds how long one read or write may block.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_timeouts(&mut self, timeouts: Timeouts) -> Result<()> {
        let _ = timeouts;
        Ok(())
    }

    /// Ends the direction in which this side sends, as TCP's FIN does; reading goes on. Called after a
    /// fatal alert. A transport that cannot do it keeps this default, and its peer sees the end when
    /// the transport is dropped.
    ///
    /// # Errors
    /// Those of the operating system.
    fn shutdown_write(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Sockets of the operating system have both clocks.
macro_rules! socket {
    ($socket:ty) => {
        impl Transport for $socket {
            fn timeouts(&self) -> Result<Timeouts> {
                Ok(Timeouts { read: self.read_timeout()?, write: self.write_timeout()? })
            }

            fn set_timeouts(&mut self, timeouts: Timeouts) -> Result<()> {
                self.set_read_timeout(timeouts.read)?;
                self.set_write_timeout(timeouts.write)
            }

            fn shutdown_write(&mut self) -> Result<()> {
                self.shutdown(Shutdown::Write)
            }
        }
    };
}

socket!(TcpStream);
#[cfg(unix)]
socket!(std::os::unix::net::UnixStream);
