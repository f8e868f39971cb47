//! Bytes that are not TLS: the protocols that end up on a TLS port, and the plain ones that a TLS
//! client ends up at. `diagnosis/protocol` recognises them.

mod asked;
mod proxy;
#[cfg(test)]
mod tests;
mod words;

pub(super) use words::port;

use asked::{Asked, request};

use crate::conversation::{Event, EventKind, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::protocol::proxy_header::ProxyHeader;
use crate::diagnosis::protocol::{Protocol, shown};
use crate::diagnosis::rules::{Case, end};

/// Bytes that are not TLS, and their event.
type Said<'a> = (&'a Event, &'a [u8]);

/// What the first bytes that are not TLS are.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    if let Some(finding) = proxy::finding(case) {
        return vec![finding];
    }
    let foreign = said(case);
    // Both sides speak TLS behind the plain lines: STARTTLS was said, and the lines belong there.
    if speaks(case, Side::Client) && speaks(case, Side::Server) {
        return Vec::new();
    }
    // So they do where only one direction was captured.
    if [Side::Client, Side::Server]
        .into_iter()
        .any(|side| speaks(case, side) && unheard(case, &foreign, side.other()))
    {
        return Vec::new();
    }
    if let Some(asked) = Asked::of(case, &foreign) {
        return asked.findings(case, &foreign);
    }
    let known =
        foreign.iter().find_map(|(item, begins)| Some((Protocol::of(begins, item.from)?, *item, *begins)));
    match known {
        Some((protocol, item, _)) if item.from == Side::Server && answers_unknown(case, &foreign) => {
            unknown_request(case, protocol, &foreign)
        }
        Some((protocol, item, begins)) => vec![words::finding(case, protocol, (item, begins), &foreign)],
        None => unknown(case, &foreign),
    }
}

/// Whether a client sends bytes of no known protocol first, and never TLS: what the server then says is its
/// answer to them.
fn answers_unknown(case: &Case<'_>, foreign: &[Said<'_>]) -> bool {
    foreign.first().is_some_and(|(item, _)| item.from == Side::Client) && !speaks(case, Side::Client)
}

/// A server of a known protocol, and a client that speaks neither that nor TLS.
fn unknown_request(case: &Case<'_>, protocol: &Protocol, foreign: &[Said<'_>]) -> Vec<Finding> {
    let summary = format!(
        "The client sends bytes that are neither TLS nor another known protocol, and the server answers with {}.",
        protocol.name
    );
    let finding = Finding::failure(Cause::TransportNotTlsOther, Confidence::Observed, summary);
    let lines = foreign.iter().take(2);
    let lines = lines
        .map(|(item, begins)| format!("{}: the {} sends {}", item.position, end(item.from), shown(begins)));
    vec![lines.fold(finding, Finding::evidence).evidence(case.ended())]
}

/// Whether a side sends TLS.
fn speaks(case: &Case<'_>, side: Side) -> bool {
    case.conversation.events.iter().any(|item| item.from == side && item.kind.is_tls())
}

/// Whether the capture has bytes missing of a side, and not one that it sent.
fn unheard(case: &Case<'_>, foreign: &[Said<'_>], side: Side) -> bool {
    let is_lost = |item: &Event| item.from == side && matches!(item.kind, EventKind::Gap { .. });
    case.conversation.events.iter().any(is_lost)
        && !speaks(case, side)
        && foreign.iter().all(|(item, _)| item.from != side)
}

/// All bytes that are not TLS, turn by turn, without a PROXY header.
fn said<'a>(case: &Case<'a>) -> Vec<Said<'a>> {
    let all = case.conversation.events.iter().filter_map(|item| Some((item, item.kind.not_tls()?)));
    all.filter_map(|(item, begins)| {
        let header = ProxyHeader::of(begins).filter(|_| item.from == Side::Client);
        let rest = begins.get(header.map_or(0, |header| header.length)..).unwrap_or_default();
        (!rest.is_empty()).then_some((item, rest))
    })
    .collect()
}

