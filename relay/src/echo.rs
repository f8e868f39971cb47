//! The application that sends everything back.

use std::{
    future::poll_fn,
    io,
    ops::DerefMut,
    pin::Pin,
    task::{Context, Poll, ready},
};

use handclasp::{
    Connection,
    tokio::{TypedStream, server::TlsStream},
};
use tokio::io::{AsyncBufRead, AsyncWrite};

use crate::{
    Application, ClientContext, CopyOptions, Ending, RelaySide, Socket, Transfer,
    copy::{
        buffer,
        timers::{Due, Timers},
        tls_abort_kind,
    },
};

/// Sends back what a client sends, until it ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo(pub CopyOptions);

impl Application for Echo {
    async fn run(&self, mut stream: TlsStream<Socket>, context: &ClientContext) -> Transfer {
        self.echo(&mut stream, context).await
    }
}

impl Echo {
    /// As [`Application::run`], for a caller that keeps the stream.
    pub async fn echo(&self, stream: &mut TlsStream<Socket>, context: &ClientContext) -> Transfer {
        let mut echo = Echoing { stream, left: Vec::new(), count: 0, timers: Timers::new(self.0.idle_limit) };
        let ending = tokio::select! {
            biased;
            ending = poll_fn(|cx| echo.poll(cx)) => ending,
            () = context.drain.expired() => {
                echo.stream.get_ref().0.reset_on_drop();
                Ending::Drained
            }
        };
        Transfer::new(echo.count, echo.count, ending)
    }
}

struct Echoing<'e, C> {
    stream: &'e mut TypedStream<C, Socket>,
    /// Bytes that the connection's queue had no space for.
    left: Vec<u8>,
    count: u64,
    timers: Timers,
}

impl<C: DerefMut<Target = Connection> + Unpin> Echoing<'_, C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        let before = self.count;
        if let Poll::Ready(ended) = self.poll_all(cx) {
            return Poll::Ready(match ended {
                Ok(()) => Ending::Closed,
                Err(error) => {
                    let how = tls_abort_kind(self.stream.get_ref().0, &error);
                    Ending::Aborted { by: RelaySide::Client, how, error }
                }
            });
        }
        if !self.timers.moved(self.count.saturating_sub(before)) {
            self.stream.get_mut().1.release_buffers();
        }
        loop {
            match ready!(self.timers.poll(cx)) {
                Due::Release | Due::Linger | Due::Silent => self.stream.get_mut().1.release_buffers(),
                Due::Idle => {
                    self.stream.get_ref().0.reset_on_drop();
                    return Poll::Ready(Ending::Idle);
                }
            }
        }
    }

    /// Sends back what comes, and the end.
    fn poll_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            while !self.left.is_empty() {
                let count = ready!(Pin::new(&mut *self.stream).poll_write(cx, &self.left))?;
                self.left.drain(..count.min(self.left.len()));
            }
            self.left = Vec::new();
            // Nothing is read from a client that takes nothing.
            ready!(Pin::new(&mut *self.stream).poll_flush(cx))?;
            if !ready!(self.poll_some(cx))? {
                return Pin::new(&mut *self.stream).poll_shutdown(cx);
            }
        }
    }

    /// Sends back what came with one read; false at the end.
    fn poll_some(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Self { stream, left, count, .. } = self;
        buffer::with(|buffer| {
            let came = ready!(Pin::new(&mut **stream).poll_fill_buf(cx))?;
            let length = came.len().min(buffer.len());
            let (Some(data), Some(came)) = (buffer.get_mut(..length), came.get(..length)) else {
                return Poll::Ready(Ok(false));
            };
            data.copy_from_slice(came);
            let mut data = &*data;
            *count = count.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            while !data.is_empty() {
                match Pin::new(&mut **stream).poll_write(cx, data) {
                    Poll::Ready(taken) => data = data.get(taken?..).unwrap_or_default(),
                    Poll::Pending => {
                        *left = data.to_vec();
                        break;
                    }
                }
            }
            // Behind the last byte close_notify may stand, and a TLS 1.2 connection is over with it: the echo goes first.
            Pin::new(&mut **stream).consume(length);
            Poll::Ready(Ok(length > 0))
        })
    }
}
