//! With the feature `tracing`.

use handclasp_codec::{AlertDescription, Printable, ProtocolVersion};
use handclasp_connection::{Connection as Engine, KeyUpdates};
use handclasp_handshake::{Connected, Need};
use handclasp_report::{Blame, Report, Side, Tag};
use tracing::{
    Span, debug,
    field::{DisplayValue, Empty, display},
    info, info_span, span, warn,
};

use crate::{Error, NeedKind, answer::HandshakeState};

/// The span `handshake` of one connection, and what was recorded of it. It lies in every connection, idle ones
/// too, so it is small.
#[derive(Default)]
pub(crate) struct Trace {
    /// Open until the handshake is complete or failed.
    span: Option<Box<Span>>,
    /// Bytes of the report that were looked at.
    seen: u16,
    /// Alerts that were recorded.
    alerts: u16,
    /// KeyUpdate messages that were recorded.
    key_updates: KeyUpdates,
    /// Whether a need waits for the application.
    waits: bool,
}

impl Trace {
    /// Opens the span; `server_name` is the name that a client verifies.
    pub(crate) fn begin(side: Side, server_name: Option<&str>) -> Self {
        let span = info_span!(
            target: "handclasp",
            "handshake",
            side = name(side),
            server_name = Empty,
            version = Empty,
            suite = Empty,
            group = Empty,
            resumed = Empty,
            alpn = Empty,
            outcome = Empty,
            fault = Empty,
            blame = Empty,
        );
        if let Some(name) = server_name {
            span.record("server_name", display(Printable(name)));
        }
        Self { span: (!span.is_disabled()).then(|| Box::new(span)), ..Self::default() }
    }

    /// Without a span.
    pub(crate) fn closed() -> Self {
        Self::default()
    }

    /// Enters the span, so that what a step calls is recorded inside it.
    pub(crate) fn enter(&self) -> Option<span::Entered<'_>> {
        self.span.as_deref().map(Span::enter)
    }

    /// The span, for what is awaited while the connection is borrowed.
    #[cfg(feature = "tokio")]
    pub(crate) fn handle(&self) -> Handle {
        Handle(self.span.as_deref().cloned())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.span.is_some()
    }

    /// Records what a step changed.
    pub(crate) fn step(&mut self, engine: &Engine, state: &HandshakeState) {
        let length = u16::try_from(engine.report().encode().len()).unwrap_or(u16::MAX);
        let updates = engine.key_updates();
        if (length, updates, state.is_waiting) == (self.seen, self.key_updates, self.waits) {
            return self.complete(engine);
        }
        {
            let _inside = self.span.as_deref().map(Span::enter);
            if length != self.seen {
                self.alerts = alerts(engine.report(), self.alerts);
            }
            key_updates(engine.report().own(), self.key_updates, updates);
            if state.is_waiting
                && !self.waits
                && let Some(kind) = engine.need().and_then(|need| kind(&need))
            {
                debug!(target: "handclasp", need = need_name(kind), "late need waits for the application");
            }
        }
        (self.seen, self.key_updates, self.waits) = (length, updates, state.is_waiting);
        self.complete(engine);
    }

    /// Records that the application answered its need.
    pub(crate) fn need_answered(&mut self, kind: NeedKind) {
        self.waits = false;
        let _inside = self.enter();
        debug!(target: "handclasp", need = need_name(kind), "late need answered");
    }

    /// Closes the span of a handshake that is complete.
    fn complete(&mut self, engine: &Engine) {
        let Some(connected) = engine.connected().filter(|_| self.span.is_some()) else { return };
        let Some(span) = self.span.take() else { return };
        record(&span, connected, engine.report().own());
        let _inside = span.enter();
        debug!(target: "handclasp", "handshake complete");
    }

    /// Closes the span of a handshake that failed.
    pub(crate) fn failed(&mut self, error: &Error) {
        let Some(span) = self.span.take() else { return };
        let asked =
            error.report().items().find(|item| item.tag == Tag::ServerName && item.from == Side::Client);
        if let Some(asked) = asked.filter(|_| error.report().own() == Side::Server) {
            span.record("server_name", printable(asked.bytes));
        }
        span.record("outcome", "failed");
        span.record("fault", display(Printable(&error.to_string())));
        span.record("blame", blame(error.blame()));
        let _inside = span.enter();
        warn!(target: "handclasp", "handshake failed");
    }
}

