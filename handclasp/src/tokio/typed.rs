//! A stream of a client or of a server.

use std::{
    fmt,
    io::{self, IoSlice},
    ops::DerefMut,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use handclasp_handshake::Connected;

use super::{
    channel::Channel,
    split::{ReadHalf, WriteHalf, split},
};
use crate::Connection;

/// An authenticated, encrypted stream over an async transport, of the side that `C` names:
/// [`client::TlsStream`] and [`server::TlsStream`] are such streams.
///
/// What its reads, writes and shutdown do is described at the [module](super).
///
/// [`client::TlsStream`]: super::client::TlsStream
/// [`server::TlsStream`]: super::server::TlsStream
pub struct TypedStream<C, IO> {
    channel: Channel<C, IO>,
}

impl<C, IO> TypedStream<C, IO> {
    pub(super) fn new(channel: Channel<C, IO>) -> Self {
        Self { channel }
    }

    /// The transport, for its addresses and options, and the connection, which knows what was
    /// negotiated.
    pub fn get_ref(&self) -> (&IO, &C) {
        (&self.channel.io, &self.channel.connection)
    }

    /// The transport and the connection. Reading from the transport or writing to it breaks the
    /// connection; what a method of the connection queues is sent by the next write, flush or read.
    pub fn get_mut(&mut self) -> (&mut IO, &mut C) {
        (&mut self.channel.io, &mut self.channel.connection)
    }

    /// The transport, without close_notify, and the connection, which holds what was read from the
    /// transport and not returned, and what waits to be sent.
    pub fn into_inner(self) -> (IO, C) {
        self.channel.into_inner()
    }

    /// Splits into halves for two tasks: see [`ReadHalf`].
    pub fn into_split(self) -> (ReadHalf<Self>, WriteHalf<Self>) {
        split(self)
    }
}

impl<C: DerefMut<Target = Connection>, IO> TypedStream<C, IO> {
    /// What was negotiated.
    pub fn connected(&self) -> &Connected {
        // A stream is handed out only after its handshake.
        self.channel.connection.connected().expect("a stream is connected")
    }
}

impl<C, IO> AsyncRead for TypedStream<C, IO>
where
    C: DerefMut<Target = Connection> + Unpin,
    IO: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.channel.poll_read(cx, out)
    }
}

/// Lends plaintext from where it was decrypted, without a copy.
impl<C, IO> AsyncBufRead for TypedStream<C, IO>
where
    C: DerefMut<Target = Connection> + Unpin,
    IO: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.channel.poll_fill(cx))?;
        Poll::Ready(Ok(this.channel.connection.readable()))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        self.channel.connection.consume(count);
    }
}

impl<C, IO> AsyncWrite for TypedStream<C, IO>
where
    C: DerefMut<Target = Connection> + Unpin,
    IO: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.channel.poll_write(cx, data)
    }

    /// The slices fill records together.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.channel.poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.channel.poll_flush(cx)
    }

    /// Sends close_notify, then ends the sending direction of the transport; reading may go on.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.channel.poll_shutdown(cx)
    }
}

#[cfg(unix)]
impl<C, IO: std::os::fd::AsFd> std::os::fd::AsFd for TypedStream<C, IO> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.channel.io.as_fd()
    }
}

#[cfg(unix)]
impl<C, IO: std::os::fd::AsRawFd> std::os::fd::AsRawFd for TypedStream<C, IO> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.channel.io.as_raw_fd()
    }
}

/// Shows the connection; no keys.
impl<C: fmt::Debug, IO> fmt::Debug for TypedStream<C, IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsStream").field("connection", &self.channel.connection).finish_non_exhaustive()
    }
}
