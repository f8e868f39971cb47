//! Clients.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::{
    client::TlsStream,
    handshake::Handshake,
    needs::{AnswerNeeds, Needs},
    typed::TypedStream,
};
use crate::{Client, ClientConnection, Current, PeerName};

/// Connects to servers over async transports. A clone is a pointer to the same [`Client`]. Of a [`Current`] each
/// handshake takes the client of the moment at which it begins.
#[derive(Clone, Debug)]
pub struct TlsConnector {
    client: Current<Client>,
    needs: Needs,
}

impl From<Client> for TlsConnector {
    fn from(client: Client) -> Self {
        Current::new(client).into()
    }
}

impl From<Current<Client>> for TlsConnector {
    fn from(client: Current<Client>) -> Self {
        Self { client, needs: Needs::default() }
    }
}

impl From<&Current<Client>> for TlsConnector {
    fn from(client: &Current<Client>) -> Self {
        client.clone().into()
    }
}

impl From<&Client> for TlsConnector {
    fn from(client: &Client) -> Self {
        client.clone().into()
    }
}

impl From<Arc<Client>> for TlsConnector {
    fn from(client: Arc<Client>) -> Self {
        Arc::unwrap_or_clone(client).into()
    }
}

impl TlsConnector {
    /// Answers the needs of handshakes by an async function: those that [`Client::late_needs`] leaves
    /// to the application.
    #[must_use]
    pub fn with_needs(self, needs: impl AnswerNeeds) -> Self {
        Self { needs: Needs::new(needs), ..self }
    }

    /// The same with full handshakes alone ([`Client::without_resumption`]), for a server that refuses the sessions
    /// that it gave.
    #[must_use]
    pub fn without_resumption(&self) -> Self {
        Self { client: Current::new(self.client().without_resumption()), needs: self.needs.clone() }
    }

    /// The client of handshakes that begin now.
    pub fn client(&self) -> Client {
        self.client.get()
    }

    /// Runs the handshake over a transport. `name` is the DNS name or address that the server's
    /// certificate must be for; `None` where the trust needs no name (pins, pre-shared keys).
    ///
    /// The handshake's time limit ([`Client::deadline`]) begins with this call. The future fails with
    /// an [`io::Error`] that holds a [`crate::Error`]: see [`crate::Error::in_io_error`].
    pub fn connect<'n, IO>(&self, name: impl Into<PeerName<'n>>, io: IO) -> Connect<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.connect_with(name, io, |_| {})
    }

    /// As [`TlsConnector::connect`]; `prepare` is called with the connection before the handshake, for
    /// example to set another deadline.
    pub fn connect_with<'n, IO>(
        &self,
        name: impl Into<PeerName<'n>>,
        io: IO,
        prepare: impl FnOnce(&mut ClientConnection),
    ) -> Connect<IO>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let mut connection = ClientConnection::new(&self.client.get(), name);
        if let Ok(connection) = &mut connection {
            prepare(connection);
        }
        Connect(FallibleConnect(Handshake::new(connection, io, self.needs.clone())))
    }
}

/// The handshake of a client: a future of its stream. Dropping it closes the transport.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct Connect<IO>(FallibleConnect<IO>);

/// As [`Connect`], and gives the transport back with an error.
#[derive(Debug)]
#[must_use = "futures do nothing unless they are awaited"]
pub struct FallibleConnect<IO>(Handshake<ClientConnection, IO>);

impl<IO> Connect<IO> {
    /// A future that gives the transport back with an error.
    pub fn into_fallible(self) -> FallibleConnect<IO> {
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

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for Connect<IO> {
    type Output = io::Result<TlsStream<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|(error, _)| error)
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for FallibleConnect<IO> {
    type Output = Result<TlsStream<IO>, (io::Error, IO)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx).map_ok(TypedStream::new)
    }
}
