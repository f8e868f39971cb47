//! Where a program listens: a port of loopback or a UNIX socket; and connections to it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;

/// Limit of each wait for a program.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The deadline of a wait that begins now.
pub fn deadline() -> Instant {
    Instant::now() + TIMEOUT
}

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A port of 127.0.0.1.
    Tcp(u16),
    /// The path of a UNIX socket.
    Unix(PathBuf),
}

impl Address {
    /// A new one of this kind, `tcp` or `unix`, at which a program can listen; sockets are in the folder.
    pub fn new(kind: &str, folder: &Path, name: &str) -> Result<Self> {
        match kind {
            "tcp" => process::free_port().map(Self::Tcp),
            "unix" => Ok(Self::Unix(folder.join(name))),
            _ => bail!("`{kind}` is neither tcp nor unix"),
        }
    }

    /// A connection, whose reads end after [`TIMEOUT`].
    pub fn connect(&self) -> io::Result<Stream> {
        let stream = match self {
            Self::Tcp(port) => Stream::Tcp(TcpStream::connect((Ipv4Addr::LOCALHOST, *port))?),
            Self::Unix(path) => Stream::Unix(UnixStream::connect(path)?),
        };
        stream.set_timeout()?;
        Ok(stream)
    }

    /// Waits until a program accepts connections.
    pub fn wait_listening(&self, deadline: Instant) -> Result<()> {
        loop {
            match self.connect() {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() >= deadline => {
                    return Err(error).with_context(|| format!("no program listens on {self:?}"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// A connection of either kind.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a UNIX socket.
    Unix(UnixStream),
}

impl Stream {
    fn set_timeout(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(Some(TIMEOUT)),
            Self::Unix(stream) => stream.set_read_timeout(Some(TIMEOUT)),
        }
    }

    /// Another handle of the same connection.
    pub fn try_clone(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(stream) => stream.try_clone().map(Self::Tcp),
            Self::Unix(stream) => stream.try_clone().map(Self::Unix),
        }
    }

    /// Ends what we send; the other direction stays open.
    pub fn end_sending(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
