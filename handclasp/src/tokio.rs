//! TLS streams for tokio (feature `tokio`), shaped as those of tokio-rustls.
//!
//! [`TlsConnector`] and [`TlsAcceptor`] run handshakes over any transport that is `AsyncRead +
//! AsyncWrite + Unpin`, and return streams that are the same:
//!
//! ```
//! use handclasp::{
//!     Client, Identity, Pin, Server, Trust,
//!     tokio::{TlsAcceptor, TlsConnector},
//! };
//! use tokio::{
//!     io::{AsyncReadExt, AsyncWriteExt},
//!     net::{TcpListener, TcpStream},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let identity = Identity::self_signed(&["device.test"])?;
//! let client = Client::new(Trust::Pins(vec![Pin::of_spki(&identity.spki())]));
//! let acceptor = TlsAcceptor::from(Server::new(identity));
//! let connector = TlsConnector::from(client);
//!
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let address = listener.local_addr()?;
//! let serving = tokio::spawn(async move {
//!     let (tcp, _) = listener.accept().await?;
//!     let mut stream = acceptor.accept(tcp).await?;
//!     stream.write_all(b"hello").await?;
//!     stream.shutdown().await
//! });
//!
//! let tcp = TcpStream::connect(address).await?;
//! let mut stream = connector.connect("device.test", tcp).await?;
//! let mut text = String::new();
//! stream.read_to_string(&mut text).await?;
//! assert_eq!(text, "hello");
//! # serving.await??;
//! # Ok(())
//! # }
//! ```
//!
//! # Reading and writing
//! - **Cancellation.** Nothing is kept in a future. A read or write that is dropped, for example by
//!   `select!`, loses no byte; a handshake that is dropped closes its transport.
//! - **Writing** encrypts up to the space of the connection's queue (128 KiB) and sends at once what the
//!   transport takes. While the transport takes nothing, writing waits. What was taken is sent by
//!   `flush`, and by every later read and write. `write_vectored` fills records with the bytes of
//!   several slices.
//! - **The end.** `shutdown` sends close_notify and ends the sending direction of the transport; reading
//!   may go on. Reading ends with `Ok(0)` behind the close_notify of the peer. A transport that ends
//!   without one is an error of the kind `UnexpectedEof`.
//! - **Errors** of the handshake and the protocol are a [`crate::Error`] inside the [`std::io::Error`], with the
//!   report that explains them: [`crate::Error::in_io_error`] finds it, [`crate::Error::in_chain`] in errors of hyper or
//!   tonic. Where this side refuses what the
//!   peer sent, the alert is sent before the error is returned: within one second, and for half a second
//!   more the input of the peer is read, so that a reset does not overtake the alert.
//! - **Time.** The deadline of [`Client`](crate::Client::deadline) and [`Server`](crate::Server::deadline)
//!   holds for the handshake. The runtime needs its timer
//!   (`enable_all`, as `#[tokio::main]` has it).
//! - **Two tasks.** [`ReadHalf`] and [`WriteHalf`], and equally `tokio::io::split`: each task is woken for
//!   its direction.
//!
//! # From tokio-rustls
//! | tokio-rustls | here |
//! |---|---|
//! | `TlsConnector::from(Arc<ClientConfig>)` | `TlsConnector::from(Client)`, or of an `Arc<Client>` |
//! | `TlsAcceptor::from(Arc<ServerConfig>)` | `TlsAcceptor::from(Server)`, or of an `Arc<Server>` |
//! | `connector.connect(server_name, io).await?` | the same |
//! | `acceptor.accept(io).await?` | the same |
//! | `client::TlsStream`, `server::TlsStream`, `TlsStream` | the same |
//! | `stream.get_ref().1.alpn_protocol()` | `stream.connected().alpn` |
//! | `stream.get_ref().1.peer_certificates()` | the same, with [`Client::keep_peer_certificates`](crate::Client::keep_peer_certificates) |
//! | `LazyConfigAcceptor::new(Acceptor::default(), io)` | the same |
//! | `start.into_stream(Arc<ServerConfig>)` | `start.into_stream(&server)` |
//! | `ArcSwap<ServerConfig>` around it, for reloads | `TlsAcceptor::from(&current)` of a [`Current`](crate::Current) |
//!
//! Not here: early data, which handclasp does not send.

mod acceptor;
mod channel;
mod connector;
mod ending;
mod handshake;
mod last_word;
mod lazy;
mod needs;
mod split;
mod stream;
mod typed;
mod wakers;

pub use acceptor::{Accept, FallibleAccept, TlsAcceptor};
pub use connector::{Connect, FallibleConnect, TlsConnector};
pub use lazy::{LazyConfigAcceptor, StartHandshake};
pub use needs::AnswerNeeds;
pub use split::{ReadHalf, ReuniteError, WriteHalf};
pub use stream::TlsStream;
pub use typed::TypedStream;

/// Streams of clients.
pub mod client {
    /// A client's stream.
    pub type TlsStream<IO> = super::TypedStream<crate::ClientConnection, IO>;
}

/// Streams of servers.
pub mod server {
    /// A server's stream.
    pub type TlsStream<IO> = super::TypedStream<crate::ServerConnection, IO>;
}
