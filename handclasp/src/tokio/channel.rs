//! A connection and its transport: every way in which one moves the other, as poll functions.
//!
//! Nothing is held in a future: bytes that were read and not returned, and bytes that were taken and
//! not sent, stay in the connection. A future that is dropped loses nothing.

use std::{
    io::{self, IoSlice},
    ops::DerefMut,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    ending::{Ending, poll_send},
    last_word::LastWord,
    wakers::{Half, Wakers},
};
use crate::{
    Connection, Error,
    stream::{FIRST_READ, is_refusal, is_reset},
};

/// Bytes in the queue of a transport that takes no more, above which nothing is encrypted. The queue has
/// space for eight records, so that below it records are full.
const QUEUE_MAX: usize = 16 * 1024;

/// The connection of type `C` over the transport `IO`.
pub(super) struct Channel<C, IO> {
    pub(super) connection: C,
    pub(super) io: IO,
    pub(super) wakers: Arc<Wakers>,
    /// Wakes `wakers`.
    pub(super) waker: Waker,
    /// Whether the transport has bytes that it was not told to flush.
    is_unflushed: bool,
    /// The end of a connection that this side refused after the handshake.
    ending: Option<Ending>,
    pub(super) last_word: LastWord,
}

impl<C, IO> Channel<C, IO> {
    pub(super) fn new(connection: C, io: IO) -> Self {
        let wakers = Arc::new(Wakers::default());
        let waker = Waker::from(Arc::clone(&wakers));
        Self {
            connection,
            io,
            wakers,
            waker,
            is_unflushed: false,
            ending: None,
            last_word: LastWord::default(),
        }
    }

    pub(super) fn into_inner(self) -> (IO, C) {
        (self.io, self.connection)
    }
}

impl<C: DerefMut<Target = Connection>, IO: AsyncRead + AsyncWrite + Unpin> Channel<C, IO> {
    // ---- the transport

    /// Sends what waits, and flushes the transport.
    pub(super) fn poll_send(&mut self, half: Half, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.transmit().is_empty() && !self.is_unflushed {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_write_out(half, cx))?;
        let flushed = Pin::new(&mut self.io).poll_flush(&mut Context::from_waker(&self.waker));
        if flushed.is_ready() {
            self.is_unflushed = false;
        }
        flushed
    }

    /// Sends what waits.
    fn poll_write_out(&mut self, half: Half, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.wakers.set(half, cx);
        self.is_unflushed |= !self.connection.transmit().is_empty();
        poll_send(&mut self.io, &mut *self.connection, &mut Context::from_waker(&self.waker))
    }

    /// Reads from the transport once and takes what came; false at its end.
    pub(super) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        let connection = &mut *self.connection;
        let mut first = [0; FIRST_READ];
        // An idle stream without buffers gets none before input comes.
        let is_idle = connection.connected().is_some() && !connection.engine.has_receive_space();
        let space = if is_idle { &mut first[..] } else { connection.receive_space() };
        let mut space = ReadBuf::new(space);
        let read = ready!(Pin::new(&mut self.io).poll_read(cx, &mut space));
        let count = match read {
            Ok(()) => space.filled().len(),
            // A reset is an end without close_notify, and the fault says so.
            Err(error) if is_reset(&error) => 0,
            Err(error) => return Poll::Ready(Err(Error::from_io(error, connection.report()))),
        };
        let taken = match (count, is_idle) {
            (0, _) => connection.end_of_input(),
            (count, true) => connection.receive(first.get(..count).unwrap_or_default()),
            (count, false) => connection.received(count),
        };
        Poll::Ready(taken.map(|()| count > 0))
    }

    // ---- plaintext of the peer

    /// Waits until plaintext can be read from the connection, or the peer has closed.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.connection.readable().is_empty() {
            if let Err(error) = self.connection.proceed() {
                return self.poll_end(error, cx);
            }
            // Alerts, and what a writer has left. A transport that takes nothing more does not keep
            // this side from reading, and its error is the writer's.
            let sent = self.poll_send(Half::Read, cx);
            if !self.connection.readable().is_empty() || self.connection.is_peer_closed() {
                break;
            }
            self.wakers.set(Half::Read, cx);
            drop(sent);
            if let Err(error) = ready!(self.poll_receive(cx)) {
                return self.poll_end(error, cx);
            }
        }
        self.connection.gather();
        Poll::Ready(Ok(()))
    }

    /// Copies plaintext of the peer, as much as there is and fits.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if out.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_fill(cx))?;
        // A fault behind these bytes is the next call's.
        while let available @ [_, ..] = self.connection.readable() {
            let count = available.len().min(out.remaining());
            out.put_slice(available.get(..count).unwrap_or_default());
            self.connection.consume(count);
            if out.remaining() == 0 {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Fails, and sends the alert first where this side refuses what the peer sent.
    fn poll_end(&mut self, error: Error, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if is_refusal(&error) {
            let ending = self.ending.get_or_insert_with(Ending::new);
            ready!(ending.poll(&mut self.io, &mut *self.connection, true, cx));
        } else {
            // What waits is of use to the peer, and its loss changes nothing.
            let _ = self.poll_send(Half::Read, cx);
        }
        Poll::Ready(Err(error.into()))
    }

    // ---- plaintext for the peer

    /// Encrypts by `write` as much as the queue takes, and sends it as far as the transport takes it.
    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        is_empty: bool,
        write: impl Fn(&mut Connection) -> Result<usize, Error>,
    ) -> Poll<io::Result<usize>> {
        if self.awaits_last_word() {
            return self.poll_last_word(cx).map(Err);
        }
        loop {
            // First what waits from before, so that there is space for whole records.
            let sent = match self.poll_write_out(Half::Write, cx) {
                Poll::Ready(Err(error)) => return self.poll_why(error, cx).map(Err),
                sent => sent,
            };
            if sent.is_pending() && self.connection.transmit().len() >= QUEUE_MAX {
                return Poll::Pending;
            }
            let taken = write(&mut self.connection);
            // What was taken must not be given again: an error of the transport is the next call's.
            let _ = self.poll_write_out(Half::Write, cx);
            match taken? {
                0 if !is_empty && sent.is_pending() => return Poll::Pending,
                0 if !is_empty => {}
                taken => return Poll::Ready(Ok(taken)),
            }
        }
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx, data.is_empty(), |connection| connection.write(data))
    }

    /// The slices fill records together.
    pub(super) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let is_empty = data.iter().all(|slice| slice.is_empty());
        self.poll_write_with(cx, is_empty, |connection| connection.write_vectored(data))
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.awaits_last_word() {
            return self.poll_last_word(cx).map(Err);
        }
        match ready!(self.poll_send(Half::Write, cx)) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(error) => self.poll_why(error, cx).map(Err),
        }
    }

    /// Sends close_notify and ends the sending direction of the transport.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.close();
        ready!(self.poll_flush(cx))?;
        self.wakers.set(Half::Write, cx);
        match ready!(Pin::new(&mut self.io).poll_shutdown(&mut Context::from_waker(&self.waker))) {
            // The peer is gone: there is nothing left to end.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            ended => Poll::Ready(ended),
        }
    }
}
