//! A small HTTP client as programs know it from reqwest: redirects, JSON, connections that are kept and shared, HTTP/1.1
//! and 2 by ALPN. hyper-util's client does all but the redirects; it needs a connector.
//!
//! `cargo run -p handclasp-examples --bin http_client [--pin PIN] URL…`; without a pin the roots of the operating system
//! verify servers. JSON is printed indented.
//!
//! reqwest itself takes no connector of another TLS stack: a layer of `ClientBuilder::connector_layer` wraps reqwest's own
//! connector, and its service must return reqwest's `Conn`, which other crates cannot make.

use std::{
    error::Error,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use handclasp::{
    Client as TlsClient, Roots, Trust,
    tokio::{TlsConnector, client::TlsStream},
};
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, StatusCode, Uri, Version,
    body::Bytes,
    header::{CONTENT_TYPE, LOCATION},
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connected, Connection},
    },
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpStream;

/// The most redirects that are followed, as in browsers and reqwest.
const REDIRECTS_MAX: usize = 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let trust = match arguments.first().map(String::as_str) {
        Some("--pin") if arguments.len() > 2 => {
            Trust::Pins(vec![arguments.drain(..2).next_back().unwrap_or_default().parse()?])
        }
        Some(_) => Trust::WebPki(Roots::system()?),
        None => return Err("usage: http_client [--pin PIN] URL…".into()),
    };
    let client = HttpClient::new(TlsClient::new(trust));
    for url in &arguments {
        let response = client.get(url).await?;
        eprintln!("{:?} {} {}", response.version, response.status, response.url);
        match response.is_json {
            true => println!("{:#}", serde_json::from_slice::<serde_json::Value>(&response.body)?),
            false => print!("{}", String::from_utf8_lossy(&response.body)),
        }
    }
    eprintln!("connections: {}", client.connections());
    Ok(())
}

/// The client: cheap to clone, with one pool of connections.
#[derive(Clone)]
struct HttpClient {
    hyper: Client<Connector, Empty<Bytes>>,
    opened: Arc<AtomicUsize>,
}

struct Response {
    url: Uri,
    version: Version,
    status: StatusCode,
    is_json: bool,
    body: Bytes,
}

impl HttpClient {
    fn new(tls: TlsClient) -> Self {
        let opened = Arc::new(AtomicUsize::new(0));
        let tls = TlsConnector::from(tls.alpn(&["h2", "http/1.1"]));
        let connector = Connector { tls, opened: Arc::clone(&opened) };
        Self { hyper: Client::builder(TokioExecutor::new()).build(connector), opened }
    }

    /// Connections opened so far.
    fn connections(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    async fn get(&self, url: &str) -> Result<Response, Box<dyn Error>> {
        let mut url: Uri = url.parse()?;
        for _ in 0..=REDIRECTS_MAX {
            let request = Request::get(&url).header("User-Agent", "handclasp-example").body(Empty::new())?;
            let answer = self.hyper.request(request).await?;
            let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
            if let (true, Some(location)) = (answer.status().is_redirection(), header(LOCATION)) {
                url = redirected(&url, location)?;
                continue;
            }
            let is_json = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
            let (version, status) = (answer.version(), answer.status());
            let body = answer.into_body().collect().await?.to_bytes();
            return Ok(Response { url, version, status, is_json, body });
        }
        Err(format!("more than {REDIRECTS_MAX} redirects, the last one to {url}").into())
    }
}

/// Where a redirect leads: a URL, or a path of the same server. Never from TLS to plaintext.
fn redirected(from: &Uri, location: &str) -> Result<Uri, Box<dyn Error>> {
    let to: Uri = match location.starts_with('/') && !location.starts_with("//") {
        true => {
            let mut parts = from.clone().into_parts();
            parts.path_and_query = Some(location.parse()?);
            Uri::from_parts(parts)?
        }
        false => location.parse()?,
    };
    match to.scheme_str() {
        Some("https") => Ok(to),
        _ => {
            Err(format!("redirect to {location}: expected an https URL or a path that begins with /").into())
        }
    }
}

/// Opens connections for hyper's pool.
#[derive(Clone)]
struct Connector {
    tls: TlsConnector,
    opened: Arc<AtomicUsize>,
}

impl tower::Service<Uri> for Connector {
    type Response = Https;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Https>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let Connector { tls, opened } = self.clone();
        Box::pin(async move {
            let (Some("https"), Some(host)) = (url.scheme_str(), url.host()) else {
                return Err(io::Error::other(format!("{url}: expected https://HOST[:PORT]/…")));
            };
            let host = host.trim_matches(['[', ']']);
            let tcp = TcpStream::connect((host, url.port_u16().unwrap_or(443))).await?;
            tcp.set_nodelay(true)?;
            let stream = tls.connect(host, tcp).await?;
            opened.fetch_add(1, Ordering::Relaxed);
            Ok(Https(TokioIo::new(stream)))
        })
    }
}

/// A connection that says to hyper which version of HTTP was negotiated.
struct Https(TokioIo<TlsStream<TcpStream>>);

impl Connection for Https {
    fn connected(&self) -> Connected {
        match self.0.inner().connected().alpn.as_deref() {
            Some(b"h2") => Connected::new().negotiated_h2(),
            _ => Connected::new(),
        }
    }
}

impl Read for Https {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, into)
    }
}

impl Write for Https {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
