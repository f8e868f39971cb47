//! Servers.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::{
    handshake::Handshake,
    needs::{AnswerNeeds, Needs},
    server::TlsStream,
    typed::TypedStream,
};
use crate::{Acceptor, Current, Error, Server, ServerConnection};

/// Accepts clients over async transports. A clone is a pointer to the same [`Server`].
///
/// Of a [`Current`] each handshake takes the server of the moment at which it begins:
///
/// ```
/// use handclasp::{Current, Identity, Server, tokio::TlsAcceptor};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let [first, renewed] = [Identity::self_signed(&["a.test"])?, Identity::self_signed(&["a.test"])?];
/// let current = Current::new(Server::new(first));
/// let acceptor = TlsAcceptor::from(&current);
/// current.replace(Server::new(renewed))?; // `acceptor` has it
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    server: Current<Server>,
    needs: Needs,
}

impl From<Server> for TlsAcceptor {
    fn from(server: Server) -> Self {
        Current::new(server).into()
    }
}

impl From<Current<Server>> for TlsAcceptor {
    fn from(server: Current<Server>) -> Self {
        Self { server, needs: Needs::default() }
    }
}

impl From<&Current<Server>> for TlsAcceptor {
    fn from(server: &Current<Server>) -> Self {
        server.clone().into()
    }
}

impl From<&Server> for TlsAcceptor {
    fn from(server: &Server) -> Self {
        server.clone().into()
    }
}

impl From<Arc<Server>> for TlsAcceptor {
    fn from(server: Arc<Server>) -> Self {
        Arc::unwrap_or_clone(server).into()
    }
}

impl From<&TlsAcceptor> for TlsAcceptor {
    fn from(acceptor: &TlsAcceptor) -> Self {
        acceptor.clone()
    }
}

impl TlsAcceptor {
    /// Answers the needs of handshakes by an async function: those that [`Server::late_needs`] leaves
    /// to the application.
    #[must_use]
    pub fn with_needs(self, needs: impl AnswerNeeds) -> Self {
        Self { needs: Needs::new(needs), ..self }
    }

    /// The server of handshakes that begin now.
    pub fn server(&self) -> Server {
        self.server.get()
    }

    /// Runs the handshake over a transport that a client opened.
    ///
    /// The handshake's time limit ([`Server::deadline`]) begins with this call. The future fails with
    /// an [`io::Error`] that holds an [`Error`]: see [`Error::in_io_error`].
    pub fn accept<IO>(&self, io: IO) -> Accept<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.accept_with(io, |_| {})
    }

    /// As [`TlsAcceptor::accept`]; `prepare` is called with the connection before the handshake, for
    /// example to set another deadline.
    pub fn accept_with<IO>(&self, io: IO, prepare: impl FnOnce(&mut ServerConnection)) -> Accept<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.start(ServerConnection::new(&self.server.get()), io, prepare)
    }

    /// Goes on with a client whose ClientHello was read.
    pub(super) fn accept_hello<IO>(
        &self,
        hello: Acceptor,
        io: IO,
        prepare: impl FnOnce(&mut ServerConnection),
    ) -> Accept<IO> {
        self.start(hello.accept(&self.server.get()), io, prepare)
    }

    fn start<IO>(
        &self,
        mut connection: Result<ServerConnection, Error>,
        io: IO,
        prepare: impl FnOnce(&mut ServerConnection),
    ) -> Accept<IO> {
        if let Ok(connection) = &mut connection {
            prepare(connection);
        }
        Accept(FallibleAccept(Handshake::new(connection, io, self.needs.clone())))
    }
}

/// The handshake of a server: a future of its stream. Dropping it closes the transport.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Accept<IO>(FallibleAccept<IO>);

/// As [`Accept`], and gives the transport back with an error.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct FallibleAccept<IO>(Handshake<ServerConnection, IO>);

impl<IO> Accept<IO> {
    /// A future that gives the transport back with an error.
    pub fn into_fallible(self) -> FallibleAccept<IO> {
        self.0
    }

    /// The transport; `None` after the handshake.
    pub fn get_ref(&self) -> Option<&IO> {
        self.0.0.get_ref()
    }

    /// The transport; `None` after the handshake.
    pub fn get_mut(&mut self) -> Option<&mut IO> {
        self.0.0.get_mut()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Accept<IO> {
    type Output = io::Result<TlsStream<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|(error, _)| error)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for FallibleAccept<IO> {
    type Output = Result<TlsStream<IO>, (io::Error, IO)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx).map_ok(TypedStream::new)
    }
}
