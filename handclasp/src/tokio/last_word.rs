//! Why a transport takes nothing more. A peer that refuses sends an alert and closes; what this side writes after that
//! breaks the pipe, often before the alert was read, and the alert says more than the broken pipe.

use std::{
    future::Future,
    io,
    ops::DerefMut,
    pin::Pin,
    task::{Context, Poll},
};

use ::tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Sleep, sleep},
};

use super::{channel::Channel, wakers::Half};
use crate::{
    Connection,
    stream::{LINGER, is_reset},
};

/// The wait for the peer's last word.
#[derive(Debug, Default)]
pub(super) struct LastWord {
    /// The error of the writer that waits.
    error: Option<io::Error>,
    /// From the first broken pipe on: when the wait is over, for good.
    limit: Option<Pin<Box<Sleep>>>,
}

impl<C: DerefMut<Target = Connection>, IO: AsyncRead + AsyncWrite + Unpin> Channel<C, IO> {
    /// Whether a writer waits for the peer's last word.
    pub(super) fn awaits_last_word(&self) -> bool {
        self.last_word.error.is_some()
    }

    /// The error of the transport, or where the pipe is broken what the peer said before. The socket may not have told
    /// yet that it can be read, so a moment is given to it.
    pub(super) fn poll_why(&mut self, error: io::Error, cx: &mut Context<'_>) -> Poll<io::Error> {
        if error.kind() != io::ErrorKind::BrokenPipe && !is_reset(&error) {
            return Poll::Ready(error);
        }
        self.last_word.error = Some(error);
        self.poll_last_word(cx)
    }

    /// Goes on with the wait of [`poll_why`](Self::poll_why).
    pub(super) fn poll_last_word(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let told = self.poll_told(cx);
        if told.is_pending() {
            return Poll::Pending;
        }
        // What came is the reader's.
        self.wakers.wake_half(Half::Read);
        let broken = self.last_word.error.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into());
        match told {
            Poll::Ready(Some(told)) => Poll::Ready(told),
            _ => Poll::Ready(broken),
        }
    }

    /// Reads until the peer's alert, its end or the time limit.
    fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Error>> {
        self.wakers.set(Half::Write, cx);
        while self.connection.may().receive {
            let waker = self.waker.clone();
            match self.poll_receive(&mut Context::from_waker(&waker)) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => break,
                Poll::Ready(Err(why)) => return Poll::Ready(why.fault().is_some().then(|| why.into())),
                Poll::Pending => {
                    let limit = self.last_word.limit.get_or_insert_with(|| Box::pin(sleep(LINGER)));
                    return limit.as_mut().poll(cx).map(|()| None);
                }
            }
        }
        Poll::Ready(None)
    }
}