/// The span of a handshake, if it is open.
#[cfg(feature = "tokio")]
pub(crate) struct Handle(Option<Span>);

#[cfg(feature = "tokio")]
impl Handle {
    pub(crate) fn enter(&self) -> Option<span::Entered<'_>> {
        self.0.as_ref().map(Span::enter)
    }
}

/// A handshake that was given up, as by a future that was dropped.
impl Drop for Trace {
    fn drop(&mut self) {
        if let Some(span) = self.span.take() {
            span.record("outcome", "abandoned");
            let _inside = span.enter();
            debug!(target: "handclasp", "handshake abandoned");
        }
    }
}

/// What was negotiated.
fn record(span: &Span, connected: &Connected, own: Side) {
    span.record("version", version(connected));
    span.record("suite", display(connected.suite));
    if let Some(group) = connected.group {
        span.record("group", display(group));
    }
    span.record("resumed", connected.resumed);
    if let Some(alpn) = &connected.alpn {
        span.record("alpn", printable(alpn));
    }
    // A client's is there from the beginning.
    if let Some(name) = connected.server_name.as_ref().filter(|_| own == Side::Server) {
        span.record("server_name", printable(name));
    }
    span.record("outcome", "complete");
}

/// Records the alerts behind the first `seen`; how many there are.
fn alerts(report: &Report, seen: u16) -> u16 {
    let is_alert = |tag| matches!(tag, Tag::AlertSent | Tag::AlertReceived);
    let mut count = 0_u16;
    for item in report.items().filter(|item| is_alert(item.tag)) {
        count = count.saturating_add(1);
        let [alert] = *item.bytes else { continue };
        let (side, alert) = (name(report.own()), display(AlertDescription(alert)));
        match item.tag {
            _ if count <= seen => {}
            Tag::AlertSent => debug!(target: "handclasp", side, %alert, "alert sent"),
            _ => debug!(target: "handclasp", side, %alert, "alert received"),
        }
    }
    count
}

/// Records the KeyUpdate messages since the last step.
fn key_updates(own: Side, before: KeyUpdates, now: KeyUpdates) {
    let side = name(own);
    if now.sent != before.sent {
        debug!(target: "handclasp", side, count = now.sent, "key update sent");
    }
    if now.received != before.received {
        debug!(target: "handclasp", side, count = now.received, "key update received");
    }
}

fn name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

fn blame(blame: Blame) -> &'static str {
    match blame {
        Blame::RefusedByUs => "refused by us",
        Blame::RefusedByPeer => "refused by peer",
        Blame::Ours => "ours",
        // Transport, and what a later version adds.
        _ => "transport",
    }
}

fn version(connected: &Connected) -> &'static str {
    match connected.version {
        ProtocolVersion::TLS_1_2 => "TLS 1.2",
        _ => "TLS 1.3",
    }
}

/// Bytes that a peer may have chosen.
fn printable(bytes: &[u8]) -> DisplayValue<String> {
    display(Printable(&String::from_utf8_lossy(bytes)).to_string())
}

fn kind(need: &Need<'_>) -> Option<NeedKind> {
    match need {
        Need::Credential(_) => Some(NeedKind::Credential),
        Need::Signature { .. } => Some(NeedKind::Signature),
        Need::PeerCertificate { .. } => Some(NeedKind::PeerCertificate),
        Need::Psk { .. } => Some(NeedKind::Psk),
        Need::Resume(_) => Some(NeedKind::Resumption),
        _ => None,
    }
}

fn need_name(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Credential => "credential",
        NeedKind::Signature => "signature",
        NeedKind::PeerCertificate => "peer certificate",
        NeedKind::Psk => "pre-shared key",
        NeedKind::Resumption => "resumption",
    }
}

/// Records that a server or client was replaced.
pub(crate) fn replaced(side: Side) {
    info!(target: "handclasp", side = name(side), "configuration replaced");
}
