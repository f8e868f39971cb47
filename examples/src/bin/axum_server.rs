//! A server with axum: a listener that runs the handshakes is all it needs.
//!
//! `cargo run -p handclasp-examples --bin axum_server [ADDRESS]`, then connect with `hyper_client` and the
//! address and pin that it prints.

use std::{error::Error, io, net::SocketAddr};

use axum::{Router, extract::Path, routing::get, serve::Listener};
use handclasp::{
    Identity, Pin, Server,
    tokio::{TlsAcceptor, server::TlsStream},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let identity = Identity::self_signed(&["localhost"])?;
    let pin = Pin::of_spki(&identity.spki());
    let acceptor = TlsAcceptor::from(Server::new(identity).alpn(&["h2", "http/1.1"]));

    let tcp = TcpListener::bind(address).await?;
    println!("{} {pin}", tcp.local_addr()?);
    let app = Router::new().route("/hello/{name}", get(hello));
    axum::serve(TlsListener { tcp, acceptor, handshakes: JoinSet::new() }, app).await?;
    Ok(())
}

async fn hello(Path(name): Path<String>) -> String {
    format!("hello {name}\n")
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
                (tcp, peer) = Listener::accept(&mut self.tcp) => {
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
