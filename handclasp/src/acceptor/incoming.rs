//! A client over a stream whose ClientHello was read: blocking, within a time limit.

use std::{
    fmt,
    io::{self, Read, Write},
    time::{Duration, Instant},
};

use handclasp_codec::AlertDescription;
use handclasp_report::{Report, Side};

use super::{Acceptor, ClientHello};
use crate::{
    Error, LateNeed, Server, Stream, Transport, misuse,
    stream::{ALERT_DEADLINE, LINGER, drain, is_refusal, send_within, unanswered},
    transport::Timers,
};

/// A client that sent its ClientHello over a stream, and has no answer yet.
///
/// ```
/// use std::{io::Write, os::unix::net::UnixStream, thread};
/// use handclasp::{AlertDescription, Client, Incoming, Psk, PskUse, Server, Trust};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
/// let server = Server::new(psk()?);
/// let client = Client::new(Trust::Psk(psk()?));
/// let (near, far) = UnixStream::pair()?;
/// let connecting = thread::spawn(move || client.connect_over(near, "meters.example"));
///
/// let incoming = Incoming::read(far)?;
/// if incoming.client_hello().server_name() != Some("meters.example") {
///     incoming.refuse(AlertDescription::unrecognized_name)?;
///     return Ok(());
/// }
/// let mut stream = incoming.accept(&server)?;
/// stream.write_all(b"hello")?;
/// # connecting.join().expect("ends")?;
/// # Ok(())
/// # }
/// ```
pub struct Incoming<S> {
    acceptor: Acceptor,
    stream: S,
    timers: Timers<S>,
}

impl<S: Read + Write + 'static> Incoming<S> {
    /// Reads the ClientHello from a stream; the client has 30 seconds. As to time limits see
    /// [`Server::accept`].
    ///
    /// # Errors
    /// The stream fails or ends, the time is over, or bytes that are not a ClientHello: then the client got
    /// the alert.
    pub fn read(stream: S) -> Result<Self, Error> {
        Self::start(Acceptor::new(), stream, Timers::of_any())
    }
}

impl<T: Transport> Incoming<T> {
    /// As [`Incoming::read`], for a type with timeouts of its own, and with the time limit of an
    /// [`Acceptor`].
    ///
    /// # Errors
    /// As [`Incoming::read`].
    pub fn read_transport(acceptor: Acceptor, transport: T) -> Result<Self, Error> {
        Self::start(acceptor, transport, Timers::of())
    }
}

impl<S: Read + Write> Incoming<S> {
    fn start(mut acceptor: Acceptor, mut stream: S, timers: Timers<S>) -> Result<Self, Error> {
        let before = timers.timeouts(&mut stream).map_err(io_error)?;
        let read = read_hello(&mut acceptor, &mut stream, timers);
        if let Err(error) = &read {
            acceptor.observe_failure(error);
            end(&acceptor, &mut stream, timers, is_refusal(error));
        }
        let restored = timers.set_timeouts(&mut stream, before).map_err(io_error);
        read.and(restored).map(|()| Self { acceptor, stream, timers })
    }

    /// What the client offers.
    pub fn client_hello(&self) -> &ClientHello {
        // It was read before there is a value of this type.
        self.acceptor.client_hello().expect("the ClientHello is whole")
    }

    /// The stream, for its addresses and options.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// Runs the handshake with a server. Its time limit counts from the beginning.
    ///
    /// # Errors
    /// As [`Server::accept`].
    pub fn accept(self, server: &Server) -> Result<Stream<S>, Error> {
        self.accept_with(server, unanswered)
    }

    /// As [`Incoming::accept`]; `answer` is called for each late need ([`Server::late_needs`]).
    ///
    /// # Errors
    /// As [`Server::accept`], or the error of `answer`.
    pub fn accept_with(
        self,
        server: &Server,
        mut answer: impl FnMut(LateNeed<'_>) -> Result<(), Error>,
    ) -> Result<Stream<S>, Error> {
        let connection = self.acceptor.accept(server)?;
        Stream::run(connection.into(), self.stream, self.timers, &mut answer)
    }

    /// Refuses the client with an alert, and closes the stream.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn refuse(mut self, alert: AlertDescription) -> io::Result<()> {
        self.acceptor.refuse(alert);
        end(&self.acceptor, &mut self.stream, self.timers, true);
        self.stream.flush()
    }
}

/// Reads until the ClientHello is whole.
fn read_hello<S: Read>(acceptor: &mut Acceptor, stream: &mut S, timers: Timers<S>) -> Result<(), Error> {
    let end = acceptor.deadline();
    while acceptor.client_hello().is_none() {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        match left {
            Some(Duration::ZERO) => return Err(acceptor.time_out()),
            Some(left) => timers.set_timeouts(stream, left.into()).map_err(io_error)?,
            None => {}
        }
        let begun = Instant::now();
        match acceptor.read_tls(stream) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                // A timeout ends a read when its time is over, a non-blocking stream at once.
                return Err(match left.is_none_or(|left| begun.elapsed() < left / 2) {
                    true => Error::misuse(misuse::non_blocking(), &Report::new(Side::Server)),
                    false => acceptor.time_out(),
                });
            }
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(error.downcast::<Error>().unwrap_or_else(io_error));
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Sends the alert and the end of the stream; reads what the client still sends where it `may_speak`.
fn end<S: Read + Write>(acceptor: &Acceptor, stream: &mut S, timers: Timers<S>, may_speak: bool) {
    let sent = send_within(stream, timers, acceptor.transmit(), Instant::now() + ALERT_DEADLINE);
    if sent.is_ok() {
        let _ = timers.shutdown_write(stream);
        if may_speak {
            drain(stream, timers, Instant::now() + LINGER);
        }
    }
}

fn io_error(error: io::Error) -> Error {
    Error::from_io(error, &Report::new(Side::Server))
}

/// Shows the ClientHello.
impl<S> fmt::Debug for Incoming<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("client_hello", &self.acceptor.client_hello())
            .finish_non_exhaustive()
    }
}
