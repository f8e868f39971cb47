//! Both directions of a relay at once: a TLS stream on one side, a plain socket on the other.
//!
//! An end of one side is passed on as one, and the other direction goes on (RFC 8446 §6.1). A truncation or reset of
//! one side becomes a reset of the other, without close_notify: no side ever takes what was cut off for a whole.
//!
//! TLS 1.2 has no half-close (RFC 5246 §7.2.1): a close_notify of its peer ends both directions of the TLS side. The
//! plain side sees the end, and what it still sends is dropped. So a plain side that ends is passed on only once the TLS
//! side has ended too or is silent: an answer on its way still arrives. If bytes had to be dropped after all, the
//! transport is reset behind close_notify, and the side that closed first waits for that end of the transport: an answer
//! that was cut off is no end in order.
//!
//! Plaintext of the peer is lent by the connection and written from there. The other direction is read into a buffer
//! of the thread and encrypted from there into the queue of the connection. An idle relay holds no buffer. A direction
//! whose sender is never short of bytes moves 1 MiB, and then the other direction and other tasks have their turn.

pub(crate) mod buffer;
mod direction;
mod options;
#[cfg(all(test, unix))]
mod tests;
pub(crate) mod timers;

use std::{
    future::poll_fn,
    io,
    ops::DerefMut,
    pin::Pin,
    task::{Context, Poll, ready},
};

use handclasp::{Connection, Error, Fault, ProtocolVersion, tokio::TypedStream};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

pub use self::options::CopyOptions;
use self::{
    direction::{Direction, State},
    timers::{Due, LINGER, Timers},
};
use crate::{AbortKind, Drain, Ending, RelaySide, Socket, Transfer};

/// Relays between a TLS stream and a plain socket until both have ended, one of them is cut off, or the time limit of
/// the drain is over. `tls_side` is the party at the TLS stream; `plain` is the other one.
pub async fn copy<C>(
    tls: &mut TypedStream<C, Socket>,
    plain: &mut Socket,
    tls_side: RelaySide,
    options: &CopyOptions,
    drain: &Drain,
) -> Transfer
where
    C: DerefMut<Target = Connection> + Unpin,
{
    let mut relay = Relay {
        has_half_close: tls.connected().version != ProtocolVersion::TLS_1_2,
        tls,
        plain,
        tls_side,
        from_tls: Direction::new(),
        from_plain: Direction::new(),
        left: Vec::new(),
        gone: None,
        is_silent: false,
        closed_first: false,
        has_dropped: false,
        timers: Timers::new(options.idle_limit),
    };
    let ending = tokio::select! {
        biased;
        ending = poll_fn(|cx| relay.poll(cx)) => ending,
        () = drain.expired() => relay.cut(Ending::Drained),
    };
    let (tls, plain) = (relay.from_tls.count, relay.from_plain.count);
    match tls_side {
        RelaySide::Client => Transfer::new(tls, plain, ending),
        RelaySide::Target => Transfer::new(plain, tls, ending),
    }
}

struct Relay<'c, C> {
    tls: &'c mut TypedStream<C, Socket>,
    plain: &'c mut Socket,
    tls_side: RelaySide,
    has_half_close: bool,
    from_tls: Direction,
    from_plain: Direction,
    /// Bytes of the plain side that the connection's queue had no space for.
    left: Vec<u8>,
    /// Why the TLS side takes nothing more.
    gone: Option<io::Error>,
    /// TLS 1.2: the TLS side has sent nothing for a while after the end of the plain side.
    is_silent: bool,
    /// TLS 1.2: our close_notify came first.
    closed_first: bool,
    /// Bytes of the plain side were dropped.
    has_dropped: bool,
    timers: Timers,
}

