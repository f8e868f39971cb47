//! A blocking stream on top of a [`Connection`]: the handshake driven to its end, then bytes.

mod closing;
mod handshake;
mod plaintext;

use std::{
    fmt, io,
    io::{Read, Write},
    time::{Duration, Instant},
};

use handclasp_connection::Connection as Engine;
use handclasp_handshake::Connected;
use handclasp_report::{CertificateError, Fault, Report};
use handclasp_trust::PeerCertificate;
use rustls_pki_types::CertificateDer;

use crate::{Connection, Error, PeerCredential, time::deadline_after, transport::Timers};

pub(crate) use closing::{drain, send_within};
pub(crate) use handshake::unanswered;

/// An authenticated, encrypted stream over any `Read + Write`.
///
/// Reading ends with `Ok(0)` when the peer closed with close_notify, and with an error when
/// the transport ended without one (truncation). [`Stream::close`] sends close_notify: this side
/// sends no more data; reading may go on.
///
/// ```
/// use std::{io::{Read, Write}, os::unix::net::UnixStream, thread};
/// use handclasp::{Client, ProtocolVersion, Psk, PskUse, Server, Trust};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
/// # let (client, server) = (Client::new(Trust::Psk(psk()?)), Server::new(psk()?));
/// let (near, far) = UnixStream::pair()?;
/// let serving = thread::spawn(move || server.accept(far)?.write_all(b"hello"));
///
/// let mut stream = client.connect_over(near, None)?;
/// let mut hello = [0; 5];
/// stream.read_exact(&mut hello)?;
/// assert_eq!(stream.connected().version, ProtocolVersion::TLS_1_3);
/// assert_eq!(stream.connected().psk_identity.as_deref(), Some(&b"device-7"[..]));
/// assert!(stream.get_ref().peer_addr()?.is_unnamed());
/// # serving.join().expect("ends")?;
/// # Ok(())
/// # }
/// ```
pub struct Stream<S> {
    pub(crate) transport: S,
    pub(crate) timers: Timers<S>,
    pub(crate) connection: Connection,
}

/// Whether the peer reset the transport.
pub(crate) fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

/// Time limit for sending a fatal alert.
pub(crate) const ALERT_DEADLINE: Duration = Duration::from_secs(1);

/// How long input is still read after the alert: a peer that has not read it yet goes on to send.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// Bytes of the first read of an idle stream.
pub(crate) const FIRST_READ: usize = 1024;

/// Whether this side ended the connection for what the peer sent, and an alert says so.
pub(crate) fn is_refusal(error: &Error) -> bool {
    let ours = error.fault().filter(|fault| !matches!(fault, Fault::TimedOut { .. }));
    ours.is_some_and(|fault| fault.alert().is_some())
}

impl<S> Stream<S> {
    /// What was negotiated.
    pub fn connected(&self) -> &Connected {
        // A stream is handed out only after its handshake.
        self.connection.connected().expect("a stream is connected")
    }

    /// The record of the connection; without secrets.
    pub fn report(&self) -> &Report {
        self.connection.report()
    }

    /// The certificates that the peer sent: see [`Connection::peer_certificates`].
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        self.connection.peer_certificates()
    }

    /// What the peer authenticated with: see [`Connection::peer_credential`].
    pub fn peer_credential(&self) -> Option<PeerCredential<'_>> {
        self.connection.peer_credential()
    }

    /// The peer's certificate, read: see [`Connection::peer_certificate`].
    pub fn peer_certificate(&self) -> Option<PeerCertificate> {
        self.connection.peer_certificate()
    }

    /// Exports keying material: see [`Connection::export`].
    ///
    /// # Errors
    /// As there.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), Error> {
        self.connection.export(label, context, out)
    }

    /// Frees buffers that hold no bytes, for a stream that will be idle for a while. The next record
    /// allocates them again. A new stream holds none.
    pub fn release_buffers(&mut self) {
        self.connection.release_buffers();
    }

    /// The connection, which knows the rest.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The stream below, for its addresses and options.
    pub fn get_ref(&self) -> &S {
        &self.transport
    }

    /// The stream below. Reading from it or writing to it breaks the connection.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.transport
    }

    /// The stream below, without close_notify. What the connection has read from it and not returned,
    /// and what waits to be written, is lost.
    pub fn into_inner(self) -> S {
        self.transport
    }

    pub(crate) fn engine(&mut self) -> &mut Engine {
        &mut self.connection.engine
    }

    fn io_error(&self, error: io::Error) -> Error {
        Error::from_io(error, self.connection.report())
    }
}

