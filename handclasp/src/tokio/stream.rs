//! A stream of either side.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use ::tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use handclasp_handshake::Connected;

use super::{
    client, server,
    split::{ReadHalf, WriteHalf, split},
};
use crate::Connection;

/// A stream of a client or of a server, for code that serves both.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsStream<IO> {
    /// Of a client.
    Client(client::TlsStream<IO>),
    /// Of a server.
    Server(server::TlsStream<IO>),
}

/// Calls a method of the stream inside, whichever it is.
macro_rules! inside {
    ($stream:expr, $inner:ident => $body:expr) => {
        match $stream {
            TlsStream::Client($inner) => $body,
            TlsStream::Server($inner) => $body,
        }
    };
}

impl<IO> TlsStream<IO> {
    /// The transport, and the connection.
    pub fn get_ref(&self) -> (&IO, &Connection) {
        inside!(self, stream => {
            let (io, connection) = stream.get_ref();
            (io, connection)
        })
    }

    /// The transport, and the connection: see [`super::TypedStream::get_mut`].
    pub fn get_mut(&mut self) -> (&mut IO, &mut Connection) {
        inside!(self, stream => {
            let (io, connection) = stream.get_mut();
            (io, connection)
        })
    }

    /// The transport, without close_notify, and the connection.
    pub fn into_inner(self) -> (IO, Connection) {
        inside!(self, stream => {
            let (io, connection) = stream.into_inner();
            (io, connection.into())
        })
    }

    /// What was negotiated.
    pub fn connected(&self) -> &Connected {
        inside!(self, stream => stream.connected())
    }

    /// Splits into halves for two tasks: see [`ReadHalf`].
    pub fn into_split(self) -> (ReadHalf<Self>, WriteHalf<Self>) {
        split(self)
    }
}

impl<IO> From<client::TlsStream<IO>> for TlsStream<IO> {
    fn from(stream: client::TlsStream<IO>) -> Self {
        Self::Client(stream)
    }
}

impl<IO> From<server::TlsStream<IO>> for TlsStream<IO> {
    fn from(stream: server::TlsStream<IO>) -> Self {
        Self::Server(stream)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, out))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncBufRead for TlsStream<IO> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_fill_buf(cx))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        inside!(self.get_mut(), stream => Pin::new(stream).consume(count));
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, data))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, data))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        inside!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}

#[cfg(unix)]
impl<IO: std::os::fd::AsFd> std::os::fd::AsFd for TlsStream<IO> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.get_ref().0.as_fd()
    }
}

#[cfg(unix)]
impl<IO: std::os::fd::AsRawFd> std::os::fd::AsRawFd for TlsStream<IO> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.get_ref().0.as_raw_fd()
    }
}
