//! The handshake of a blocking stream, within its time limit.

use std::{
    io::{self, Read, Write},
    time::{Duration, Instant},
};

use handclasp_report::Misuse;

use super::{ALERT_DEADLINE, FIRST_READ, Stream, is_refusal, is_reset};
use crate::{Connection, Error, LateNeed, Transport, misuse, time::deadline_after, transport::Timers};

/// A read that returns within this time without a byte does not block, where the transport shows no
/// timeouts.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What answers the late needs of a blocking handshake.
pub(crate) type Answer<'a> = dyn FnMut(LateNeed<'_>) -> Result<(), Error> + 'a;

/// Answers nothing: for [`crate::Client::connect_over`] and [`crate::Server::accept`], which have
/// nobody to ask.
pub(crate) fn unanswered(_: LateNeed<'_>) -> Result<(), Error> {
    Ok(())
}

impl<T: Transport> Stream<T> {
    /// Runs the handshake of a connection over a transport; `answer` is called for each late need
    /// ([`crate::Client::late_needs`]) and must answer it. The time that it takes does not count towards the
    /// handshake's time limit.
    ///
    /// # Errors
    /// Which side failed and why, with the report of the attempt; or the error of `answer`.
    pub fn handshake(
        connection: impl Into<Connection>,
        transport: T,
        mut answer: impl FnMut(LateNeed<'_>) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        Self::run(connection.into(), transport, Timers::of(), &mut answer)
    }
}

impl<S: Read + Write> Stream<S> {
    /// Drives the handshake of a connection to its end.
    pub(crate) fn run(
        connection: Connection,
        transport: S,
        timers: Timers<S>,
        answer: &mut Answer<'_>,
    ) -> Result<Self, Error> {
        let mut end = connection.deadline();
        let mut stream = Self { transport, timers, connection };
        let before = timers.timeouts(&mut stream.transport).map_err(|error| stream.io_error(error))?;
        let outcome = stream.drive_handshake(answer, &mut end);
        // The alert is sent whatever happens to it; a handshake with a time limit waits a moment for
        // that and no longer.
        if let Err(error) = &outcome {
            stream.connection.observe_failure(error);
            let sent = stream.flush_until(end.and_then(|_| deadline_after(Some(ALERT_DEADLINE))));
            if let Ok(Ok(())) = sent {
                stream.end_sending(is_refusal(error));
            }
        }
        let restored = timers.set_timeouts(&mut stream.transport, before);
        let restored = restored.map_err(|error| stream.io_error(error));
        // Many connections are idle from here on.
        stream.release_buffers();
        outcome.and(restored).map(|()| stream)
    }

    fn drive_handshake(&mut self, answer: &mut Answer<'_>, limit: &mut Option<Instant>) -> Result<(), Error> {
        loop {
            // A connection out of an `Acceptor` may have refused the client already.
            if let Some(error) = self.connection.error() {
                return Err(error);
            }
            self.answer_needs(answer)?;
            // Later than it was, where a person was asked meanwhile. Gone once the handshake is complete.
            *limit = self.connection.deadline().or(*limit);
            let end = *limit;
            if let Err(error) = self.flush_until(end)? {
                // A peer that refused us may have closed already: its alert says more than
                // the broken pipe.
                while self.connection.may().receive {
                    self.set_deadline(end)?;
                    self.receive()?;
                }
                return Err(self.io_error(error));
            }
            if !self.connection.is_handshaking() {
                return Ok(());
            }
            self.set_deadline(end)?;
            self.receive()?;
        }
    }

    fn answer_needs(&mut self, answer: &mut Answer<'_>) -> Result<(), Error> {
        while let Some(need) = self.connection.need() {
            let kind = need.kind();
            let begun = Instant::now();
            answer(need)?;
            self.connection.state.pause_deadline(begun);
            if self.connection.need().is_some_and(|need| need.kind() == kind) {
                return Err(self.connection.misuse(Misuse::WrongAnswer, misuse::unanswered(kind)));
            }
        }
        Ok(())
    }

    /// Limits the next read or write to the time that is left.
    pub(super) fn set_deadline(&mut self, end: Option<Instant>) -> Result<(), Error> {
        let Some(end) = end else { return Ok(()) };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.connection.time_out());
        }
        let set = self.timers.set_timeouts(&mut self.transport, left.into());
        set.map_err(|error| self.io_error(error))
    }

    /// As `flush_wire`, within the time that is left: a peer that takes byte by byte gains none.
    pub(super) fn flush_until(&mut self, end: Option<Instant>) -> Result<io::Result<()>, Error> {
        while !self.connection.transmit().is_empty() {
            self.set_deadline(end)?;
            if let Err(error) = self.send_some() {
                return Ok(Err(error));
            }
        }
        Ok(self.transport.flush())
    }

    /// Reads from the transport once; false at its end. While no input waits, a stream
    /// without buffers reads into the stack, so that an idle stream holds no buffer.
    pub(super) fn receive(&mut self) -> Result<bool, Error> {
        let mut first = [0; FIRST_READ];
        let engine = &mut self.connection.engine;
        let waits_idle = engine.connected().is_some() && !engine.has_receive_space();
        let space = if waits_idle { &mut first[..] } else { engine.receive_space() };
        let begun = Instant::now();
        let count = loop {
            match self.transport.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                        && self.connection.is_handshaking() =>
                {
                    return Err(self.ran_out(error.kind(), begun));
                }
                other => break other,
            }
        };
        let count = match count {
            Ok(count) => count,
            // A reset is an end without close_notify, and the fault says so.
            Err(error) if is_reset(&error) => 0,
            Err(error) => return Err(self.io_error(error)),
        };
        match (count, waits_idle) {
            (0, _) => self.connection.end_of_input()?,
            (count, true) => self.connection.receive(first.get(..count).unwrap_or_default())?,
            (count, false) => self.connection.received(count)?,
        }
        Ok(count > 0)
    }

    /// A read of the handshake ended without a byte: its time is over, or the transport does not
    /// block. A timeout ends a read when its time is over, a non-blocking transport at once.
    fn ran_out(&mut self, kind: io::ErrorKind, begun: Instant) -> Error {
        let timeout = self.timers.timeouts(&mut self.transport).ok().and_then(|set| set.read);
        let at_once = begun.elapsed() < timeout.map_or(AT_ONCE, |time| time / 2);
        if kind == io::ErrorKind::WouldBlock && at_once {
            return self.connection.misuse(Misuse::NonBlocking, misuse::non_blocking());
        }
        self.connection.time_out()
    }
}
