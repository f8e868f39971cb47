//! The byte stream under a connection, and its timeouts where it has some.
//!
//! Any `Read + Write` carries a connection. A time limit needs more: a blocked call ends only where
//! the stream has timeouts. [`Timers`] knows for each stream how to set them, without a bound on the
//! stream's type: by its [`Transport`], or by asking at run time whether it is a socket of the standard
//! library.

use std::{
    any::Any,
    io::{Read, Result, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// How long one read and one write may block; `None`: without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Of one read.
    pub read: Option<Duration>,
    /// Of one write.
    pub write: Option<Duration>,
}

impl Timeouts {
    /// The limit of one read and that of one write.
    pub fn new(read: Option<Duration>, write: Option<Duration>) -> Self {
        Self { read, write }
    }
}

impl From<Duration> for Timeouts {
    fn from(both: Duration) -> Self {
        Self { read: Some(both), write: Some(both) }
    }
}

/// A byte stream with timeouts: a type of the application's that knows how to set them.
///
/// ```
/// use std::{io::{self, Read, Write}, net::TcpStream};
/// use handclasp::{Timeouts, Transport};
///
/// /// A socket that counts what it reads.
/// struct Counted {
///     socket: TcpStream,
///     count: usize,
/// }
///
/// impl Read for Counted {
///     fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
///         let count = self.socket.read(out)?;
///         self.count += count;
///         Ok(count)
///     }
/// }
/// # impl Write for Counted {
/// #     fn write(&mut self, data: &[u8]) -> io::Result<usize> { self.socket.write(data) }
/// #     fn flush(&mut self) -> io::Result<()> { self.socket.flush() }
/// # }
///
/// impl Transport for Counted {
///     fn timeouts(&self) -> io::Result<Timeouts> {
///         self.socket.timeouts()
///     }
///     fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
///         self.socket.set_timeouts(timeouts)
///     }
///     fn shutdown_write(&mut self) -> io::Result<()> {
///         self.socket.shutdown_write()
///     }
/// }
/// ```
///
/// It is the argument of [`crate::Client::connect_transport`] and
/// [`crate::Server::accept_transport`]. Sockets of the standard library have an implementation, and so
/// have wrappers around a boxed or borrowed transport. With the default methods a type has no timeouts,
/// and a handshake over it ends at its time limit only between two calls.
pub trait Transport: Read + Write {
    /// The timeouts that are set; the handshake restores them when it is over.
    ///
    /// # Errors
    /// Those of the operating system.
    fn timeouts(&self) -> Result<Timeouts> {
        Ok(Timeouts::default())
    }

    /// Limits how long one read or write may block.
    ///
    /// # Errors
    /// Those of the operating system.
    fn set_timeouts(&mut self, timeouts: Timeouts) -> Result<()> {
        let _ = timeouts;
        Ok(())
    }

    /// Ends the sending direction, as TCP's FIN does; reading goes on. Called after a fatal alert. With
    /// the default the peer sees the end when the transport is dropped.
    ///
    /// # Errors
    /// Those of the operating system.
    fn shutdown_write(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Sockets of the standard library have timeouts for both directions.
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

/// A transport behind a pointer.
macro_rules! pointer {
    ($pointer:ty) => {
        impl<T: Transport + ?Sized> Transport for $pointer {
            fn timeouts(&self) -> Result<Timeouts> {
                (**self).timeouts()
            }

            fn set_timeouts(&mut self, timeouts: Timeouts) -> Result<()> {
                (**self).set_timeouts(timeouts)
            }

            fn shutdown_write(&mut self) -> Result<()> {
                (**self).shutdown_write()
            }
        }
    };
}

pointer!(&mut T);
pointer!(Box<T>);

/// A call of a [`Transport`].
enum Call {
    Timeouts,
    SetTimeouts(Timeouts),
    ShutdownWrite,
}

impl Call {
    fn of(self, transport: &mut (impl Transport + ?Sized)) -> Result<Timeouts> {
        match self {
            Self::Timeouts => return transport.timeouts(),
            Self::SetTimeouts(timeouts) => transport.set_timeouts(timeouts)?,
            Self::ShutdownWrite => transport.shutdown_write()?,
        }
        Ok(Timeouts::default())
    }
}

/// How to set the timeouts of a stream of type `S`.
pub(crate) struct Timers<S>(fn(&mut S, Call) -> Result<Timeouts>);

impl<S> Clone for Timers<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Timers<S> {}

impl<S: Transport> Timers<S> {
    /// Those of a [`Transport`].
    pub(crate) fn of() -> Self {
        Self(|stream, call| call.of(stream))
    }
}

impl<S: Any> Timers<S> {
    /// Those of a socket of the standard library; of any other type none.
    pub(crate) fn of_any() -> Self {
        Self(|stream, call| {
            let stream: &mut dyn Any = stream;
            #[cfg(unix)]
            if let Some(socket) = stream.downcast_mut::<std::os::unix::net::UnixStream>() {
                return call.of(socket);
            }
            match stream.downcast_mut::<TcpStream>() {
                Some(socket) => call.of(socket),
                None => Ok(Timeouts::default()),
            }
        })
    }
}

impl<S> Timers<S> {
    pub(crate) fn timeouts(self, stream: &mut S) -> Result<Timeouts> {
        (self.0)(stream, Call::Timeouts)
    }

    pub(crate) fn set_timeouts(self, stream: &mut S, timeouts: Timeouts) -> Result<()> {
        (self.0)(stream, Call::SetTimeouts(timeouts)).map(drop)
    }

    pub(crate) fn shutdown_write(self, stream: &mut S) -> Result<()> {
        (self.0)(stream, Call::ShutdownWrite).map(drop)
    }
}
