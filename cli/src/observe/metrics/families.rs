//! The families of metrics: names, meanings and labels. docs/observe.md and the dashboard have the same names; a test
//! compares them.

use prometheus::Opts;

/// A family of metrics.
#[derive(Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub labels: &'static [&'static str],
}

impl Family {
    pub fn options(self) -> Opts {
        Opts::new(self.name, self.help)
    }
}

macro_rules! families {
    ($($family:ident = $name:literal, [$($label:literal),*], $help:literal;)+) => {
        $(pub const $family: Family = Family { name: $name, help: $help, labels: &[$($label),*] };)+
    };
}

families! {
    CONNECTIONS = "handclasp_connections_total", ["service"], "Connections that were accepted.";
    OPEN = "handclasp_connections_open", ["service"], "Connections that are open.";
    HANDSHAKES = "handclasp_handshakes_total", ["service", "version", "suite", "group", "resumed"],
        "TLS handshakes that were completed.";
    FAILURES = "handclasp_handshake_failures_total", ["service", "cause", "side"],
        "TLS handshakes that failed, by cause and by the side that must act.";
    SECONDS = "handclasp_handshake_duration_seconds", ["service", "outcome"], "Durations of TLS handshakes.";
    REFUSED = "handclasp_refused_total", ["service", "limit"], "Clients that were closed for the sake of a limit.";
    ACCEPT_FAILURES = "handclasp_accept_failures_total", ["service"],
        "Errors of the system when a connection was accepted.";
    TARGET_FAILURES = "handclasp_target_failures_total", ["service"], "Connections whose target was not reached.";
    ENDED = "handclasp_ended_total", ["service", "ending"],
        "Connections that ended after their handshake, by how they ended.";
    BYTES = "handclasp_bytes_total", ["service", "direction"], "Bytes of plaintext that were moved.";
    TICKETS = "handclasp_tickets_total", ["service", "outcome"],
        "Session tickets that were issued, used to resume a session, and refused.";
    RELOADS = "handclasp_reloads_total", ["outcome"], "Reloads of the configuration.";
    STORE = "handclasp_store_up", ["service"], "Whether the store of --store answers; 1 without a store.";
    BUILD = "handclasp_build_info", [], "1, with the version of the program.";
}

/// Seconds of a handshake: from one on the same machine to one that a time limit ends.
pub const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
