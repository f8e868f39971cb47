//! A blocking stream over any transport: the handshake driven to its end, then bytes.

mod plaintext;

use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use handclasp_connection::{Config, Connection, Context};
use handclasp_handshake::{Connected, Session};
use handclasp_report::{CertificateFault, Fault, Misuse, Report};

use crate::{
    Error,
    answer::Answers,
    key_log::KeyLog,
    misuse,
    provider::SystemRandom,
    sessions::Keeper,
    transport::{Timeouts, Transport},
};

/// An authenticated, encrypted stream.
///
/// Reading ends with `Ok(0)` when the peer closed with close_notify, and with an error when
/// the transport ended without one (truncation). [`Stream::close`] tells the peer that we
/// send nothing more; reading may go on.
pub struct Stream<T: Transport> {
    pub(crate) transport: T,
    pub(crate) connection: Connection,
    pub(crate) config: Arc<Config>,
    /// A client's, where sessions are kept.
    pub(crate) keeper: Option<Keeper>,
}

/// Whether the peer tore the transport down.
pub(crate) fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

/// How long a peer is waited for to take a fatal alert.
pub(crate) const ALERT_DEADLINE: Duration = Duration::from_secs(1);

/// How long after the alert input is still read: a peer that has not heard it yet goes on to send.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// A transport that shows no clock and returns within this time does not block.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What an idle stream reads first.
const FIRST_READ: usize = 1024;

/// Whether the handshake ended because of what the peer said, and the peer is told so.
fn is_refusal(error: &Error) -> bool {
    let ours = error.fault().filter(|fault| !matches!(fault, Fault::TimedOut { .. }));
    ours.is_some_and(|fault| fault.alert().is_some())
}

