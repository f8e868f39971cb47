//! An HTTP/1.1 and HTTP/2 server with hyper.
//!
//! `cargo run -p handclasp-examples --bin hyper_server [ADDRESS]`, then connect with `hyper_client` and
//! the address and pin that it prints.

use std::{convert::Infallible, error::Error};

use handclasp::{Identity, Pin, Server, tokio::TlsAcceptor};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let identity = Identity::self_signed(&["localhost"])?;
    let pin = Pin::of_spki(&identity.spki());
    // ALPN chooses between the versions of HTTP.
    let acceptor = TlsAcceptor::from(Server::new(identity).alpn(&["h2", "http/1.1"]));

    let listener = TcpListener::bind(address).await?;
    println!("{} {pin}", listener.local_addr()?);
    loop {
        let (tcp, peer) = listener.accept().await?;
        // The handshake runs in the task of its client, so that a slow one holds nobody up.
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(&acceptor, tcp).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(acceptor: &TlsAcceptor, tcp: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = acceptor.accept(tcp).await?;
    let server = auto::Builder::new(TokioExecutor::new());
    server.serve_connection(TokioIo::new(stream), service_fn(answer)).await
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let text = format!("hello over {:?} from {}\n", request.version(), request.uri().path());
    Ok(Response::new(text.into()))
}
