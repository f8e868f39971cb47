//! One end of a TLS connection without a socket: bytes of the wire and plaintext go in and out by
//! value, needs are answered from the configuration, and nothing ever blocks.

mod client;
mod known_peer;
mod plaintext;
mod server;

use std::{
    fmt,
    io::{self, Read, Write},
    sync::Arc,
    time::Instant,
};

use handclasp_connection::{Connection as Engine, Context, May};
use handclasp_handshake::Connected;
use handclasp_report::{CertificateError, Fault, FaultCode, Misuse, Report};
use handclasp_trust::PeerCertificate;
use rustls_pki_types::CertificateDer;

pub use client::{ClientConnection, PeerName};
pub(crate) use client::{server_name, unusable};
pub use plaintext::{Reader, Writer};
pub use server::ServerConnection;

use crate::{
    Error,
    answer::{HandshakeState, answer_needs},
    misuse::Problem,
    provider::SHA256,
    sessions::SessionStoreHandle,
    settings::Settings,
    time::with_context,
    trace::Trace,
};

/// One end of a TLS connection, without a socket and without blocking.
///
/// What [`ClientConnection`] and [`ServerConnection`] have in common; both dereference to it. The
/// caller moves the bytes:
///
/// ```text
/// transport ──▶ receive, or receive_space and received ──▶ readable, consume ──▶ application
/// transport ◀── transmit, transmitted                  ◀── write, close      ◀── application
///               deadline: time_out                         need: answers of the application
/// ```
///
/// Look at [`Connection::may`], do one of the things that it permits, and look again. An error ends the
/// connection; the alert for the peer then waits in [`Connection::transmit`].
///
/// A handshake in memory:
///
/// ```
/// use handclasp::{
///     Client, ClientConnection, Connection, Error, Psk, PskUse, Server, ServerConnection, Trust,
/// };
///
/// /// Moves what waits at one end to the other.
/// fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
///     to.receive(from.transmit())?;
///     from.transmitted(from.transmit().len());
///     Ok(())
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
/// let mut client = ClientConnection::new(&Client::new(Trust::Psk(psk()?)), None)?;
/// let mut server = ServerConnection::new(&Server::new(psk()?))?;
/// while client.is_handshaking() || server.is_handshaking() {
///     pass(&mut client, &mut server)?;
///     pass(&mut server, &mut client)?;
/// }
/// client.write(b"hello")?;
/// pass(&mut client, &mut server)?;
/// assert_eq!(server.readable(), b"hello");
/// # Ok(())
/// # }
/// ```
pub struct Connection {
    pub(crate) engine: Engine,
    pub(crate) settings: Arc<Settings>,
    pub(crate) state: HandshakeState,
    /// Client: keeps the sessions whose tickets come.
    sessions: Option<SessionStoreHandle>,
    pub(crate) trace: Trace,
}

impl Connection {
    fn new(settings: &Arc<Settings>, engine: Engine, state: HandshakeState) -> Self {
        Self { engine, settings: Arc::clone(settings), state, sessions: None, trace: Trace::closed() }
    }

    /// The connection with the span of its handshake.
    fn with_trace(mut self, trace: Trace) -> Self {
        self.trace = trace;
        self
    }

    /// What the connection can do now.
    pub fn may(&self) -> May {
        self.engine.may()
    }

    /// Whether the handshake is neither complete nor failed.
    pub fn is_handshaking(&self) -> bool {
        self.engine.connected().is_none() && self.engine.fault().is_none()
    }

    // ---- the transport

