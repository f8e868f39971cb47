//! What the server's port says where a ClientHello gets no answer: the protocols that begin in plain on it.

use super::foreign::port;
use crate::conversation::{Ending, EventKind, Side, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::protocol::Protocol;
use crate::diagnosis::rules::Case;

/// A reading of silence, of a close or of a reset: the port belongs to a protocol in which the client speaks
/// first and in plain, and such a server does not understand a ClientHello.
pub(super) fn reading(case: &Case<'_>) -> Option<Finding> {
    let ends_so = matches!(
        case.ending,
        Ending::Silent { expected: Side::Server }
            | Ending::Closed { .. }
            | Ending::Reset { by: Side::Server }
    );
    let said = |kind: &EventKind| kind.is_tls() || kind.not_tls().is_some();
    let first = case.conversation.events.iter().find(|item| said(&item.kind))?;
    let mut others = case.conversation.events.iter().filter(|item| item.from == Side::Server);
    let is_alone = first.kind.message().is_some() && !others.any(|item| said(&item.kind));
    if !ends_so || case.stage != Stage::ClientHello || !is_alone {
        return None;
    }
    let port = port(&case.conversation.server)?;
    let protocol = Protocol::of_plain_port(port)?;
    let cause = protocol.cause;
    let begins = match (protocol.command, cause) {
        (Some(command), Cause::TransportStarttls) => {
            format!("which begins in plain text, TLS after {command}")
        }
        _ => "without TLS".to_owned(),
    };
    let summary = format!(
        "Port {port} is registered for {} {begins}: a server of it ignores a ClientHello, or closes on it.",
        protocol.name
    );
    let mut finding = Finding::failure(cause, Confidence::Possible, summary)
        .evidence(format!("the server's address is {}", case.conversation.server))
        .evidence(case.ended());
    let other = protocol.tls_ports.first().map(|port| format!("connect to the TLS port, by default {port}"));
    let test =
        protocol.starttls.map(|value| format!("test it with handclasp check --starttls {value} HOST:PORT"));
    finding.fix = other.into_iter().chain(test).map(Fix::from).collect();
    if finding.fix.is_empty() {
        finding.fix = vec![protocol.client.into()];
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::rules::test_support::{client_hello, conversation, failures, item};

    fn causes(server: &str) -> Vec<(Cause, Confidence)> {
        let mut conversation = conversation(vec![client_hello(7), item(Side::Server, EventKind::Fin)]);
        conversation.server = server.to_owned();
        let found = failures(&conversation, &crate::input::evidence::Evidence::default());
        found.into_iter().map(|finding| (finding.cause, finding.confidence)).collect()
    }

    #[test]
    fn the_port_of_a_plain_protocol_is_a_possible_reason_after_the_ending() {
        let closed = (Cause::TransportClosedByServer, Confidence::Observed);
        let starttls = (Cause::TransportStarttls, Confidence::Possible);
        assert_eq!(causes("192.0.2.1:5432"), [closed, starttls]);
        assert_eq!(
            causes("[2001:db8::1]:1883"),
            [closed, (Cause::TransportNotTlsMqtt, Confidence::Possible)]
        );
        // Other ports say nothing, and a mail server would have spoken first.
        assert_eq!(causes("192.0.2.1:443"), [closed]);
        assert_eq!(causes("192.0.2.1:25"), [closed]);
    }
}
