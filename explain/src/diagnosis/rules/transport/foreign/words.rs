//! The finding for a known protocol in place of TLS.

use super::{Said, contains, speaks, wants_tls};
use crate::conversation::{Ending, Side};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::protocol::{Protocol, as_record_header, shown};
use crate::diagnosis::rules::{Case, end};

/// The finding: `said` is the first turn in that protocol.
pub(super) fn finding(
    case: &Case<'_>,
    protocol: &Protocol,
    (item, begins): Said<'_>,
    foreign: &[Said<'_>],
) -> Finding {
    let who = end(item.from);
    let cause = cause(protocol, item.from, foreign);
    let peer_uses_tls = uses_tls(case, item.from.other(), foreign);
    let mut finding =
        Finding::failure(cause, Confidence::Observed, summary(protocol, item.from, peer_uses_tls))
            .evidence(format!("{}: the {who} sends {}", item.position, shown(begins)));
    if let Some(words) = as_record_header(begins).filter(|_| peer_uses_tls) {
        finding = finding.evidence(words);
    }
    let port = port(&case.conversation.server).filter(|port| protocol.tls_ports.contains(port));
    if let Some(port) = port.filter(|_| item.from == Side::Client) {
        finding = finding.evidence(format!("port {port} is registered for {} over TLS", protocol.name));
    }
    let demand = foreign.iter().find(|(item, begins)| item.from == Side::Server && wants_tls(begins));
    if let Some((answer, begins)) = demand.filter(|(answer, _)| answer.position != item.position) {
        finding = finding.evidence(format!("{}: the server sends {}", answer.position, shown(begins)));
    }
    if !matches!(case.ending, Ending::Completed | Ending::Unknown) {
        finding = finding.evidence(case.ended());
    }
    if cause == Cause::TransportNotTlsMqtt && item.from == Side::Client {
        finding = finding.side(Party::Client);
    }
    finding.fix = fixes(protocol, item.from);
    finding
}

/// A protocol with a command to start TLS has a cause of its own, unless the server greets with SMTP.
fn cause(protocol: &Protocol, from: Side, foreign: &[Said<'_>]) -> Cause {
    let asks = foreign.iter().any(|(item, begins)| {
        item.from == Side::Server && contains(begins, &["STARTTLS"]) && wants_tls(begins)
    });
    match protocol.cause {
        Cause::TransportNotTlsSmtp if from == Side::Client || asks => Cause::TransportStarttls,
        cause => cause,
    }
}

/// Whether a side shows that it wants TLS: by records, by its words, or as the side that reports.
fn uses_tls(case: &Case<'_>, side: Side, foreign: &[Said<'_>]) -> bool {
    let says =
        |(item, begins): &Said<'_>| item.from == side && (wants_tls(begins) || contains(begins, &["HTTPS"]));
    speaks(case, side) || case.notes().is_some() || foreign.iter().any(says)
}

fn summary(protocol: &Protocol, from: Side, peer_uses_tls: bool) -> String {
    let (who, other) = (end(from), end(from.other()));
    let name = match protocol.cause {
        Cause::TransportNotTlsSsh => protocol.name.to_owned(),
        _ => format!("plain {}", protocol.name),
    };
    if let (Some(command), Side::Server) = (protocol.command, from) {
        return format!(
            "The server speaks {}, which begins in plain text: it expects {command} before TLS, and the \
             client does not send it first.",
            protocol.name
        );
    }
    match peer_uses_tls {
        true => format!("The {who} sends {name}, and the {other} uses TLS."),
        false => format!("The {who} sends {name}: TLS never begins on this connection."),
    }
}

/// What each side can change, that of the side with the plain protocol first.
fn fixes(protocol: &Protocol, from: Side) -> Vec<Fix> {
    let tls_port = protocol.tls_ports.first();
    let mut fixes = Vec::new();
    match (from, protocol.command) {
        (Side::Client, _) => {
            fixes.push(Fix::by(Party::Client, protocol.client));
            fixes.push(Fix::by(Party::Client, "or connect to the server's port without TLS"));
        }
        (Side::Server, Some(command)) => {
            fixes.push(Fix::by(Party::Client, protocol.client));
            if let Some(value) = protocol.starttls {
                fixes.push(Fix::by(
                    Party::Client,
                    format!("test it with handclasp check --starttls {value} HOST:PORT, which sends {command} first"),
                ));
            }
            fixes.push(Fix::by(Party::Server, protocol.server));
        }
        (Side::Server, None) => {
            let port = tls_port.map_or_else(String::new, |port| format!(", by default {port}"));
            fixes.push(Fix::by(Party::Client, format!("connect to the server's TLS port{port}")));
            fixes.push(Fix::by(Party::Server, protocol.server));
        }
    }
    fixes
}

/// The port of an address with a port.
pub(in super::super) fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}
