//! A server with axum: a listener that runs the handshakes is all it needs. Handlers know what their client authenticated
//! with. Ctrl-C ends the server when the requests that run are answered.
//!
//! `cargo run -p handclasp-examples --bin axum_server [ADDRESS [CLIENT_PIN…]]`, then connect with `hyper_client` and the
//! address and pin that it prints. With pins, only clients with one of these keys are served.

use std::{error::Error, io, net::SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, Path, connect_info::Connected},
    routing::get,
    serve::{IncomingStream, Listener},
};
use handclasp::{
    Identity, Pin, Server, Trust,
    tokio::{TlsAcceptor, server::TlsStream},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// Handshakes at the same time; further clients wait in the backlog of the socket. `handclasp-relay` has more limits (the
/// example `limits`).
const HANDSHAKES: usize = 1000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let clients = arguments.map(|pin| pin.parse()).collect::<Result<Vec<Pin>, _>>()?;
    let identity = Identity::self_signed(&["localhost"])?;
    let pin = Pin::of_spki(&identity.spki());
    let mut server = Server::new(identity).alpn(&["h2", "http/1.1"]);
    if !clients.is_empty() {
        server = server.require_client(Trust::Pins(clients));
    }
    server.check()?;

    let tcp = TcpListener::bind(address).await?;
    println!("{} {pin}", tcp.local_addr()?);
    // Of a `handclasp::Current` each handshake takes the server of the moment: see the example `reload`.
    let acceptor = TlsAcceptor::from(server);
    let listener = TlsListener { tcp, acceptor, handshakes: JoinSet::new() };
    let app = Router::new().route("/hello/{name}", get(hello)).route("/me", get(me));
    let ended = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    axum::serve(listener, app.into_make_service_with_connect_info::<Client>())
        .with_graceful_shutdown(ended)
        .await?;
    Ok(())
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello {name}\n")
}

async fn me(ConnectInfo(client): ConnectInfo<Client>) -> String {
    format!("you have the {}\n", client.credential.as_deref().unwrap_or("address alone"))
}

/// What a handler knows of its client.
#[derive(Clone)]
struct Client {
    /// A certificate or a pre-shared key, such as `certificate sha256/…` or `psk "device-7"`.
    credential: Option<String>,
}

impl Connected<IncomingStream<'_, TlsListener>> for Client {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let credential = stream.io().get_ref().1.peer_credential();
        Self { credential: credential.map(|credential| credential.to_string()) }
    }
}

/// A listener whose clients are handed over after their handshakes, which run at the same time.
struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    handshakes: JoinSet<io::Result<(TlsStream<TcpStream>, SocketAddr)>>,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                // It retries when the operating system has no more sockets.
                (tcp, peer) = Listener::accept(&mut self.tcp), if self.handshakes.len() < HANDSHAKES => {
                    let accepting = self.acceptor.accept(tcp);
                    self.handshakes.spawn(async move { Ok((accepting.await?, peer)) });
                }
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Ok(accepted)) => return accepted,
                    Ok(Err(error)) => eprintln!("{error}"),
                    Err(panicked) => eprintln!("{panicked}"),
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
