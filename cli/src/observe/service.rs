//! The observer of one service.

use std::{io, time::Duration};

use handclasp::{Connected, Connection, Error, Pin};
use handclasp_relay::{AbortKind, Address, Ending, Observer, Peer, Refusal, RelaySide, Transfer};

use super::{NOT_EXPLAINED, metrics, prefix, process, tickets::Tickets};
use crate::{
    facts,
    log::{Event, Level},
    say::{Repeated, say},
};

/// What lines for people have beside failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Failures alone (--quiet).
    Failures,
    /// Each connection too.
    Connections,
}

/// Observes one server or tunnel.
pub struct ServiceObserver {
    /// Its name in a configuration of several: a label of metrics, and of lines in JSON.
    service: String,
    /// In front of lines for people where a file has several: `[serve.web] `.
    prefix: String,
    /// What was done where a handshake is complete: "accepted" or "connected".
    done: &'static str,
    /// The flag that names the target.
    flag: &'static str,
    detail: Detail,
    /// Whether each client gets a reply and its end.
    replies: bool,
    repeated: RepeatedEvents,
}

/// Events of this service that strangers can cause at will.
#[derive(Default)]
struct RepeatedEvents {
    refused: Repeated,
    displaced: Repeated,
    accept_failed: Repeated,
    target_failed: Repeated,
    /// Connections that were cut off, under --quiet.
    cut_off: Repeated,
}

impl ServiceObserver {
    /// A server: its handshakes are with clients.
    pub fn server(service: &str, detail: Detail) -> Self {
        Self::new(service, "accepted", " (--forward)", detail)
    }

    /// A tunnel: its handshakes are with the target.
    pub fn tunnel(service: &str, detail: Detail) -> Self {
        Self::new(service, "connected", "", detail)
    }

    /// A server that sends each client a reply and its end: a client that then leaves misses nothing.
    #[must_use]
    pub fn with_replies(mut self) -> Self {
        self.replies = true;
        self
    }

    fn new(service: &str, done: &'static str, flag: &'static str, detail: Detail) -> Self {
        if let Some(metrics) = &process().metrics {
            metrics.begin(service);
        }
        Self {
            service: service.to_owned(),
            prefix: prefix(service),
            done,
            flag,
            detail,
            replies: false,
            repeated: RepeatedEvents::default(),
        }
    }

    fn event(&self, name: &'static str, level: Level, client: &Peer) -> Event {
        Event::new(name, level).with("service", self.service.as_str()).with("peer", client.to_string())
    }

    /// A line with the table that it is about.
    fn named(&self, line: String) -> String {
        format!("{}{line}", self.prefix)
    }

    /// Says that a client misses nothing though it sent no close_notify.
    pub fn left(&self, client: &Peer) {
        if let Some(line) = self.left_line(client) {
            say(line);
        }
    }

    fn left_line(&self, client: &Peer) -> Option<String> {
        let line = || {
            format!(
                "{}{client} disconnected without close_notify after the whole reply was sent",
                self.prefix
            )
        };
        self.line(line).filter(|_| self.replies)
    }

    /// A line that --quiet leaves out.
    fn line(&self, line: impl FnOnce() -> String) -> Option<String> {
        (self.detail == Detail::Connections).then(line)
    }
}

impl Observer for ServiceObserver {
    fn accepted(&self, _: &Peer) {
        if let Some(metrics) = &process().metrics {
            metrics.accepted(&self.service);
        }
    }

    fn handshake_done(&self, client: &Peer, connection: &Connection, time: Duration) {
        let Some(connected) = connection.connected() else { return };
        if let Some(metrics) = &process().metrics {
            metrics.handshake_done(&self.service, connected, Tickets::of(connection), time);
        }
        let certificate = connection.peer_certificate().map(|certificate| certificate.to_string());
        let event = self.event("handshake_done", Level::Info, client);
        let event = negotiated(event, connected).with_some("certificate", certificate.as_deref());
        let line = self.line(|| {
            let mut line =
                format!("{}{client} {}: {}", self.prefix, self.done, facts::agreed(connected, Some(time)));
            if let Some(certificate) = certificate {
                line += &format!("\n{}{client} has the certificate: {certificate}", self.prefix);
            }
            line
        });
        event.with("duration_ms", milliseconds(time)).tell(line);
    }

    fn handshake_failed(&self, client: &Peer, error: &Error, time: Duration) {
        let process = process();
        let explanation = process.explain(&self.service, client, error);
        if let Some(metrics) = &process.metrics {
            let (cause, side) = match &explanation {
                Some((explained, _)) => (explained.id(), explained.side.id()),
                None => (NOT_EXPLAINED, NOT_EXPLAINED),
            };
            metrics.handshake_failed(&self.service, cause, side, time);
        }
        if let Some((explained, Some(more))) = explanation {
            let event = self.event("handshake_failed", Level::Warning, client);
            explained
                .fields(event, error)
                .with("duration_ms", milliseconds(time))
                .with("more", more)
                .tell(Some(self.named(explained.counted_line(client, more))));
        }
    }

