//! A server that chooses its configuration by the ClientHello.

mod client_hello;
mod incoming;

use std::{
    fmt,
    io::{self, Read},
    time::{Duration, Instant},
};

use handclasp_codec::AlertDescription;
use handclasp_connection::{FirstMessage, MessageLimits};
use handclasp_report::{Fault, Misuse, Report, Side};

pub use client_hello::ClientHello;
pub use incoming::Incoming;

use crate::{Error, Server, ServerConnection, misuse::Problem, settings::DEADLINE, trace::Trace};

/// Bytes that [`Acceptor::read_tls`] reads at once.
const CHUNK: usize = 2048;

/// Reads a client's ClientHello before the [`Server`] that answers it is chosen, or refuses the client.
/// It has no socket and never blocks; [`Incoming`] does the same over a stream.
///
/// ```
/// use handclasp::{
///     Acceptor, AlertDescription, Client, ClientConnection, Psk, PskUse, Server, Trust,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
/// let [meters, phones] = [Server::new(psk()?), Server::new(psk()?)];
/// # let client = ClientConnection::new(&Client::new(Trust::Psk(psk()?)), "meters.example")?;
/// # let bytes = client.transmit();
/// let mut acceptor = Acceptor::new();
/// acceptor.receive(bytes)?; // until there is a client_hello()
/// let server = match acceptor.client_hello().and_then(|hello| hello.server_name()) {
///     Some("meters.example") => &meters,
///     Some("phones.example") => &phones,
///     _ => {
///         acceptor.refuse(AlertDescription::unrecognized_name);
///         // … send acceptor.transmit() …
///         return Ok(());
///     }
/// };
/// let connection = acceptor.accept(server)?;
/// assert!(!connection.transmit().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Acceptor {
    first: FirstMessage,
    client_hello: Option<Box<ClientHello>>,
    /// The alert for a client that is refused.
    alert: Vec<u8>,
    ended: Option<Fault>,
    begun: Instant,
    limit: Option<Duration>,
    /// Empty but for the numbers of a ClientHello that does not parse.
    report: Box<Report>,
    trace: Trace,
}

impl Default for Acceptor {
    fn default() -> Self {
        Self::new()
    }
}

impl Acceptor {
    /// An acceptor for one client, which has 30 seconds for its ClientHello.
    pub fn new() -> Self {
        Self::with_time_limit(Some(DEADLINE))
    }

    /// An acceptor with another time limit for the ClientHello; `None`: no limit.
    pub fn with_time_limit(limit: Option<Duration>) -> Self {
        Self::in_span(limit, Trace::begin(Side::Server, None))
    }

