//! What is counted, in the text format of Prometheus. Every label has a bounded set of values: names of services out of the
//! configuration, and names out of tables of ours. None comes from a peer.

mod families;
pub mod http;

use std::{sync::Arc, time::Duration};

use handclasp::Connected;
use handclasp_relay::{AbortKind, Ending, LimitKind, Refusal, RelaySide, Transfer};
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};

use super::{stores, tickets::Tickets};
use crate::facts;
use families::{
    ACCEPT_FAILURES, BUCKETS, BUILD, BYTES, CONNECTIONS, ENDED, FAILURES, Family, HANDSHAKES, OPEN, REFUSED,
    RELOADS, SECONDS, STORE, TARGET_FAILURES, TICKETS,
};

/// The counters of a process.
pub struct Metrics {
    registry: Registry,
    connections: IntCounterVec,
    open: IntGaugeVec,
    handshakes: IntCounterVec,
    failures: IntCounterVec,
    seconds: HistogramVec,
    refused: IntCounterVec,
    accept_failures: IntCounterVec,
    target_failures: IntCounterVec,
    ended: IntCounterVec,
    bytes: IntCounterVec,
    tickets: IntCounterVec,
    reloads: IntCounterVec,
    store: IntGaugeVec,
}

impl Metrics {
    /// Counters at zero.
    ///
    /// # Errors
    /// A family that is named twice.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let information = Opts::new(BUILD.name, BUILD.help).const_label("version", env!("CARGO_PKG_VERSION"));
        registered(&registry, IntGauge::with_opts(information)?)?.set(1);
        let seconds = HistogramOpts::from(SECONDS.options()).buckets(BUCKETS.to_vec());
        let counter =
            |family: Family| registered(&registry, IntCounterVec::new(family.options(), family.labels)?);
        Ok(Self {
            connections: counter(CONNECTIONS)?,
            open: registered(&registry, IntGaugeVec::new(OPEN.options(), OPEN.labels)?)?,
            handshakes: counter(HANDSHAKES)?,
            failures: counter(FAILURES)?,
            seconds: registered(&registry, HistogramVec::new(seconds, SECONDS.labels)?)?,
            refused: counter(REFUSED)?,
            accept_failures: counter(ACCEPT_FAILURES)?,
            target_failures: counter(TARGET_FAILURES)?,
            ended: counter(ENDED)?,
            bytes: counter(BYTES)?,
            tickets: counter(TICKETS)?,
            reloads: counter(RELOADS)?,
            store: registered(&registry, IntGaugeVec::new(STORE.options(), STORE.labels)?)?,
            registry,
        })
    }

    /// Begins the series of a service, so that they are there before its first client.
    pub fn begin(&self, service: &str) {
        self.connections.with_label_values(&[service]);
        self.open.with_label_values(&[service]);
        self.accept_failures.with_label_values(&[service]);
        self.target_failures.with_label_values(&[service]);
        self.store_is(service, stores::is_up(service));
        for direction in ["from_client", "from_target"] {
            self.bytes.with_label_values(&[service, direction]);
        }
        for outcome in Tickets::OUTCOMES {
            self.tickets.with_label_values(&[service, outcome]);
        }
        for outcome in ["complete", "failed"] {
            self.seconds.with_label_values(&[service, outcome]);
        }
        for full in
            [LimitKind::Connections, LimitKind::Handshakes, LimitKind::PerAddress, LimitKind::Descriptors]
        {
            self.refused.with_label_values(&[service, limit(full)]);
        }
        for ending in ENDINGS {
            self.ended.with_label_values(&[service, ending]);
        }
        for outcome in ["done", "failed"] {
            self.reloads.with_label_values(&[outcome]);
        }
    }

    pub fn accepted(&self, service: &str) {
        self.connections.with_label_values(&[service]).inc();
        self.open.with_label_values(&[service]).inc();
    }

    pub fn closed(&self, service: &str) {
        self.open.with_label_values(&[service]).dec();
    }

    pub fn handshake_done(&self, service: &str, connected: &Connected, tickets: Tickets, time: Duration) {
        let group = connected.group.map_or_else(|| "none".to_owned(), |group| group.to_string());
        let suite = connected.suite.to_string();
        let resumed = if connected.resumed { "true" } else { "false" };
        let labels = [service, facts::version(connected), &suite, &group, resumed];
        self.handshakes.with_label_values(&labels).inc();
        self.seconds.with_label_values(&[service, "complete"]).observe(time.as_secs_f64());
        for (outcome, count) in tickets.counts() {
            self.tickets.with_label_values(&[service, outcome]).inc_by(count);
        }
    }

    /// `cause` and `side` are names of `handclasp-explain`, or [`super::NOT_EXPLAINED`].
    pub fn handshake_failed(&self, service: &str, cause: &'static str, side: &'static str, time: Duration) {
        self.failures.with_label_values(&[service, cause, side]).inc();
        self.seconds.with_label_values(&[service, "failed"]).observe(time.as_secs_f64());
    }

    pub fn refused(&self, service: &str, refusal: &Refusal) {
        self.refused.with_label_values(&[service, limit_of(refusal)]).inc();
    }

    pub fn proxy_failed(&self, service: &str) {
        self.refused.with_label_values(&[service, PROXY_HEADER]).inc();
    }

    pub fn accept_failed(&self, service: &str) {
        self.accept_failures.with_label_values(&[service]).inc();
    }

    pub fn target_failed(&self, service: &str) {
        self.target_failures.with_label_values(&[service]).inc();
    }

    pub fn ended(&self, service: &str, transfer: &Transfer) {
        self.ended.with_label_values(&[service, ending(&transfer.ending)]).inc();
        self.bytes.with_label_values(&[service, "from_client"]).inc_by(transfer.from_client);
        self.bytes.with_label_values(&[service, "from_target"]).inc_by(transfer.from_target);
    }

    pub fn reloaded(&self, is_done: bool) {
        self.reloads.with_label_values(&[if is_done { "done" } else { "failed" }]).inc();
    }

    pub fn store_is(&self, service: &str, up: bool) {
        self.store.with_label_values(&[service]).set(i64::from(up));
    }

    /// All of it, as text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        // Writing into memory fails for a family without a name only, and there is none.
        let _infallible = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text
    }
}