    fn refused(&self, client: &Peer, refusal: &Refusal) {
        let process = process();
        if let Some(metrics) = &process.metrics {
            metrics.refused(&self.service, refusal);
        }
        let limit = metrics::limit_of(refusal);
        let (repeated, line) = match refusal {
            Refusal::Displaced { age, .. } => (
                &self.repeated.displaced,
                format!(
                    "{client} closed: its handshake, unfinished for {:.1} s, was dropped in favour of another client ({})",
                    age.as_secs_f64(),
                    flag(limit)
                ),
            ),
            Refusal::PerAddress { limit: most } => (
                &self.repeated.refused,
                format!("{client} closed: its address has {most} connections (--max-per-address)"),
            ),
            Refusal::NotAProxy => (
                &self.repeated.refused,
                format!(
                    "{client} closed: --proxy-protocol-in does not list it; clients need a port without that flag"
                ),
            ),
            _ => (&self.repeated.refused, format!("{client} closed: {}", flag(limit))),
        };
        repeated.event(self.named(line), |more| {
            self.event("refused", Level::Warning, client).with("limit", limit).with("more", more)
        });
    }

    fn proxy_failed(&self, proxy: &Peer, error: &io::Error) {
        let process = process();
        if let Some(metrics) = &process.metrics {
            metrics.proxy_failed(&self.service);
        }
        let line = format!("{proxy} closed: {error} (--proxy-protocol-in)");
        self.repeated.refused.event(self.named(line), |more| {
            self.event("proxy_failed", Level::Warning, proxy)
                .with("error", error.to_string())
                .with("more", more)
        });
    }

    fn target_failed(&self, client: &Peer, target: &Address, error: &io::Error) {
        let process = process();
        if let Some(metrics) = &process.metrics {
            metrics.target_failed(&self.service);
        }
        let line = format!(
            "{client} closed: cannot connect to {target}{}: {error}; the client sees a reset",
            self.flag
        );
        self.repeated.target_failed.event(self.named(line), |more| {
            self.event("target_failed", Level::Error, client)
                .with("target", target.to_string())
                .with("error", error.to_string())
                .with("more", more)
        });
    }

    fn ended(&self, client: &Peer, transfer: &Transfer) {
        let process = process();
        if let Some(metrics) = &process.metrics {
            metrics.ended(&self.service, transfer);
        }
        let name = metrics::ending(&transfer.ending);
        let level = match transfer.ending {
            Ending::Aborted { .. } | Ending::NoTarget(_) => Level::Warning,
            _ => Level::Info,
        };
        let event = self
            .event("ended", level, client)
            .with("ending", name)
            .with("bytes_from_client", transfer.from_client)
            .with("bytes_from_target", transfer.from_target);
        match &transfer.ending {
            Ending::Aborted { error, .. } => match Error::in_io_error(error) {
                Some(error) => match process.explain(&self.service, client, error) {
                    Some((explained, Some(more))) => explained
                        .fields(event, error)
                        .with("more", more)
                        .tell(Some(self.named(explained.counted_line(client, more)))),
                    _ => event.tell(None),
                },
                None => {
                    let line = self.named(format!("{client}: {}{}", transfer.ending, seen(&transfer.ending)));
                    // A stranger can cut off any number of connections, which have no other line under --quiet.
                    event.tell(match self.detail {
                        Detail::Connections => Some(line),
                        Detail::Failures => self.repeated.cut_off.line(line),
                    });
                }
            },
            Ending::Left => event.tell(self.left_line(client)),
            Ending::Idle => event.tell(self.line(|| {
                self.named(format!("{client} closed: no data for as long as --idle-timeout permits"))
            })),
            // `target_failed` has said it.
            _ => event.tell(None),
        }
    }

    fn closed(&self, _: &Peer) {
        if let Some(metrics) = &process().metrics {
            metrics.closed(&self.service);
        }
    }

    fn accept_failed(&self, error: &io::Error) {
        let process = process();
        if let Some(metrics) = &process.metrics {
            metrics.accept_failed(&self.service);
        }
        let line = format!("handclasp: {}accept: {error}; retrying", self.prefix);
        self.repeated.accept_failed.event(line, |more| {
            Event::new("accept_failed", Level::Error)
                .with("service", self.service.as_str())
                .with("error", error.to_string())
                .with("more", more)
        });
    }
}

/// What was negotiated. Text of a peer is printable.
pub fn negotiated(event: Event, connected: &Connected) -> Event {
    let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| facts::printable(bytes));
    event
        .with("version", facts::version(connected))
        .with("suite", connected.suite.to_string())
        .with_some("group", connected.group.map(|group| group.to_string()))
        .with("resumed", connected.resumed)
        .with_some("alpn", text(&connected.alpn))
        .with_some("server_name", text(&connected.server_name))
        .with_some("psk_identity", text(&connected.psk_identity))
        .with_some("peer_key", connected.peer.as_ref().map(|peer| Pin(peer.pin).to_string()))
}

/// What the client sees of a service that went.
fn seen(ending: &Ending) -> &'static str {
    match ending {
        Ending::Aborted { by: RelaySide::Target, how: AbortKind::Reset, .. } => {
            ", and the client sees a reset"
        }
        _ => "",
    }
}

/// The flag that sets a limit.
fn flag(limit: &str) -> &'static str {
    match limit {
        "connections" => "--max-connections",
        "handshakes" => "--max-handshakes",
        "per_address" => "--max-per-address",
        _ => "no file descriptor",
    }
}

pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
