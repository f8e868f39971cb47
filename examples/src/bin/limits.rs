//! An HTTP server that stays up, on `handclasp-relay`: limits on connections and handshakes, counters for Prometheus, and on
//! Ctrl-C a drain, in which requests that run are answered.
//!
//! `cargo run -p handclasp-examples --bin limits [ADDRESS]`, then connect with `hyper_client` and the address and pin that it
//! prints: `/metrics` shows the counters, `/slow` takes a second.

use std::{
    convert::Infallible,
    error::Error,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use handclasp::{Connection, Identity, Pin, Server, tokio::server::TlsStream};
use handclasp_relay::{
    AbortKind, AcceptLoop, Application, ClientContext, Drain, Ending, Gate, Limits, Listener, Observer, Peer,
    Refusal, RelaySide, Socket, Termination, Transfer, raise_limit,
};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let identity = Identity::self_signed(&["localhost"])?;
    let pin = Pin::of_spki(&identity.spki());
    let server = Server::new(identity).alpn(&["h2", "http/1.1"]);
    server.check()?;

    // A connection is a descriptor.
    let descriptors = raise_limit().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(1024);
    let connections = descriptors.saturating_sub(64).min(10_000);
    let gate = Gate::new(Limits::new(connections, connections / 4, connections / 8));
    let metrics = Arc::new(Metrics::default());
    let drain = Drain::new();
    let listener = Listener::bind(&address.parse()?).await?;
    println!("{} {pin}", listener.address()?);

    let ending = drain.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            ending.start(Duration::from_secs(30));
        }
    });
    let http = Http { metrics: Arc::clone(&metrics) };
    AcceptLoop::new(listener, gate, metrics, drain).run(Arc::new(Termination::new(server, http))).await;
    Ok(())
}

/// Serves each client whose handshake is complete.
struct Http {
    metrics: Arc<Metrics>,
}

impl Application for Http {
    async fn run(&self, stream: TlsStream<Socket>, context: &ClientContext) -> Transfer {
        let service = service_fn(move |request| answer(Arc::clone(&self.metrics), request));
        let http = auto::Builder::new(TokioExecutor::new());
        let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
        let served = tokio::select! {
            served = serving.as_mut() => Some(served),
            () = context.drain.started() => {
                serving.as_mut().graceful_shutdown();
                context.drain.limit(serving).await
            }
        };
        let ending = match served {
            Some(Ok(())) => Ending::Closed,
            Some(Err(error)) => {
                let error = io::Error::other(error);
                Ending::Aborted { by: RelaySide::Client, how: AbortKind::Failed, error }
            }
            None => Ending::Drained,
        };
        Transfer::new(0, 0, ending)
    }
}

async fn answer(
    metrics: Arc<Metrics>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    count(&metrics.requests);
    let text = match request.uri().path() {
        "/metrics" => metrics.text(),
        "/slow" => {
            tokio::time::sleep(Duration::from_secs(1)).await;
            "done\n".to_owned()
        }
        path => format!("hello {path}\n"),
    };
    Ok(Response::new(text.into()))
}

/// Counters of what the relay observes.
#[derive(Default)]
struct Metrics {
    accepted: AtomicU64,
    closed: AtomicU64,
    complete: AtomicU64,
    failed: AtomicU64,
    refused: AtomicU64,
    requests: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Observer for Metrics {
    fn accepted(&self, _: &Peer) {
        count(&self.accepted);
    }

    fn closed(&self, _: &Peer) {
        count(&self.closed);
    }

    fn handshake_done(&self, _: &Peer, _: &Connection, _: Duration) {
        count(&self.complete);
    }

    fn handshake_failed(&self, client: &Peer, error: &handclasp::Error, _: Duration) {
        count(&self.failed);
        eprintln!("{client}: {error}");
    }

    fn refused(&self, _: &Peer, _: &Refusal) {
        count(&self.refused);
    }
}

impl Metrics {
    fn text(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let open = of(&self.accepted).saturating_sub(of(&self.closed));
        [
            ("connections_total", of(&self.accepted)),
            ("connections_open", open),
            ("handshakes_total", of(&self.complete)),
            ("handshake_failures_total", of(&self.failed)),
            ("refused_total", of(&self.refused)),
            ("requests_total", of(&self.requests)),
        ]
        .map(|(name, value)| format!("{name} {value}\n"))
        .concat()
    }
}