impl<C: DerefMut<Target = Connection> + Unpin> Relay<'_, C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        let before = self.moved();
        self.from_tls.begin_turn();
        self.from_plain.begin_turn();
        if let Poll::Ready(Err(error)) = self.poll_from_tls(cx) {
            return Poll::Ready(self.tls_aborted(error));
        }
        if let Poll::Ready(Err(error)) = self.poll_from_plain(cx) {
            return Poll::Ready(self.plain_aborted(error));
        }
        if let Some(ending) = self.ending() {
            return Poll::Ready(ending);
        }
        let moved = self.moved().saturating_sub(before);
        if !self.timers.moved(moved) {
            self.tls.get_mut().1.release_buffers();
        }
        loop {
            match ready!(self.timers.poll(cx)) {
                Due::Release => self.tls.get_mut().1.release_buffers(),
                Due::Silent => {
                    self.is_silent = true;
                    return self.poll(cx);
                }
                Due::Idle => return Poll::Ready(self.cut(Ending::Idle)),
                // The other side had its time.
                Due::Linger => return Poll::Ready(self.closed()),
            }
        }
    }

    fn moved(&self) -> u64 {
        self.from_tls.count.saturating_add(self.from_plain.count)
    }

    /// How the relay ended, once both directions are over.
    fn ending(&mut self) -> Option<Ending> {
        use State::{Dropping, Ended, Gone};
        match (self.from_tls.state, self.from_plain.state) {
            (Ended, Ended) => Some(self.closed()),
            // The TLS side took nothing more, and what it sent has been passed on to its end.
            (Ended, Gone) => {
                let error = self.gone.take().unwrap_or_else(|| io::ErrorKind::ConnectionReset.into());
                Some(Ending::Aborted { by: self.tls_side, how: AbortKind::Reset, error })
            }
            // What is still sent is dropped for a while: a socket that is closed with input unread resets the
            // connection, and then the other side may not read what it was sent.
            (Dropping, Ended) | (Ended, Dropping) => {
                self.timers.linger(LINGER);
                None
            }
            _ => None,
        }
    }

    // ---- TLS to plain

    fn poll_from_tls(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.from_tls.state {
                State::Open | State::Dropping => {
                    ready!(self.from_tls.poll_turn(cx));
                    let is_open = self.from_tls.state == State::Open;
                    let bytes = match ready!(Pin::new(&mut *self.tls).poll_fill_buf(cx)) {
                        Ok([]) => {
                            self.from_tls.state = if is_open { State::Ending } else { State::Ended };
                            continue;
                        }
                        Ok(bytes) => bytes,
                        // What is dropped anyway may also be cut off.
                        Err(_) if !is_open => {
                            self.from_tls.state = State::Ended;
                            continue;
                        }
                        Err(error) => return Poll::Ready(Err(error)),
                    };
                    if !is_open {
                        let count = bytes.len();
                        Pin::new(&mut *self.tls).consume(count);
                        continue;
                    }
                    match ready!(Pin::new(&mut *self.plain).poll_write(cx, bytes)) {
                        Ok(count) => {
                            Pin::new(&mut *self.tls).consume(count);
                            self.from_tls.moved(count);
                        }
                        // What the plain side sent before it closed is still passed on; how it closed, its reader sees.
                        Err(_) => self.from_tls.state = State::Dropping,
                    }
                }
                State::Ending => {
                    if self.closed_first {
                        // A peer that never closes has its time, which is longer than that of its own relay.
                        self.timers.linger(LINGER.saturating_mul(2));
                        ready!(self.poll_transport_end(cx))?;
                    }
                    // A plain side that is gone needs no end.
                    let _ended = ready!(Pin::new(&mut *self.plain).poll_shutdown(cx));
                    self.from_tls.state = State::Ended;
                    if !self.has_half_close && self.from_plain.state == State::Open {
                        self.left = Vec::new();
                        self.from_plain.state = State::Dropping;
                    }
                }
                State::Ended | State::Gone => return Poll::Ready(Ok(())),
            }
        }
    }

    // ---- plain to TLS

    fn poll_from_plain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.from_plain.state {
                State::Open => {
                    ready!(self.from_plain.poll_turn(cx));
                    match ready!(self.poll_encrypt(cx)) {
                        Ok(Encrypted::Some) => {}
                        Ok(Encrypted::End) => self.from_plain.state = State::Ending,
                        Ok(Encrypted::Gone(error)) => {
                            self.gone = Some(error);
                            self.from_plain.state = State::Gone;
                        }
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
                State::Ending => {
                    if !self.has_half_close && self.from_tls.state == State::Open && !self.closed_first {
                        if !self.is_silent {
                            self.timers.wait_for_silence();
                            return Poll::Pending;
                        }
                        self.closed_first = true;
                    }
                    let ended = ready!(Pin::new(&mut *self.tls).poll_shutdown(cx));
                    // Only close_notify waits here: a TLS side that ended itself may go without it.
                    let is_over = ended.is_ok() || self.from_tls.state == State::Ended;
                    self.from_plain.state = if is_over { State::Ended } else { State::Gone };
                }
                State::Dropping => match ready!(self.poll_drop_plain(cx)) {
                    Ok(true) => self.has_dropped = true,
                    Ok(false) | Err(_) => self.from_plain.state = State::Ended,
                },
                State::Ended | State::Gone => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Reads once from the plain side and encrypts what came.
    fn poll_encrypt(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Encrypted>> {
        while !self.left.is_empty() {
            match ready!(Pin::new(&mut *self.tls).poll_write(cx, &self.left)) {
                Ok(count) => drop(self.left.drain(..count.min(self.left.len()))),
                Err(error) => return Poll::Ready(Ok(Encrypted::Gone(error))),
            }
        }
        // Nothing is read for a TLS side that takes nothing, so that the sender waits, too.
        if let Err(error) = ready!(Pin::new(&mut *self.tls).poll_flush(cx)) {
            return Poll::Ready(Ok(Encrypted::Gone(error)));
        }
        let Self { tls, plain, from_plain, left, .. } = self;
        buffer::with(|buffer| {
            let mut space = ReadBuf::new(buffer);
            ready!(Pin::new(&mut **plain).poll_read(cx, &mut space))?;
            let mut data: &[u8] = space.filled();
            if data.is_empty() {
                return Poll::Ready(Ok(Encrypted::End));
            }
            from_plain.moved(data.len());
            while !data.is_empty() {
                match Pin::new(&mut **tls).poll_write(cx, data) {
                    Poll::Ready(Ok(count)) => data = data.get(count..).unwrap_or_default(),
                    Poll::Ready(Err(error)) => return Poll::Ready(Ok(Encrypted::Gone(error))),
                    // The buffer is the thread's.
                    Poll::Pending => {
                        *left = data.to_vec();
                        break;
                    }
                }
            }
            Poll::Ready(Ok(Encrypted::Some))
        })
    }

    /// Reads once from the plain side and drops what came; false at its end.
    fn poll_drop_plain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        buffer::with(|buffer| {
            let mut space = ReadBuf::new(buffer);
            ready!(Pin::new(&mut *self.plain).poll_read(cx, &mut space))?;
            Poll::Ready(Ok(!space.filled().is_empty()))
        })
    }

    /// Waits for the end of the transport below a TLS stream that has ended.
    fn poll_transport_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut bytes = [0; 64];
            let mut space = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut *self.tls.get_mut().0).poll_read(cx, &mut space))?;
            if space.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    // ---- the end

    /// Both sides have ended. The TLS side learns by a reset that what followed its end was dropped.
    fn closed(&self) -> Ending {
        if self.has_dropped {
            self.tls.get_ref().0.reset_on_drop();
        }
        Ending::Closed
    }

    /// The relay is cut off by this program: both sides see a reset.
    fn cut(&self, ending: Ending) -> Ending {
        self.tls.get_ref().0.reset_on_drop();
        self.plain.reset_on_drop();
        ending
    }

    /// The plain side was cut off: the TLS side sees neither close_notify nor an end.
    fn plain_aborted(&self, error: io::Error) -> Ending {
        self.tls.get_ref().0.reset_on_drop();
        let by = match self.tls_side {
            RelaySide::Client => RelaySide::Target,
            RelaySide::Target => RelaySide::Client,
        };
        let how = if is_reset(error.kind()) { AbortKind::Reset } else { AbortKind::Failed };
        Ending::Aborted { by, how, error }
    }

    /// The TLS side was cut off: the plain side sees a reset.
    fn tls_aborted(&self, error: io::Error) -> Ending {
        self.plain.reset_on_drop();
        let how = tls_abort_kind(self.tls.get_ref().0, &error);
        // A client may go once it has the whole answer; what is behind that is not looked at.
        if how != AbortKind::Failed
            && self.tls_side == RelaySide::Client
            && self.from_plain.state == State::Ended
        {
            return Ending::Left;
        }
        Ending::Aborted { by: self.tls_side, how, error }
    }
}

/// How a TLS stream over this socket was cut off, by the error of its reading or writing.
pub fn tls_abort_kind(socket: &Socket, error: &io::Error) -> AbortKind {
    match Error::in_io_error(error).and_then(Error::fault) {
        Some(Fault::Truncated { .. }) if socket.broken().is_some() => AbortKind::Reset,
        Some(Fault::Truncated { .. }) => AbortKind::Truncated,
        None if socket.broken().is_some_and(is_reset) => AbortKind::Reset,
        _ => AbortKind::Failed,
    }
}

fn is_reset(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

/// What reading once from the plain side came to.
enum Encrypted {
    /// Bytes were moved.
    Some,
    /// The plain side has ended.
    End,
    /// The TLS side takes nothing more.
    Gone(io::Error),
}