impl<S: Read + Write> Stream<S> {
    /// Sends close_notify: this side sends no more data. Reading may go on.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn close(&mut self) -> io::Result<()> {
        self.connection.close();
        self.flush_wire()
    }

    /// Ends the connection with the alert access_denied (RFC 8446 §6.2): the peer is authenticated and
    /// not permitted. Nothing is sent after that, and writing fails.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn refuse(&mut self) -> io::Result<()> {
        self.engine().refuse();
        self.end_refused()
    }

    /// Ends the connection because the peer is no longer trusted, for example since its key
    /// was revoked after the session that is resumed. The alert is the one of that fault.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn refuse_peer(&mut self, why: impl Into<CertificateError>) -> io::Result<()> {
        self.engine().refuse_peer(why);
        self.end_refused()
    }

    fn end_refused(&mut self) -> io::Result<()> {
        if !self.connection.transmit().is_empty() {
            self.flush_wire()?;
            self.end_with_alert();
        }
        Ok(())
    }

    /// After a fatal alert: ends the sending direction at once (RFC 8446 §6.2 closes the
    /// connection immediately). Where the peer `may_speak` still, its input is read for a moment.
    fn end_sending(&mut self, may_speak: bool) {
        let _ = self.timers.shutdown_write(&mut self.transport);
        if may_speak {
            drain(&mut self.transport, self.timers, Instant::now() + LINGER);
        }
    }

    /// Sends the alert of a fault and the end, then restores the timeouts.
    fn end_with_alert(&mut self) {
        let Ok(before) = self.timers.timeouts(&mut self.transport) else { return };
        if let Ok(Ok(())) = self.flush_until(deadline_after(Some(ALERT_DEADLINE))) {
            self.end_sending(true);
        }
        let _ = self.timers.set_timeouts(&mut self.transport, before);
    }

    /// Fails with an error of a connection that is up, and sends its alert where it has one.
    fn fail(&mut self, error: Error) -> io::Error {
        // Once: nothing waits when the same fault is returned again.
        if is_refusal(&error) && !self.connection.transmit().is_empty() {
            self.end_with_alert();
        } else {
            let _ = self.flush_wire();
        }
        error.into()
    }

    /// Sends what waits.
    fn flush_wire(&mut self) -> io::Result<()> {
        while !self.connection.transmit().is_empty() {
            self.send_some()?;
        }
        self.transport.flush()
    }

    /// Writes to the transport once.
    fn send_some(&mut self) -> io::Result<()> {
        match self.transport.write(self.connection.transmit()) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => self.connection.transmitted(sent),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// As `flush_wire`; where the peer is gone, its alert says more than the broken pipe.
    fn flush_or_why(&mut self) -> io::Result<()> {
        let Err(error) = self.flush_wire() else { return Ok(()) };
        if error.kind() == io::ErrorKind::BrokenPipe || is_reset(&error) {
            while self.connection.may().receive {
                if let Err(told) = self.receive() {
                    return Err(if told.fault().is_some() { told.into() } else { error });
                }
            }
        }
        Err(error)
    }
}

/// Shows what was negotiated; no keys.
impl<S> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("connected", &self.connection.connected()).finish_non_exhaustive()
    }
}