/// When a deadline that begins now is over; never, where the clock does not reach so far.
pub(crate) fn end_of(deadline: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(deadline?)
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Calls `body` with what a connection is given at this moment.
pub(crate) fn with_context<R>(config: &Config, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    body(&mut Context { config, now: now(), random: &mut SystemRandom })
}

impl<T: Transport> Stream<T> {
    /// Drives the handshake of a fresh connection to its end.
    pub(crate) fn shake(
        transport: T,
        connection: Connection,
        config: Arc<Config>,
        answers: &mut dyn Answers,
        key_log: Option<&KeyLog>,
        end: Option<Instant>,
    ) -> Result<Self, Error> {
        let mut stream = Self { transport, connection, config, keeper: None };
        let before = stream.transport.timeouts().map_err(|error| stream.io_error(error))?;
        let outcome = stream.handshake(answers, key_log, end);
        // The alert that tells the peer why goes out whatever happens to it; who keeps a deadline
        // waits a moment for that and no longer.
        if let Err(error) = &outcome {
            let told = stream.flush_until(end.and_then(|_| end_of(Some(ALERT_DEADLINE))));
            if let Ok(Ok(())) = told {
                stream.end_sending(is_refusal(error));
            }
        }
        let restored = stream.transport.set_timeouts(before).map_err(|error| stream.io_error(error));
        // Many connections are idle from here on.
        stream.release_buffers();
        outcome.and(restored).map(|()| stream)
    }

    /// Behind a fatal alert: the peer sees the end of what we send at once (RFC 8446 §6.2 closes the
    /// connection immediately). Where it `may_speak` still, that is read for a moment.
    fn end_sending(&mut self, may_speak: bool) {
        let _ = self.transport.shutdown_write();
        if may_speak {
            self.drain(Instant::now() + LINGER);
        }
    }

    /// A connected peer gets the alert of a fault of ours, and the end; then timeouts are as before.
    fn end_with_alert(&mut self) {
        let Ok(before) = self.transport.timeouts() else { return };
        if let Ok(Ok(())) = self.flush_until(end_of(Some(ALERT_DEADLINE))) {
            self.end_sending(true);
        }
        let _ = self.transport.set_timeouts(before);
    }

    /// An error of a connection that is up, told to the peer where it has an alert.
    fn fail(&mut self, error: Error) -> io::Error {
        // Once: nothing waits when the same fault is told again.
        if is_refusal(&error) && !self.connection.transmit().is_empty() {
            self.end_with_alert();
        } else {
            let _ = self.flush_wire();
        }
        error.into()
    }

    /// Reads what the refused peer still says, until it closes: a socket that is closed with input
    /// unread resets the connection, and then the peer may never see the alert.
    fn drain(&mut self, end: Instant) {
        let mut dropped = [0; 4096];
        loop {
            // Without a clock a peer that says nothing would hold us for ever.
            let left = Timeouts::from(end.saturating_duration_since(Instant::now()));
            let is_over = left.read.is_none_or(|left| left.is_zero());
            if is_over || self.transport.set_timeouts(left).is_err() || !self.has_clock() {
                return;
            }
            match self.transport.read(&mut dropped) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Whether reads end by themselves, as set.
    fn has_clock(&self) -> bool {
        self.transport.timeouts().is_ok_and(|set| set.read.is_some())
    }

    /// Keeps the sessions of this connection, now and whenever tickets come. `offered` is the
    /// one that it began with.
    pub(crate) fn keep_sessions(&mut self, mut keeper: Keeper, offered: Option<Session>) {
        let came = keeper.keep(&mut self.connection);
        if let Some(offered) = offered.filter(|_| !came && self.connected().resumed) {
            keeper.give_back(offered);
        }
        self.keeper = Some(keeper);
    }

    fn handshake(
        &mut self,
        answers: &mut dyn Answers,
        key_log: Option<&KeyLog>,
        end: Option<Instant>,
    ) -> Result<(), Error> {
        loop {
            let answered =
                with_context(&self.config, |context| answers.answer(&mut self.connection, context));
            if let Some(log) = key_log {
                log.write(&mut self.connection);
            }
            answered.map_err(|fault| Error::from_fault(fault, self.connection.report()))?;
            if let Err(error) = self.flush_until(end)? {
                // A peer that refused us may have closed already: its alert says more than
                // our broken pipe.
                while self.connection.may().receive {
                    self.arm(end)?;
                    self.receive()?;
                }
                return Err(self.io_error(error));
            }
            if self.connection.connected().is_some() {
                return Ok(());
            }
            self.arm(end)?;
            self.receive()?;
        }
    }

    /// Lets the next read or write take no longer than there is time.
    fn arm(&mut self, end: Option<Instant>) -> Result<(), Error> {
        let Some(end) = end else { return Ok(()) };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.timed_out());
        }
        self.transport.set_timeouts(left.into()).map_err(|error| self.io_error(error))
    }

    /// Sends what waits.
    fn flush_wire(&mut self) -> io::Result<()> {
        while !self.connection.transmit().is_empty() {
            self.send_some()?;
        }
        self.transport.flush()
    }

    /// As `flush_wire`, in the time there is: a peer that takes byte by byte gains none.
    fn flush_until(&mut self, end: Option<Instant>) -> Result<io::Result<()>, Error> {
        while !self.connection.transmit().is_empty() {
            self.arm(end)?;
            if let Err(error) = self.send_some() {
                return Ok(Err(error));
            }
        }
        Ok(self.transport.flush())
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

    /// As `flush_wire`; where the peer has gone, its alert says more than our broken pipe.
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

    /// Reads from the transport once; false at its end. While nothing is there to be read, a stream
    /// without buffers waits on the stack, and not with one that it may not need for hours.
    fn receive(&mut self) -> Result<bool, Error> {
        let mut first = [0; FIRST_READ];
        let waits_idle = self.connection.connected().is_some() && !self.connection.has_receive_space();
        let space = if waits_idle { &mut first[..] } else { self.connection.receive_space() };
        let begun = Instant::now();
        let count = loop {
            match self.transport.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                        && self.connection.connected().is_none() =>
                {
                    return Err(self.ran_out(error.kind(), begun));
                }
                other => break other,
            }
        };
        let count = match count {
            Ok(count) => count,
            // A reset is an end without close_notify: told with its story.
            Err(error) if is_reset(&error) => 0,
            Err(error) => return Err(self.io_error(error)),
        };
        let outcome = if count == 0 {
            self.connection.end_of_input()
        } else {
            with_context(&self.config, |context| match waits_idle {
                true => self.connection.receive(context, first.get(..count).unwrap_or_default()),
                false => self.connection.received(context, count),
            })
        };
        outcome.map_err(|fault| Error::from_fault(fault, self.connection.report()))?;
        self.keep_what_came();
        Ok(count > 0)
    }

    fn keep_what_came(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(&mut self.connection);
        }
    }

    /// A read of the handshake ended without a byte: its time is over, or the transport does not
    /// block. A clock ends a read when its time is over, the other one ends it at once.
    fn ran_out(&mut self, kind: io::ErrorKind, begun: Instant) -> Error {
        let clock = self.transport.timeouts().ok().and_then(|set| set.read);
        let at_once = begun.elapsed() < clock.map_or(AT_ONCE, |time| time / 2);
        if kind == io::ErrorKind::WouldBlock && at_once {
            self.connection.misused(Misuse::NonBlocking);
            return Error::misuse(misuse::non_blocking(), self.connection.report());
        }
        self.timed_out()
    }

    fn timed_out(&mut self) -> Error {
        let fault = self.connection.time_out();
        Error::from_fault(fault, self.connection.report())
    }

    fn io_error(&self, error: io::Error) -> Error {
        Error::from_io(error, self.connection.report())
    }

    /// What was agreed.
    pub fn connected(&self) -> &Connected {
        // A stream is handed out only after its handshake.
        self.connection.connected().expect("a stream is connected")
    }

    /// The story of the connection; without secrets.
    pub fn report(&self) -> &Report {
        self.connection.report()
    }

    /// Tells the peer that we send nothing more. Reading may go on.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn close(&mut self) -> io::Result<()> {
        self.connection.close();
        self.flush_wire()
    }

    /// Ends the connection because the peer, though authenticated, may not have it: it is told by
    /// access_denied (RFC 8446 §6.2). Nothing is sent after that, and writing fails.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn refuse(&mut self) -> io::Result<()> {
        self.connection.refuse();
        self.end_refused()
    }

    /// Ends the connection because the peer is not believed any more, for example since its key
    /// was withdrawn after the session that is resumed. The alert is the one of that fault.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn refuse_peer(&mut self, why: CertificateFault) -> io::Result<()> {
        self.connection.refuse_peer(why);
        self.end_refused()
    }

    fn end_refused(&mut self) -> io::Result<()> {
        if !self.connection.transmit().is_empty() {
            self.flush_wire()?;
            self.end_with_alert();
        }
        Ok(())
    }

    /// Gives back the memory of buffers in which nothing waits: for a stream that will be idle
    /// for a while. The next record brings it back. A new stream has given it back already.
    pub fn release_buffers(&mut self) {
        self.connection.release_buffers();
    }

    /// The transport below, for its addresses and options.
    pub fn transport(&self) -> &T {
        &self.transport
    }
}

/// What was agreed; nothing of the keys.
impl<T: Transport> fmt::Debug for Stream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("connected", &self.connection.connected()).finish_non_exhaustive()
    }
}