/// Two sides that speak the same protocol without TLS and are content: neither of them wanted TLS.
pub(super) fn is_plain_talk(case: &Case<'_>) -> bool {
    let foreign = said(case);
    let asks = foreign.iter().any(|(item, begins)| item.from == Side::Client && request(begins).is_some());
    if asks || case.conversation.events.iter().any(|item| item.kind.is_tls()) {
        return false;
    }
    let of = |side| foreign.iter().find(|(item, _)| item.from == side).map(|(_, begins)| *begins);
    let (Some(client), Some(server)) = (of(Side::Client), of(Side::Server)) else { return false };
    let (Some(asks), Some(answers)) =
        (Protocol::of(client, Side::Client), Protocol::of(server, Side::Server))
    else {
        return false;
    };
    let refuses = || foreign.iter().any(|(item, begins)| item.from == Side::Server && wants_tls(begins));
    asks.name == answers.name && !refuses() && !is_refusal(answers, server)
}

/// Whether a server's first answer in its own protocol refuses the client: what it then wants may be TLS.
fn is_refusal(protocol: &Protocol, server: &[u8]) -> bool {
    match protocol.name {
        // A server of TLS that is asked in plain answers 400 before anything else.
        "HTTP" => server.get(8..12).is_some_and(|status| status == b" 400"),
        "MQTT" => !matches!(server, [0x20, _, _, 0, ..]),
        "PostgreSQL" => server.starts_with(b"E"),
        "AMQP" => server.starts_with(b"AMQP"),
        _ => server.starts_with(b"-"),
    }
}

/// Whether a server says in plain that it wants TLS.
fn wants_tls(begins: &[u8]) -> bool {
    let phrases = [
        "MUST ISSUE",
        "530 5.7.0",
        "HTTPS PORT",
        "HTTPS SERVER",
        "TLS REQUIRED",
        "SSL REQUIRED",
        "NO ENCRYPTION",
        "SSL OFF",
        "INSECURE TRANSPORT",
        "SECURE TRANSPORT",
        "CONFIDENTIALITY REQUIRED",
        "TLS SUPPORT IS REQUIRED",
        "TLS CONNECTION REQUIRED",
        "SSL CONNECTION IS REQUIRED",
        "SECURE CONNECTION REQUIRED",
    ];
    contains(begins, &phrases)
}

/// Whether one of these stands in it, in any case.
fn contains(begins: &[u8], parts: &[&str]) -> bool {
    let text = String::from_utf8_lossy(begins).to_uppercase();
    parts.iter().any(|part| text.contains(part))
}

/// No protocol that is known here.
fn unknown(case: &Case<'_>, foreign: &[Said<'_>]) -> Vec<Finding> {
    // A server that reports it has judged what its client sent.
    let judged = |item: &Event| item.from == Side::Server || case.notes().is_some();
    let Some((item, begins)) = foreign.iter().find(|(item, _)| judged(item)) else {
        return Vec::new();
    };
    let summary = match item.from {
        Side::Server => "The server responds with bytes that are not TLS.",
        Side::Client => "The client sends bytes that are neither TLS nor another known protocol.",
    };
    // A side that has sent TLS before, or a capture with gaps, sends damaged records rather than another
    // protocol.
    let first =
        case.conversation.events.iter().find(|other| {
            other.from == item.from && !matches!(other.kind, EventKind::Syn | EventKind::SynAck)
        });
    let begins_so = first.is_some_and(|first| first.kind.not_tls().is_some()) && begins.len() >= 4;
    let (cause, confidence) = match begins_so && !case.conversation.is_partial() {
        true => (Cause::TransportNotTlsOther, Confidence::Inferred),
        false => (Cause::RefusedUnexplained, Confidence::Possible),
    };
    vec![
        Finding::failure(cause, confidence, summary)
            .evidence(format!("{}: the {} sends {}", item.position, end(item.from), shown(begins)))
            .evidence(case.ended())
            .fix("check what listens on that port"),
    ]
}