    /// Takes bytes that came from the transport.
    ///
    /// # Errors
    /// Why the connection ended.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.drive(|engine, context| engine.receive(context, bytes))
    }

    /// A buffer to read from the transport into, never empty; [`Connection::received`] takes what came.
    /// Saves the copy that [`Connection::receive`] makes.
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.engine.receive_space()
    }

    /// Takes the first `count` bytes of [`Connection::receive_space`].
    ///
    /// # Errors
    /// Why the connection ended.
    pub fn received(&mut self, count: usize) -> Result<(), Error> {
        self.drive(|engine, context| engine.received(context, count))
    }

    /// The transport ended: no more bytes will come.
    ///
    /// # Errors
    /// [`Fault::Truncated`] unless the peer sent close_notify before.
    pub fn end_of_input(&mut self) -> Result<(), Error> {
        let outcome = self.engine.end_of_input();
        self.finish_if_ended();
        outcome.map_err(|fault| self.with_report(fault))
    }

    /// Whether the bytes that came end inside a record or a handshake message: an end of the transport
    /// there has cut something off.
    pub fn is_inside_record(&self) -> bool {
        self.engine.is_inside_record()
    }

    /// Bytes for the transport; [`Connection::transmitted`] removes those that it took.
    pub fn transmit(&self) -> &[u8] {
        self.engine.transmit()
    }

    /// Removes the first `count` bytes of [`Connection::transmit`].
    pub fn transmitted(&mut self, count: usize) {
        self.engine.transmitted(count);
    }

    /// Reads from a transport once and takes what came, its end included; returns the count of bytes.
    /// For event loops: `WouldBlock` changes nothing.
    ///
    /// # Errors
    /// Those of the transport; or why the connection ended, as an [`Error`] inside.
    pub fn read_tls(&mut self, transport: &mut dyn Read) -> io::Result<usize> {
        let count = transport.read(self.receive_space())?;
        match count {
            0 => self.end_of_input()?,
            count => self.received(count)?,
        }
        Ok(count)
    }

    /// Writes to a transport once what waits in [`Connection::transmit`]; returns the count of bytes.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn write_tls(&mut self, transport: &mut dyn Write) -> io::Result<usize> {
        if self.transmit().is_empty() {
            return Ok(0);
        }
        let count = transport.write(self.transmit())?;
        self.transmitted(count);
        Ok(count)
    }

    // ---- the handshake

    /// When the handshake's time is over, as the client or server was configured. The caller keeps the
    /// clock: once that instant has passed, it calls [`Connection::time_out`]. `None` without a time
    /// limit, and after the handshake.
    pub fn deadline(&self) -> Option<Instant> {
        self.state.deadline
    }

    /// Sets when the handshake's time is over, in place of what the client or server was configured with.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        if !self.state.is_over {
            self.state.deadline = deadline;
        }
    }

    /// Ends the handshake because its time is over.
    pub fn time_out(&mut self) -> Error {
        let fault = self.engine.time_out();
        self.finish_if_ended();
        self.with_report(fault)
    }

    /// What was negotiated, once the handshake is complete.
    pub fn connected(&self) -> Option<&Connected> {
        self.engine.connected()
    }

    /// The certificates that the peer sent, in DER, leaf first, or its raw public key. Kept where the
    /// client or server was built with `keep_peer_certificates`; empty otherwise, where the peer sent
    /// none, and in a resumed session, which sends none.
    pub fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        if self.state.is_over { self.state.chain() } else { &[] }
    }

    /// The peer's certificate or raw public key, read: its names, dates, issuer and pin. `None` where it was
    /// not kept: without `keep_peer_certificates`, where the peer sent none, and in a resumed session. A
    /// session carries the pin and the notAfter of its peer ([`Connected::peer`]), not the certificate; an
    /// application that needs names keeps them by the pin, or disables resumption.
    ///
    /// ```
    /// use handclasp::{Client, ClientConnection, Connection, Error, Identity, Pin, Server, ServerConnection, Trust};
    ///
    /// # fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    /// #     to.receive(from.transmit())?;
    /// #     from.transmitted(from.transmit().len());
    /// #     Ok(())
    /// # }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Identity::self_signed(&["device-7.example"])?;
    /// let trust = Trust::Pins(vec![Pin::of_spki(&client.spki())]);
    /// let server = Server::new(Identity::self_signed(&["a.example"])?).require_client(trust);
    /// let mut server = ServerConnection::new(&server.keep_peer_certificates())?;
    /// # let client = Client::new(Trust::DangerNobody).identity(client);
    /// # let mut client = ClientConnection::new(&client, "a.example")?;
    /// # pass(&mut client, &mut server)?;
    /// # pass(&mut server, &mut client)?;
    /// # pass(&mut client, &mut server)?;
    /// // … the handshake …
    /// let peer = server.peer_certificate().ok_or("no certificate")?;
    /// assert!(peer.dns_names().eq(["device-7.example"]));
    /// println!("{peer}"); // one line, safe for a terminal
    /// # Ok(())
    /// # }
    /// ```
    pub fn peer_certificate(&self) -> Option<PeerCertificate> {
        PeerCertificate::from_der_with(self.peer_certificates().first()?, SHA256)
    }

    /// The record of the connection: what both sides offered, what was chosen, how it ended. It holds
    /// no secrets.
    pub fn report(&self) -> &Report {
        self.engine.report()
    }

    /// Why the connection ended, if it failed.
    pub fn fault(&self) -> Option<Fault> {
        self.engine.fault()
    }

    /// The same with the report, as the call that failed returned it.
    pub fn error(&self) -> Option<Error> {
        self.fault().map(|fault| self.with_report(fault))
    }

    // ---- the end

    /// Sends close_notify: this side sends no more data. Reading goes on.
    #[doc(alias = "send_close_notify")]
    pub fn close(&mut self) {
        self.engine.close();
        self.observe();
    }

    /// Whether the peer sent close_notify, and all its data was read.
    pub fn is_peer_closed(&self) -> bool {
        self.engine.is_peer_closed()
    }

    /// Ends the connection with the alert access_denied (RFC 8446 §6.2): the peer is authenticated and
    /// not permitted.
    pub fn refuse(&mut self) -> Error {
        let fault = self.engine.refuse();
        self.finish_if_ended();
        self.with_report(fault)
    }

    /// Ends the connection because the peer is no longer trusted: its key was revoked after the session
    /// that this connection resumes. The peer gets the alert of that fault.
    pub fn refuse_peer(&mut self, why: impl Into<CertificateError>) -> Error {
        let fault = self.engine.refuse_peer(why);
        self.finish_if_ended();
        self.with_report(fault)
    }

    /// Frees buffers that hold no bytes, for a connection that will be idle. The next record allocates
    /// them again.
    pub fn release_buffers(&mut self) {
        self.engine.release_buffers();
        self.engine.shrink_buffers();
    }

    // ---- inside

    /// Lets the engine do one step, then answers what it needs, and keeps what came of it.
    pub(crate) fn drive(
        &mut self,
        step: impl FnOnce(&mut Engine, &mut Context<'_>) -> Result<(), FaultCode>,
    ) -> Result<(), Error> {
        let Self { engine, settings, state, trace, .. } = self;
        let outcome = {
            let _inside = trace.enter();
            with_context(&settings.config, |context| {
                step(engine, context)?;
                answer_needs(engine, settings, state, context)
            })
        };
        if let Some(log) = &settings.key_log {
            log.write(engine);
        }
        if let Err(fault) = outcome {
            self.finish_if_ended();
            return Err(self.with_report(fault));
        }
        self.record_peer()?;
        self.observe();
        self.keep_sessions();
        Ok(())
    }

    /// Once connected: keeps the sessions whose tickets came, and frees what the handshake needed.
    fn keep_sessions(&mut self) {
        let Some(connected) = self.engine.connected() else { return };
        let was_resumed = connected.resumed;
        let is_first = !self.state.is_over;
        if let (Some(handle), Some(sessions)) = (&mut self.sessions, &self.settings.sessions) {
            let came = handle.keep(sessions, &mut self.engine);
            if is_first && !came && was_resumed {
                handle.give_back();
            }
        }
        if is_first && self.engine.need().is_none() {
            self.state.finish(self.settings.keeps_peer_certificates);
        }
    }

    fn finish_if_ended(&mut self) {
        self.observe();
        if self.engine.fault().is_some() && !self.state.is_over {
            self.state.finish(false);
        }
    }

    /// A fault with the report of this connection.
    fn with_report(&self, fault: impl Into<Fault>) -> Error {
        Error::from_fault(fault, self.engine.report()).with_refusal(self.state.refusal.as_deref())
    }

    /// Ends the connection because of a mistake of the application.
    pub(crate) fn misuse(&mut self, why: Misuse, problem: Problem) -> Error {
        self.engine.end_by_misuse(why);
        self.finish_if_ended();
        Error::misuse(problem, self.engine.report())
    }
}

/// Shows what was negotiated; no keys.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("side", &self.settings.side)
            .field("may", &self.may())
            .field("connected", &self.connected())
            .field("fault", &self.fault())
            .finish_non_exhaustive()
    }
}
