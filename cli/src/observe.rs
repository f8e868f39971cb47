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
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use handclasp::Error;
use handclasp_relay::{Address, Peer};

use crate::{
    args::{LogForm, Observing},
    exit::Failure,
    log::{self, Event, Level},
    say::Repeated,
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
    refused: Repeated,
    displaced: Repeated,
    accept_failed: Repeated,
    target_failed: Repeated,
    /// Connections that were cut off, under --quiet.
    cut_off: Repeated,
}

/// Sets the form of the log and starts the listener of metrics. Called once, before anything is said.
///
/// # Errors
/// The address of --metrics cannot be listened on.
pub fn start(flags: &Observing) -> Result<(), Failure> {
    if flags.log == LogForm::Json {
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
        .tell(Some(format!("listening on {address}")));
}

/// Counts a reload of the configuration; the log is the caller's.
#[allow(dead_code, reason = "`run` and --store are being built")]
pub fn reloaded(is_done: bool) {
    if let Some(metrics) = &process().metrics {
        metrics.reloaded(is_done);
    }
}

fn process() -> &'static Observe {
    PROCESS.get_or_init(Observe::new)
}

impl Observe {
    fn new() -> Self {
        Self {
            metrics: None,
            failures: Mutex::new(Failures::new(Instant::now())),
            refused: Repeated::default(),
            displaced: Repeated::default(),
            accept_failed: Repeated::default(),
            target_failed: Repeated::default(),
            cut_off: Repeated::default(),
        }
    }

    /// The explanation of a failed handshake, if it is due.
    fn explain(&self, client: &Peer, error: &Error) -> Option<(Explained, Kind)> {
        let code = error.fault().map_or([0, 0], |fault| fault.code().numbers());
        let kind = Kind { network: Network::of(client), fault: code };
        let is_due = self.failures().is_due(kind, Instant::now());
        // Not under the lock.
        is_due.then(|| (Explained::of(error), kind))
    }

    /// The explanation, if it is shown, and how many failures like it were not since the last line.
    fn shown(&self, (explained, kind): (Explained, Kind)) -> Option<(Explained, u64)> {
        let more = self.failures().shown(kind, explained.number(), Instant::now())?;
        Some((explained, more))
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
