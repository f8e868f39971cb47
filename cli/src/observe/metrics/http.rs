//! The listener of `--metrics`: `/metrics` and `/healthz`, in a thread of its own, so that a scraper takes nothing from
//! clients. At most [`SCRAPERS`] connections, each for one request within [`TIME`].

use std::{convert::Infallible, sync::Arc, thread, time::Duration};

use handclasp_relay::{Address, Listener, Socket};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;

use super::Shared;
use crate::{exit::Failure, log, say::say};

/// Connections at once; one more is closed.
const SCRAPERS: usize = 8;
/// For a request and its answer.
const TIME: Duration = Duration::from_secs(10);
/// Bytes of a request's head at most.
const HEAD: usize = 8 * 1024;
/// Version 0.0.4 of the text format, which every Prometheus reads.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Listens, and answers in a thread of its own until the program ends.
///
/// # Errors
/// The address is in use or not of this machine.
pub fn start(address: &Address, metrics: Shared) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Transport(format!("--metrics {address}: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let listener = runtime.block_on(Listener::bind(address)).map_err(failed)?;
    let bound = listener.address().map_err(failed)?;
    let url = match &bound {
        Address::Unix(_) => format!("{bound}, path /metrics"),
        Address::Tcp { .. } => format!("http://{bound}/metrics"),
        // What a later version adds.
        _ => bound.to_string(),
    };
    log::Event::new("metrics", log::Level::Info)
        .with("address", bound.to_string())
        .tell(Some(format!("metrics at {url}")));
    let serving = thread::Builder::new().name("metrics".to_owned());
    serving.spawn(move || runtime.block_on(serve(listener, metrics))).map_err(failed)?;
    Ok(())
}

async fn serve(mut listener: Listener, metrics: Shared) {
    let places = Arc::new(Semaphore::new(SCRAPERS));
    loop {
        match listener.accept().await {
            Ok(socket) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                let metrics = Arc::clone(&metrics);
                tokio::spawn(async move {
                    let _late = tokio::time::timeout(TIME, answer(socket, metrics)).await;
                    drop(place);
                });
            }
            Err(error) => {
                say(format_args!("warning: metrics: accept: {error}"));
                tokio::time::sleep(listener.pause()).await;
            }
        }
    }
}

async fn answer(socket: Socket, metrics: Shared) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = respond(request.method(), request.uri().path(), &metrics);
        async { Ok::<_, Infallible>(answer) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(TIME).keep_alive(false).max_buf_size(HEAD);
    // A scraper that went or sent something else: the next one is answered.
    let _ = http.serve_connection(TokioIo::new(socket), service).await;
}

fn respond(method: &Method, path: &str, metrics: &Shared) -> Response<Full<Bytes>> {
    let (status, kind, body) = match (method, path) {
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, TEXT, metrics.text()),
        (&Method::GET | &Method::HEAD, "/healthz") => (StatusCode::OK, "text/plain", b"ok\n".to_vec()),
        (&Method::GET | &Method::HEAD, _) => {
            (StatusCode::NOT_FOUND, "text/plain", b"/metrics and /healthz are here\n".to_vec())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", b"GET and HEAD only\n".to_vec()),
    };
    let response = Response::builder().status(status).header(CONTENT_TYPE, kind).header(ALLOW, "GET, HEAD");
    response.body(Full::new(Bytes::from(body))).unwrap_or_default()
}
