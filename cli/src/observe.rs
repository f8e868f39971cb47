//! The log and the metrics of servers and tunnels: what [`handclasp_relay::Observer`] says, as lines and counters.
//!
//! | file | content |
//! |---|---|
//! | `explained` | a failed handshake in one line |
//! | `failures` | which failed handshakes are explained and shown |
//! | `metrics` | counters, and their listener |
//! | `stores` | whether the stores of servers answer |
//! | `tickets` | what a handshake did with session tickets |

mod explained;
mod failures;
mod metrics;
mod service;
mod stores;
mod tickets;

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use handclasp::Error;
use handclasp_relay::{Address, Peer};

use crate::{
    args::{LogForm, Observing},
    exit::Failure,
    log::{self, Event, Level},
};
use explained::Explained;
use failures::{Failures, Kind, Network};
use metrics::{Metrics, Shared};
pub use service::{Detail, ServiceObserver, milliseconds, negotiated};
pub use stores::StoreObserver;

/// The cause and the side of failures that were counted without an explanation.
const NOT_EXPLAINED: &str = "not-explained";

/// What watches the process.
static PROCESS: OnceLock<Observe> = OnceLock::new();

/// The log and the metrics of a process.
struct Observe {
    metrics: Option<Shared>,
    failures: Mutex<Failures>,
}

/// Sets the form of the log and starts the listener of metrics. Called once, before anything is said.
///
/// # Errors
/// The address of --metrics cannot be listened on.
pub fn start(flags: &Observing) -> Result<(), Failure> {
    if flags.log == Some(LogForm::Json) {
        log::in_json();
    }
    let mut observe = Observe::new();
    if let Some(address) = &flags.metrics {
        let metrics = Metrics::new().map_err(|error| Failure::Transport(format!("--metrics: {error}")))?;
        let metrics = Arc::new(metrics);
        metrics::http::start(address, Arc::clone(&metrics))?;
        observe.metrics = Some(metrics);
    }
    let _ = PROCESS.set(observe);
    Ok(())
}

/// Says where a service listens.
pub fn listening(service: &str, address: &Address) {
    Event::new("listening", Level::Info)
        .with("service", service)
        .with("address", address.to_string())
        .tell(Some(format!("{}listening on {address}", prefix(service))));
}

/// Says that a reload took a service away, and how many connections it still has.
pub fn removed(service: &str, address: &Address, connections: usize) {
    let line = format!("{}{address} is closed, {}", prefix(service), count(connections));
    Event::new("removed", Level::Info)
        .with("service", service)
        .with("address", address.to_string())
        .with("connections", connections)
        .tell(Some(line));
}

/// Says that a reload of the configuration is done.
pub fn reloaded() {
    if let Some(metrics) = &process().metrics {
        metrics.reloaded(true);
    }
    Event::new("reloaded", Level::Info).with("outcome", "done").tell(Some("reloaded".to_owned()));
}

/// Says why a reload of the configuration was refused.
pub fn not_reloaded(error: &str) {
    if let Some(metrics) = &process().metrics {
        metrics.reloaded(false);
    }
    let line = format!("not reloaded, the configuration from before stays: {error}");
    Event::new("reloaded", Level::Error).with("outcome", "failed").with("error", error).tell(Some(line));
}

/// Says that a signal ends the process, and how long its connections have.
pub fn draining(connections: usize, limit: Duration) {
    let (counted, seconds) = (count(connections), limit.as_secs());
    Event::new("draining", Level::Info)
        .with("connections", connections)
        .with("limit_s", seconds)
        .tell(Some(format!("ending {counted}: for at most {seconds} s; another signal ends them at once")));
}

/// What stands in front of lines about a service of a file, such as `[serve.web] `.
pub fn prefix(service: &str) -> String {
    if service.contains('.') { format!("[{service}] ") } else { String::new() }
}

/// A number of connections in words.
pub fn count(connections: usize) -> String {
    match connections {
        0 => "without connections".to_owned(),
        1 => "with 1 connection".to_owned(),
        many => format!("with {many} connections"),
    }
}

fn process() -> &'static Observe {
    PROCESS.get_or_init(Observe::new)
}

impl Observe {
    fn new() -> Self {
        Self { metrics: None, failures: Mutex::new(Failures::new(Instant::now())) }
    }

    /// The explanation of a failed handshake, if it is due; and if it is shown, how many failures like it were not since the
    /// last line.
    ///
    /// Explained under the lock: of failures that come at the same time the same ones are shown as of failures that come
    /// one after the other. Others wait for an explanation a few times a second at most ([`failures`]).
    fn explain(&self, service: &str, client: &Peer, error: &Error) -> Option<(Explained, Option<u64>)> {
        let code = error.fault().map_or([0, 0], |fault| fault.code().numbers());
        let mut hasher = DefaultHasher::new();
        service.hash(&mut hasher);
        let kind = Kind { service: hasher.finish(), network: Network::of(client), fault: code };
        self.in_turn(kind, || Explained::of(error))
    }

    fn in_turn(&self, kind: Kind, explain: impl FnOnce() -> Explained) -> Option<(Explained, Option<u64>)> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if !failures.is_due(kind, now) {
            return None;
        }
        let explained = explain();
        let more = failures.shown(kind, explained.number(), now);
        Some((explained, more))
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Cursor, net::SocketAddr, thread};

    use handclasp::{Identity, Server};

    use super::*;

    /// A failure that comes while another one is explained is not shown beside it.
    #[test]
    fn failures_at_the_same_time_make_the_lines_of_failures_in_turn() {
        let server = Server::new(Identity::self_signed(&["localhost"]).expect("an identity"));
        let request = Cursor::new(b"GET / HTTP/1.1\r\n\r\n".to_vec());
        let error = server.accept(request).expect_err("HTTP is refused");
        let client = Peer::from("192.0.2.7:1".parse::<SocketAddr>().expect("an address"));
        let kind = Kind { service: 0, network: Network::of(&client), fault: [1, 0] };
        let explain = || {
            // Others come meanwhile.
            thread::sleep(Duration::from_millis(5));
            Explained::of(&error)
        };
        let observe = Observe::new();
        let shown = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..125 {
                        if let Some((_, Some(more))) = observe.in_turn(kind, explain) {
                            shown.lock().expect("no thread panicked").push(more);
                        }
                    }
                });
            }
        });
        let mut shown = shown.into_inner().expect("no thread panicked");
        shown.sort_unstable();
        assert_eq!(shown, [0, 8, 89, 899]);
    }
}
