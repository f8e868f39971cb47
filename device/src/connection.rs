//! One connection, driven a step at a time.

use handclasp_connection::{Connection as Engine, Context};
use handclasp_handshake::Connected;
use handclasp_report::{Fault, FaultCode, Report};
use handclasp_trust::Name;

use crate::{
    Random,
    answer::{AnswerKeys, Answers},
    config::Shared,
};

/// A connection of a [`crate::Client`] or [`crate::Server`].
///
/// The program calls [`Connection::step`], does what [`Next`] says, and calls it again. A step does at
/// most one unit of work (a record, a message, a certificate, a signature), so that the network stack can
/// be polled between two steps of a handshake.
///
/// The order of [`Next`] is the order in which a connection ends well: the alert that says why it failed
/// is output like any other, and [`Next::Failed`] comes once it was sent.
pub struct Connection<'d> {
    engine: Engine,
    shared: &'d Shared,
    answers: Answers<'d>,
    /// Whether the transport took nothing of the output when it was last offered.
    is_blocked: bool,
    /// Whether the program closed this side.
    is_closed: bool,
    /// Whether the last step asked for input. More of it before that step would only fill the buffer.
    wants_input: bool,
    /// Whether the transport ended; bytes that came before its end are processed first.
    has_ended: bool,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more to do with what came: poll the network, then call [`Connection::step`].
    Work,
    /// Send [`Connection::transmit`] and report the bytes that the transport took, 0 if it is full, to
    /// [`Connection::transmitted`].
    Transmit,
    /// Plaintext can be read: [`Connection::readable`], then [`Connection::consume`].
    Read,
    /// Bytes of the peer are needed: [`Connection::receive_space`], then [`Connection::received`].
    Receive,
    /// The peer sent close_notify, and all its data was read. The program may still write; then it calls
    /// [`Connection::close`].
    PeerClosed,
    /// Both sides closed, or this side closed and the transport ended; all output was sent. Close the
    /// socket.
    Closed,
    /// The connection failed, and the alert was sent: close the socket. [`FaultCode::fault`] takes the number apart
    /// for programs that match it, and the report says more.
    Failed(FaultCode),
}

impl<'d> Connection<'d> {
    pub(crate) fn new(
        engine: Engine,
        shared: &'d Shared,
        name: Option<Name>,
        keys: Option<AnswerKeys>,
    ) -> Self {
        let answers = Answers::new(name, keys);
        Self {
            engine,
            shared,
            answers,
            is_blocked: false,
            is_closed: false,
            wants_input: false,
            has_ended: false,
        }
    }

    /// Does at most one unit of work, and says what is next.
    pub fn step(&mut self, random: &mut dyn Random) -> Next {
        if let Some(next) = self.output() {
            return next;
        }
        // Why it ended is in the engine, also when this step ended it.
        let did_work = self.work(random).unwrap_or(true);
        if did_work {
            return Next::Work;
        }
        let may = self.engine.may();
        match self.engine.is_peer_closed() {
            _ if may.read => Next::Read,
            true if may.write => Next::PeerClosed,
            true => Next::Closed,
            false if self.has_ended => self.end(),
            false => {
                self.wants_input = true;
                Next::Receive
            }
        }
    }

    /// The transport ended, and everything that came before was processed.
    fn end(&mut self) -> Next {
        // After our close_notify nothing of the peer's is missed.
        if self.is_closed {
            return Next::Closed;
        }
        // Why is in the engine, and the next step says it.
        let _ended = self.engine.end_of_input();
        Next::Work
    }

    /// Output goes first, unless the transport is full; a failure comes when all output was sent.
    fn output(&mut self) -> Option<Next> {
        let waits = !self.engine.transmit().is_empty();
        match self.engine.fault_code() {
            Some(_) if waits => Some(Next::Transmit),
            Some(code) => Some(Next::Failed(code)),
            None if waits && !core::mem::take(&mut self.is_blocked) => Some(Next::Transmit),
            None => None,
        }
    }

