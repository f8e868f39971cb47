//! A PROXY header before the ClientHello, for a server that does not expect one.

use handclasp_codec::AlertDescription as Alert;

use super::speaks;
use crate::conversation::{Ending, Event, EventKind, Side, Stage};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::protocol::proxy_header::ProxyHeader;
use crate::diagnosis::rules::Case;

/// Alerts with which a server answers bytes that are not a record.
const NOT_A_RECORD: &[Alert] = &[
    Alert::unexpected_message,
    Alert::decode_error,
    Alert::protocol_version,
    Alert::illegal_parameter,
    Alert::record_overflow,
    Alert::internal_error,
];

/// The finding, where the server does not answer the handshake after the header.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    if let Some(finding) = reported(case) {
        return Some(finding);
    }
    let events = &case.conversation.events;
    let (index, header) = events.iter().enumerate().find_map(|(index, item)| {
        let begins = item.kind.not_tls().filter(|_| item.from == Side::Client)?;
        Some((index, ProxyHeader::of(begins)?))
    })?;
    // A server that answers after the header expects it, or speaks another protocol. HTTP servers take the
    // header for a request and refuse it.
    let answers = events.iter().filter(|item| item.from == Side::Server);
    let answered = answers.clone().any(|item| {
        item.kind.message().is_some() || item.kind.not_tls().is_some_and(|begins| !is_bad_request(begins))
    });
    if answered || case.stage > Stage::ClientHello {
        return None;
    }
    let (confidence, how) = refusal(case, index)?;
    let then = if speaks(case, Side::Client) { "before the ClientHello" } else { "at the start" };
    let reason = match confidence {
        Confidence::Possible => "it may not expect such a header",
        _ => "it does not expect such a header",
    };
    let version = header.version;
    let summary = format!(
        "A load balancer or proxy puts a PROXY header (version {version}) {then}, and {how}: {reason}."
    );
    let position = events.get(index)?.position;
    let evidence = format!("{position}: PROXY header of {} bytes, {}", header.length, header.addresses);
    let mut finding = Finding::failure(Cause::TransportProxyHeader, confidence, summary)
        .evidence(evidence)
        .evidence(case.ended())
        .side(Party::Config);
    finding.fix = vec![Fix::by(Party::Client, SENDER), Fix::by(Party::Server, RECEIVER)];
    Some(finding)
}

/// The finding of a server's report, which keeps the first bytes and no address.
fn reported(case: &Case<'_>) -> Option<Finding> {
    let item = case.notes().and(case.conversation.events.first()).filter(|item| item.from == Side::Client)?;
    let version = ProxyHeader::version_of_reported(item.kind.not_tls()?.try_into().ok()?)?;
    let summary = format!(
        "It is a PROXY header (version {version}) of a load balancer or proxy in front, which this server does not expect."
    );
    Some(
        Finding::failure(Cause::TransportProxyHeader, Confidence::Observed, summary)
            .evidence(case.ended())
            .side(Party::Config),
    )
}

/// Whether a server answers HTTP with a status of 4xx.
fn is_bad_request(begins: &[u8]) -> bool {
    begins.starts_with(b"HTTP/1.") && begins.get(9) == Some(&b'4') || begins.starts_with(b"<html>")
}

const SENDER: &str = "turn the header off in the load balancer: remove send-proxy or send-proxy-v2 (HAProxy), proxy_protocol on \
     (nginx stream), the proxy protocol of the target group or of the service's annotation (AWS, Kubernetes)";
const RECEIVER: &str = "let the server accept it from that address: listen 443 ssl proxy_protocol (nginx), accept-proxy (HAProxy), \
     proxyProtocol.trustedIPs (Traefik), a listener wrapper (Go, Caddy)";

/// How the server refuses the header at `index`, and how sure it is that the header is the reason.
fn refusal(case: &Case<'_>, index: usize) -> Option<(Confidence, &'static str)> {
    let after = || case.conversation.events.iter().skip(index);
    let gone =
        |item: &Event| item.from == Side::Server && matches!(item.kind, EventKind::Fin | EventKind::Reset);
    let hello = after().position(|item| item.from == Side::Client && item.kind.is_tls());
    let left_before_hello = after().position(gone).is_some_and(|left| hello.is_none_or(|hello| left < hello));
    let refuses = |item: &Event| item.from == Side::Server && item.kind.not_tls().is_some_and(is_bad_request);
    Some(match case.ending {
        _ if after().any(refuses) => {
            (Confidence::Observed, "the server takes it for a request and refuses it")
        }
        Ending::Refused { by: Side::Server, alert, .. } if NOT_A_RECORD.contains(&alert) => {
            (Confidence::Inferred, "the server refuses it with an alert")
        }
        _ if left_before_hello => (Confidence::Observed, "the server ends the connection on it"),
        Ending::Closed { by: Side::Server } | Ending::Reset { by: Side::Server } => {
            (Confidence::Inferred, "the server ends the connection without an answer")
        }
        Ending::Silent { expected: Side::Server } | Ending::Closed { by: Side::Client } => {
            (Confidence::Possible, "the server does not answer")
        }
        _ => return None,
    })
}
