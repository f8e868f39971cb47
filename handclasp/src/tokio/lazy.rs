//! A server that is chosen by the ClientHello.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep_until},
};
use handclasp_codec::AlertDescription;
use handclasp_report::{Report, Side};

use super::{
    acceptor::{Accept, TlsAcceptor},
    ending::Ending,
};
use crate::{
    Acceptor, ClientHello, Error, ServerConnection,
    stream::{is_refusal, is_reset},
};

/// Bytes read at once.
const CHUNK: usize = 2048;

/// Reads a client's ClientHello: a future of [`StartHandshake`], which shows it. The server is chosen
/// then.
///
/// ```
/// use handclasp::{
///     Acceptor, AlertDescription, Client, Psk, PskUse, Server, Trust,
///     tokio::{LazyConfigAcceptor, TlsConnector},
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
/// # let [meters, phones] = [Server::new(psk()?), Server::new(psk()?)];
/// # let (near, io) = tokio::io::duplex(4096);
/// # let connector = TlsConnector::from(Client::new(Trust::Psk(psk()?)));
/// # let connecting = tokio::spawn(connector.connect("meters.example", near));
/// let start = LazyConfigAcceptor::new(Acceptor::new(), io).await?;
/// let server = match start.client_hello().server_name() {
///     Some("meters.example") => &meters,
///     Some("phones.example") => &phones,
///     _ => return Ok(start.refuse(AlertDescription::unrecognized_name).await),
/// };
/// let stream = start.into_stream(server).await?;
/// # connecting.await??;
/// # drop(stream);
/// # Ok(())
/// # }
/// ```
#[must_use = "futures do nothing unless they are awaited"]
pub struct LazyConfigAcceptor<IO> {
    acceptor: Acceptor,
    io: Option<IO>,
    /// Ends at the time limit of the acceptor.
    limit: Option<Pin<Box<Sleep>>>,
    /// Bytes that are not a ClientHello, or none in time: the alert is sent.
    failed: Option<(Ending, Error)>,
}

impl<IO> LazyConfigAcceptor<IO> {
    /// Reads a ClientHello from a transport, within the time limit of the acceptor.
    pub fn new(acceptor: Acceptor, io: IO) -> Self {
        Self { acceptor, io: Some(io), limit: None, failed: None }
    }

    /// Takes the transport back, for example after an error. The future must not be polled after that.
    pub fn take_io(&mut self) -> Option<IO> {
        self.io.take()
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> LazyConfigAcceptor<IO> {
    fn poll_hello(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(io) = &mut self.io else { return Poll::Ready(Ok(())) };
        while self.acceptor.client_hello().is_none() {
            if let Some(deadline) = self.acceptor.deadline() {
                let limit = self.limit.get_or_insert_with(|| Box::pin(sleep_until(deadline.into())));
                if limit.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(self.acceptor.time_out()));
                }
            }
            let mut chunk = [0; CHUNK];
            let mut chunk = ReadBuf::new(&mut chunk);
            let taken = match ready!(Pin::new(&mut *io).poll_read(cx, &mut chunk)) {
                Err(error) if !is_reset(&error) => Err(Error::from_io(error, &Report::new(Side::Server))),
                Ok(()) if !chunk.filled().is_empty() => self.acceptor.receive(chunk.filled()),
                Ok(()) | Err(_) => self.acceptor.end_of_input(),
            };
            if let Err(error) = taken {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Future for LazyConfigAcceptor<IO> {
    type Output = io::Result<StartHandshake<IO>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.failed.is_none()
            && let Err(error) = ready!(this.poll_hello(cx))
        {
            this.acceptor.observe_failure(&error);
            this.failed = Some((Ending::new(), error));
        }
        let Some(io) = &mut this.io else { panic!("the ClientHello was read, or the transport taken") };
        if let Some((ending, error)) = &mut this.failed {
            ready!(ending.poll(io, &mut this.acceptor, is_refusal(error), cx));
        }
        match (this.failed.take(), this.io.take()) {
            (None, Some(io)) => {
                let acceptor = this.acceptor.take();
                Poll::Ready(Ok(StartHandshake { acceptor, io }))
            }
            (failed, io) => {
                this.io = io;
                let error = failed.map(|(_, error)| io::Error::from(error));
                Poll::Ready(Err(error.unwrap_or_else(|| io::ErrorKind::NotConnected.into())))
            }
        }
    }
}

/// A client that sent its ClientHello and has no answer yet. Dropping it closes the transport.
pub struct StartHandshake<IO> {
    acceptor: Acceptor,
    io: IO,
}

impl<IO> StartHandshake<IO> {
    /// What the client offers.
    pub fn client_hello(&self) -> &ClientHello {
        // It was read before there is a value of this type.
        self.acceptor.client_hello().expect("the ClientHello is whole")
    }

    /// The transport, for its addresses and options.
    pub fn get_ref(&self) -> &IO {
        &self.io
    }
}

impl<IO: AsyncRead + AsyncWrite + Unpin> StartHandshake<IO> {
    /// Runs the handshake with a [`crate::Server`], or a [`TlsAcceptor`] of one. The server's time limit
    /// counts from the beginning of the [`Acceptor`].
    pub fn into_stream(self, server: impl Into<TlsAcceptor>) -> Accept<IO> {
        self.into_stream_with(server, |_| {})
    }

    /// As [`StartHandshake::into_stream`]; `prepare` is called with the connection before the handshake
    /// goes on.
    pub fn into_stream_with(
        self,
        server: impl Into<TlsAcceptor>,
        prepare: impl FnOnce(&mut ServerConnection),
    ) -> Accept<IO> {
        server.into().accept_hello(self.acceptor, self.io, prepare)
    }

    /// Refuses the client with an alert, and closes the transport.
    pub async fn refuse(mut self, alert: AlertDescription) {
        self.acceptor.refuse(alert);
        let mut ending = Ending::new();
        poll_fn(|cx| ending.poll(&mut self.io, &mut self.acceptor, true, cx)).await;
    }
}

/// Shows whether the ClientHello came.
impl<IO> fmt::Debug for LazyConfigAcceptor<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyConfigAcceptor").field("acceptor", &self.acceptor).finish_non_exhaustive()
    }
}

/// Shows the ClientHello.
impl<IO> fmt::Debug for StartHandshake<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StartHandshake").field("client_hello", &self.client_hello()).finish_non_exhaustive()
    }
}
