//! The end of a connection that this side refuses: the alert within a time limit, the end of the
//! sending direction, then what the peer still sends.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use ::tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::{
    Acceptor, Connection,
    stream::{ALERT_DEADLINE, LINGER},
};

/// Bytes that wait for the transport.
pub(super) trait Outgoing {
    fn waiting(&self) -> &[u8];
    fn taken(&mut self, count: usize);
}

impl Outgoing for Connection {
    fn waiting(&self) -> &[u8] {
        self.transmit()
    }

    fn taken(&mut self, count: usize) {
        self.transmitted(count);
    }
}

impl Outgoing for Acceptor {
    fn waiting(&self) -> &[u8] {
        self.transmit()
    }

    fn taken(&mut self, count: usize) {
        self.transmitted(count);
    }
}

/// Writes to the transport until nothing waits.
pub(super) fn poll_send<IO: AsyncWrite + Unpin>(
    io: &mut IO,
    outgoing: &mut (impl Outgoing + ?Sized),
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while !outgoing.waiting().is_empty() {
        match ready!(Pin::new(&mut *io).poll_write(cx, outgoing.waiting()))? {
            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            count => outgoing.taken(count),
        }
    }
    Poll::Ready(Ok(()))
}

/// How far the end has come.
#[derive(Debug)]
pub(super) enum Ending {
    /// The alert is sent, then the end of the sending direction.
    Sending(Pin<Box<Sleep>>),
    /// Input is read and dropped: a socket that is closed with input unread resets the connection, and
    /// then the peer may never see the alert.
    Lingering(Pin<Box<Sleep>>),
    Over,
}

impl Ending {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self::Sending(Box::pin(sleep(ALERT_DEADLINE)))
    }

    /// Goes on until the peer has closed, or the time is over. Where the peer does not speak any more
    /// (`may_speak`), its input is not waited for.
    pub(super) fn poll<IO: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        io: &mut IO,
        outgoing: &mut (impl Outgoing + ?Sized),
        may_speak: bool,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        loop {
            *self = match self {
                Self::Sending(limit) => {
                    let is_late = limit.as_mut().poll(cx).is_ready();
                    let sent = match poll_send(io, outgoing, cx) {
                        Poll::Ready(Ok(())) => Pin::new(&mut *io).poll_shutdown(cx),
                        unsent => unsent,
                    };
                    match sent {
                        Poll::Pending if !is_late => return Poll::Pending,
                        Poll::Ready(Ok(())) if may_speak => linger(LINGER),
                        Poll::Pending | Poll::Ready(_) => Self::Over,
                    }
                }
                Self::Lingering(limit) => {
                    let is_late = limit.as_mut().poll(cx).is_ready();
                    match poll_drop(io, cx) {
                        Poll::Pending if !is_late => return Poll::Pending,
                        Poll::Ready(true) if !is_late => continue,
                        _ => Self::Over,
                    }
                }
                Self::Over => return Poll::Ready(()),
            }
        }
    }
}

fn linger(time: Duration) -> Ending {
    Ending::Lingering(Box::pin(sleep(time)))
}

/// Reads once and drops the bytes; whether there may be more.
fn poll_drop<IO: AsyncRead + Unpin>(io: &mut IO, cx: &mut Context<'_>) -> Poll<bool> {
    let mut dropped = [0; 4096];
    let mut dropped = ReadBuf::new(&mut dropped);
    let read = ready!(Pin::new(io).poll_read(cx, &mut dropped));
    Poll::Ready(read.is_ok() && !dropped.filled().is_empty())
}