    fn work(&mut self, random: &mut dyn Random) -> Result<bool, FaultCode> {
        let now = self.shared.now();
        let context = &mut Context { config: &self.shared.engine, now: now.seconds, random };
        if self.engine.need().is_some() {
            return self.answers.answer(&mut self.engine, self.shared, now, context).map(|()| true);
        }
        let did_work = self.engine.proceed_once(context)?;
        if let Some(resumption) = &self.shared.resumption {
            resumption.get().keep(&mut self.engine);
        }
        Ok(did_work)
    }

    // ---- the transport

    /// A buffer to read input into.
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.engine.receive_space()
    }

    /// Takes the first `count` bytes of [`Connection::receive_space`]; the next steps process them.
    pub fn received(&mut self, count: usize) {
        self.wants_input = false;
        self.engine.buffered(count);
    }

    /// As [`Connection::received`], for bytes in a buffer of the caller. Returns how many of them were
    /// taken, as many as there is space for.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let space = self.engine.receive_space();
        let count = space.len().min(bytes.len());
        space.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.received(count);
        count
    }

    /// Takes the end of the transport: the peer closed it, or it broke. The next step says how the
    /// connection ended.
    pub fn end_of_input(&mut self) {
        self.wants_input = false;
        self.has_ended = true;
    }

    /// Whether the last step asked for bytes of the peer.
    pub fn wants_input(&self) -> bool {
        self.wants_input
    }

    /// Output for the transport.
    pub fn transmit(&self) -> &[u8] {
        self.engine.transmit()
    }

    /// Removes the first `count` bytes of [`Connection::transmit`], which the transport took. With 0 the
    /// next step goes on with input: a peer that sends before it reads would otherwise wait for ever.
    pub fn transmitted(&mut self, count: usize) {
        self.is_blocked = count == 0;
        self.engine.transmitted(count);
    }

    // ---- the application

    /// Whether the handshake is complete and the application may write.
    pub fn may_write(&self) -> bool {
        self.engine.may().write
    }

    /// Plaintext of the peer, borrowed from the receive buffer.
    pub fn readable(&self) -> &[u8] {
        self.engine.readable()
    }

    /// Copies plaintext of the peer into a buffer; returns how many bytes. They stay readable until they are
    /// consumed.
    pub fn peek(&self, buffer: &mut [u8]) -> usize {
        let bytes = self.readable();
        buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        bytes.len().min(buffer.len())
    }

    /// Removes the first `count` bytes of [`Connection::readable`].
    pub fn consume(&mut self, count: usize) {
        self.engine.consume(count);
    }

    /// Encrypts one record of `data`; returns how many bytes were taken, 0 while output waits. An error is
    /// not the end: the next steps send the alert, and then say why.
    ///
    /// # Errors
    /// Not connected, closed, or failed.
    pub fn write(&mut self, data: &[u8], random: &mut dyn Random) -> Result<usize, FaultCode> {
        if self.may_write() && !self.engine.transmit().is_empty() {
            return Ok(0);
        }
        let now = self.shared.now().seconds;
        self.engine.write(&mut Context { config: &self.shared.engine, now, random }, data)
    }

    /// Queues close_notify: no more data is sent. The peer's data can still be read, up to
    /// [`Next::Closed`]; a program that does not want it closes the socket at the first [`Next::Receive`].
    pub fn close(&mut self) {
        self.is_closed = true;
        self.engine.close();
    }

    /// Ends a handshake whose time is over; the next steps transmit the alert.
    pub fn time_out(&mut self) {
        self.engine.time_out();
    }

    /// What was negotiated, once the handshake is complete.
    pub fn connected(&self) -> Option<&Connected> {
        self.engine.connected()
    }

    /// Why the connection failed.
    pub fn fault(&self) -> Option<Fault> {
        self.engine.fault()
    }

    /// The report so far: what both sides offered and chose, and how the connection ended.
    pub fn report(&self) -> &Report {
        self.engine.report()
    }

    /// Writes the report as lines of text, which `handclasp explain` reads out of a log.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_report(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        self.engine.report().write_lines(out)
    }

    /// Frees empty buffers, for connections that wait long.
    pub fn release_buffers(&mut self) {
        self.engine.release_buffers();
    }
}

impl core::fmt::Debug for Connection<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection").field("may", &self.engine.may()).finish_non_exhaustive()
    }
}
