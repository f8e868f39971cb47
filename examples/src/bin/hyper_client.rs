//! One request with hyper, over HTTP/2 where the server has it.
//!
//! `cargo run -p handclasp-examples --bin hyper_client HOST:PORT PATH [PIN]`; without a pin the server's
//! certificate is verified by the roots of the operating system.

use std::error::Error;

use handclasp::{Client, Pin, Roots, Trust, tokio::TlsConnector};
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    body::Bytes,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("usage: hyper_client HOST:PORT PATH [PIN]")?;
    let path = arguments.next().unwrap_or_else(|| "/".to_owned());
    let trust = match arguments.next() {
        Some(pin) => Trust::Pins(vec![Pin::parse(&pin)?]),
        None => Trust::WebPki(Roots::system()?),
    };
    let connector = TlsConnector::from(Client::new(trust).alpn(&["h2", "http/1.1"]));

    let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
    let tcp = TcpStream::connect(&address).await?;
    let stream = connector.connect(host, tcp).await?;
    let is_http2 = stream.connected().alpn.as_deref() == Some(b"h2");
    let io = TokioIo::new(stream);

    // A connection of hyper is a task of its own.
    let response = if is_http2 {
        let request = Request::get(format!("https://{address}{path}")).body(Empty::<Bytes>::new())?;
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
        tokio::spawn(connection);
        sender.send_request(request).await?
    } else {
        let request = Request::get(path).header("Host", &address).body(Empty::<Bytes>::new())?;
        let (mut sender, connection) = http1::handshake(io).await?;
        tokio::spawn(connection);
        sender.send_request(request).await?
    };
    eprintln!("{:?} {}", response.version(), response.status());
    let body = response.into_body().collect().await?.to_bytes();
    print!("{}", String::from_utf8_lossy(&body));
    Ok(())
}