    /// This acceptor; one that is used no more stays in its place.
    #[cfg(feature = "tokio")]
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::in_span(None, Trace::closed()))
    }

    fn in_span(limit: Option<Duration>, trace: Trace) -> Self {
        Self {
            first: FirstMessage::new(MessageLimits::default()),
            client_hello: None,
            alert: Vec::new(),
            ended: None,
            begun: Instant::now(),
            limit,
            report: Box::new(Report::new(Side::Server)),
            trace,
        }
    }

    /// Takes bytes that came from the transport, until there is a [`Acceptor::client_hello`].
    ///
    /// # Errors
    /// Bytes that are not a ClientHello. The alert for the peer then waits in [`Acceptor::transmit`].
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Some(fault) = self.ended {
            return Err(Error::from_fault(fault, &self.report));
        }
        let parsed = self.first.receive(bytes).and_then(|is_whole| match self.first.message() {
            Some(message) if is_whole && self.client_hello.is_none() => {
                ClientHello::parse(message, &mut self.report).map(Some)
            }
            _ => Ok(None),
        });
        match parsed {
            Ok(Some(hello)) => self.client_hello = Some(Box::new(hello)),
            Ok(None) => {}
            Err(fault) => return Err(self.end(fault)),
        }
        Ok(())
    }

    /// Reads from a transport once and takes what came, its end included; returns the count of bytes.
    /// For event loops: `WouldBlock` changes nothing.
    ///
    /// # Errors
    /// Those of the transport, or as [`Acceptor::receive`].
    pub fn read_tls(&mut self, transport: &mut dyn Read) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        let count = transport.read(&mut chunk)?;
        match chunk.get(..count) {
            None | Some([]) => self.end_of_input()?,
            Some(bytes) => self.receive(bytes)?,
        }
        Ok(count)
    }

    /// The transport ended.
    ///
    /// # Errors
    /// [`Fault::Truncated`] unless the ClientHello came before.
    pub fn end_of_input(&mut self) -> Result<(), Error> {
        match self.client_hello {
            Some(_) => Ok(()),
            None => Err(self.end(self.first.truncated())),
        }
    }

    /// When the time for the ClientHello is over; the caller keeps the clock, and then calls
    /// [`Acceptor::time_out`].
    pub fn deadline(&self) -> Option<Instant> {
        self.begun.checked_add(self.limit?)
    }

    /// Ends the wait: the time is over.
    pub fn time_out(&mut self) -> Error {
        self.end(self.first.timed_out())
    }

    /// The ClientHello, once it is whole.
    pub fn client_hello(&self) -> Option<&ClientHello> {
        self.client_hello.as_deref()
    }

    /// Goes on with a server, which answers the ClientHello. Its time limit counts from the beginning of
    /// this acceptor.
    ///
    /// A client that the server refuses ends the connection: [`Connection::error`] says why, and the
    /// alert waits in [`Connection::transmit`], as after any other fault.
    ///
    /// [`Connection::error`]: crate::Connection::error
    /// [`Connection::transmit`]: crate::Connection::transmit
    ///
    /// # Errors
    /// The ClientHello is not whole, or a configuration with which no handshake could succeed.
    pub fn accept(mut self, server: &Server) -> Result<ServerConnection, Error> {
        if self.client_hello.is_none() {
            let sentence = "The ClientHello is not whole: call `receive` until `client_hello` returns it.";
            let problem = Problem::new(Misuse::NotConnected, sentence);
            let error = Error::misuse(problem, &Report::new(Side::Server));
            self.trace.failed(&error);
            return Err(error);
        }
        let mut connection =
            ServerConnection::in_span(server, std::mem::replace(&mut self.trace, Trace::closed()))?;
        let limit = server.settings.deadline;
        connection.set_deadline(limit.and_then(|limit| self.begun.checked_add(limit)));
        // The fault stays with the connection.
        let _ = connection.receive(self.first.wire());
        Ok(connection)
    }

    /// Refuses the client with an alert, which waits in [`Acceptor::transmit`].
    pub fn refuse(&mut self, alert: AlertDescription) {
        if self.ended.is_none() {
            self.ended = Some(Fault::CallerRefused);
            self.alert = FirstMessage::alert(alert);
            self.trace.failed(&Error::from_fault(Fault::CallerRefused, &self.report));
        }
    }

    /// The alert for a client that is refused; [`Acceptor::transmitted`] removes what the transport took.
    pub fn transmit(&self) -> &[u8] {
        &self.alert
    }

    /// Removes the first `count` bytes of [`Acceptor::transmit`].
    pub fn transmitted(&mut self, count: usize) {
        self.alert.drain(..count.min(self.alert.len()));
    }

    /// Ends the wait: the alert of the fault is queued.
    fn end(&mut self, fault: Fault) -> Error {
        let fault = *self.ended.get_or_insert_with(|| {
            self.alert = fault.alert().map(FirstMessage::alert).unwrap_or_default();
            fault
        });
        let error = Error::from_fault(fault, &self.report);
        self.trace.failed(&error);
        error
    }

    /// Records an error of the transport, which this acceptor does not see.
    pub(crate) fn observe_failure(&mut self, error: &Error) {
        self.trace.failed(error);
    }
}

/// Shows the ClientHello.
impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor")
            .field("client_hello", &self.client_hello)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
