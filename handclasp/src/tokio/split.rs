//! Halves of a stream for two tasks.

use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads, while another task writes by the [`WriteHalf`].
///
/// Both halves share the stream behind a mutex that is held only inside a poll function: for the
/// encryption of at most 128 KiB or the decryption of what came, and the calls of the transport that do
/// not wait. Neither half holds it while its task waits, so a peer that does not read never keeps this
/// side from reading, nor the other way round. Halves whose transport is slow to poll, or that run on two
/// threads under full load, take turns.
///
/// A dropped half closes nothing; the stream ends with the second one. [`WriteHalf`] sends close_notify
/// by `shutdown`.
pub struct ReadHalf<S> {
    shared: Arc<Mutex<S>>,
}

/// Writes, while another task reads: see [`ReadHalf`].
pub struct WriteHalf<S> {
    shared: Arc<Mutex<S>>,
}

pub(super) fn split<S>(stream: S) -> (ReadHalf<S>, WriteHalf<S>) {
    let shared = Arc::new(Mutex::new(stream));
    (ReadHalf { shared: Arc::clone(&shared) }, WriteHalf { shared })
}

/// The lock guards no state that a panic elsewhere could leave half done.
fn lock<S>(shared: &Mutex<S>) -> MutexGuard<'_, S> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S> ReadHalf<S> {
    /// Calls `look` with the stream, for its report or what was negotiated. The other half waits for
    /// the end of the call.
    pub fn with_stream<R>(&self, look: impl FnOnce(&mut S) -> R) -> R {
        look(&mut lock(&self.shared))
    }

    /// The stream, out of both halves.
    ///
    /// # Errors
    /// The halves are of two streams; both come back.
    pub fn reunite(self, write: WriteHalf<S>) -> Result<S, ReuniteError<S>> {
        if !Arc::ptr_eq(&self.shared, &write.shared) {
            return Err(ReuniteError(self, write));
        }
        drop(write);
        match Arc::try_unwrap(self.shared) {
            Ok(stream) => Ok(stream.into_inner().unwrap_or_else(PoisonError::into_inner)),
            Err(shared) => Err(ReuniteError(Self { shared: Arc::clone(&shared) }, WriteHalf { shared })),
        }
    }
}

impl<S> WriteHalf<S> {
    /// As [`ReadHalf::with_stream`].
    pub fn with_stream<R>(&self, look: impl FnOnce(&mut S) -> R) -> R {
        look(&mut lock(&self.shared))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadHalf<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.shared)).poll_read(cx, out)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteHalf<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *lock(&self.shared)).poll_write(cx, data)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *lock(&self.shared)).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.shared).is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.shared)).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.shared)).poll_shutdown(cx)
    }
}

/// Halves of two streams, which [`ReadHalf::reunite`] cannot join.
pub struct ReuniteError<S>(pub ReadHalf<S>, pub WriteHalf<S>);

impl<S> fmt::Display for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are of two streams")
    }
}

impl<S> fmt::Debug for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReuniteError")
    }
}

impl<S> std::error::Error for ReuniteError<S> {}

impl<S> fmt::Debug for ReadHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadHalf")
    }
}

impl<S> fmt::Debug for WriteHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteHalf")
    }
}