/// The limit of connections that do not begin with a PROXY header of a proxy that may send it.
const PROXY_HEADER: &str = "proxy_header";

/// The name of the limit for whose sake a client was closed.
pub fn limit_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Displaced { limit: full, .. } => limit(*full),
        Refusal::NotAProxy => PROXY_HEADER,
        // PerAddress, and what a later version adds.
        _ => limit(LimitKind::PerAddress),
    }
}

/// The name of a limit.
fn limit(full: LimitKind) -> &'static str {
    match full {
        LimitKind::Connections => "connections",
        LimitKind::Handshakes => "handshakes",
        LimitKind::PerAddress => "per_address",
        // Descriptors, and what a later version adds.
        _ => "descriptors",
    }
}

const ENDINGS: [&str; 11] = [
    "closed",
    "left",
    "client_truncated",
    "client_reset",
    "client_failed",
    "target_truncated",
    "target_reset",
    "target_failed",
    "no_target",
    "idle",
    "drained",
];

/// How a connection ended, of [`ENDINGS`].
pub fn ending(ending: &Ending) -> &'static str {
    match ending {
        Ending::Closed => "closed",
        Ending::Left => "left",
        Ending::Aborted { by: RelaySide::Client, how, .. } => match how {
            AbortKind::Truncated => "client_truncated",
            AbortKind::Reset => "client_reset",
            _ => "client_failed",
        },
        Ending::Aborted { how, .. } => match how {
            AbortKind::Truncated => "target_truncated",
            AbortKind::Reset => "target_reset",
            _ => "target_failed",
        },
        Ending::NoTarget(_) => "no_target",
        Ending::Idle => "idle",
        // Drained, and what a later version adds.
        _ => "drained",
    }
}

/// A family that is in the registry.
fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    family: C,
) -> Result<C, prometheus::Error> {
    registry.register(Box::new(family.clone()))?;
    Ok(family)
}

/// Shared by the observers and the listener.
pub type Shared = Arc<Metrics>;
