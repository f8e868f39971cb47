//! Connections that end right after the handshake, and bytes outside TLS behind it.
//!
//! A client that completes the handshake and leaves without data may have refused something that it checks
//! only then: the name, a pin, the answer to its ALPN. Health checks and `openssl s_client </dev/null` end
//! alike, so that this alone is a remark; a failure needs a reason that the capture shows.

mod plain;
#[cfg(test)]
mod tests;

use std::time::Duration;

use handclasp_codec::{EncryptedExtensions, HandshakeType};

use super::{Case, Side, end};
use crate::conversation::{Aftermath, EventKind};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::Deviation;
use crate::diagnosis::compute::expected;
use crate::diagnosis::finding::{Confidence, Finding};

/// Protocols whose clients refuse a server that selects none: HTTP/2 (RFC 9113 §3.2) as gRPC has it, PostgreSQL
/// without SSLRequest, TDS 8.0, DNS over TLS, ACME (RFC 8737 §3), NTS (RFC 8915 §4).
const INSISTS: &[&str] = &["h2", "grpc-exp", "postgresql", "tds/8.0", "dot", "acme-tls/1", "ntske/1"];

/// A client that refuses something closes at once; one that has nothing to say keeps the connection for a
/// while. The time includes a round trip where the capture was made at the server.
const AT_ONCE: Duration = Duration::from_millis(300);

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    if let Some(finding) = plain::finding(case) {
        return vec![finding];
    }
    let Some(after) = case.conversation.aftermath() else { return Vec::new() };
    let reasons = if after.is_left_unused() { reasons(case, after) } else { Vec::new() };
    match reasons.is_empty() {
        true => remark(case, after).into_iter().collect(),
        false => reasons,
    }
}

/// What the client may have refused after the handshake.
pub(super) fn reasons(case: &Case<'_>, after: Aftermath) -> Vec<Finding> {
    let mut found: Vec<Finding> = without_alpn(case, after).into_iter().collect();
    found.extend(other_name(case, after));
    found
}

/// The client offers application protocols, the server selects none, and the client leaves.
fn without_alpn(case: &Case<'_>, after: Aftermath) -> Option<Finding> {
    let offered = offered(case);
    // A client that also offers HTTP/1.1 goes on without ALPN.
    let insists = |name: &String| INSISTS.contains(&name.as_str());
    if !offered.iter().all(insists) || offered.is_empty() || !is_at_once(after) {
        return None;
    }
    let evidence = selects_none(case)?;
    let list = offered.join(", ");
    let summary = format!(
        "The client offers the application protocol {list}, the server selects none, and the client closes \
         after the handshake without sending data: it probably requires ALPN, as gRPC and direct TLS of \
         PostgreSQL do."
    );
    let fix = format!(
        "enable the protocol where TLS ends, which may be a proxy or load balancer: nginx `http2 on`, HAProxy \
         `alpn {list}` on `bind`, Go `NextProtos`, PostgreSQL 17 or later"
    );
    let finding = Finding::failure(Cause::AlpnNoneInCommon, Confidence::Possible, summary)
        .evidence(evidence)
        .evidence(closing(case, after))
        .fix(fix);
    Some(finding)
}

fn is_at_once(after: Aftermath) -> bool {
    after.after.is_none_or(|time| time < AT_ONCE)
}

/// The names in the client's ALPN.
fn offered(case: &Case<'_>) -> Vec<String> {
    let Some((_, hello)) = case.conversation.answered_client_hello() else { return Vec::new() };
    let Some(list) = hello.extensions.application_layer_protocol_negotiation else { return Vec::new() };
    let names =
        list.protocol_name_list.iter().map(|name| String::from_utf8_lossy(name.0).escape_debug().to_string());
    names.filter(|name| !is_grease(name.as_bytes())).collect()
}

/// Reserved names that say nothing (RFC 8701 §3).
fn is_grease(name: &[u8]) -> bool {
    matches!(name, [first, second] if first == second && first & 0x0f == 0x0a)
}

/// Where the server's answer shows that it selects no protocol.
fn selects_none(case: &Case<'_>) -> Option<String> {
    let conversation = case.conversation;
    let (answer, hello) = conversation.server_hello_at()?;
    if !conversation.is_tls13() {
        let selected = hello.extensions.application_layer_protocol_negotiation.is_some();
        return (!selected).then(|| {
            format!("{}: the ServerHello lacks application_layer_protocol_negotiation", answer.event.position)
        });
    }
    if let Some(found) = conversation.first(Side::Server, HandshakeType::encrypted_extensions) {
        let message: EncryptedExtensions<'_> = found.message.decode()?;
        let selected = message.extensions.application_layer_protocol_negotiation.is_some();
        return (!selected).then(|| {
            let position = found.event.position;
            format!("{position}: EncryptedExtensions lacks application_layer_protocol_negotiation")
        });
    }
    let shortest = offered(case).iter().map(String::len).min()?;
    let lacks = conversation.lacks_room_for_alpn(u16::try_from(shortest).ok()?)?;
    lacks.then(|| {
        "the server's first protected record, EncryptedExtensions, has no room for \
         application_layer_protocol_negotiation"
            .to_owned()
    })
}

/// The server's certificate is for another name, which some clients (curl, Node.js) compare only after the
/// handshake. It is the reason where the client was to speak HTTP or the like, or where the user says what
/// name it expects.
fn other_name(case: &Case<'_>, after: Aftermath) -> Option<Finding> {
    let chain = case.chain(Side::Server)?;
    let wanted = expected(case.conversation, case.evidence)?;
    let cause = chain.deviations.iter().find_map(|deviation| match deviation {
        Deviation::NameMismatch { .. } => Some(Cause::CertNameMismatch),
        Deviation::NoSan { .. } => Some(Cause::CertNoSan),
        _ => None,
    })?;
    if !is_at_once(after) || (!wanted.given && offered(case).is_empty()) {
        return None;
    }
    let summary = format!(
        "The handshake completes, then the client closes without sending data; the server's certificate is \
         not for {}, which some clients (curl, Node.js) check only after the handshake.",
        wanted.name
    );
    let names = chain.leaf().map(|leaf| leaf.names_text()).filter(|names| !names.is_empty());
    let finding = Finding::failure(cause, Confidence::Possible, summary)
        .evidence(match names {
            Some(names) => format!("the certificate is for {names}"),
            None => "the certificate has no subjectAltName".to_owned(),
        })
        .evidence(closing(case, after));
    Some(finding)
}

/// One side closes before any data was sent: worth knowing, not a failure by itself.
fn remark(case: &Case<'_>, after: Aftermath) -> Option<Finding> {
    let summary = match (after.by, after.client_data, after.server_data) {
        (Side::Client, false, None | Some(false)) => {
            "The handshake completes, then the client closes without sending data. Health checks and port probes \
             do that, and so does a client that refuses something only after the handshake."
        }
        (Side::Server, false, None | Some(false)) => {
            "The handshake completes, then the server closes before either side has sent data: it was shut down \
             or limits connections, or it refuses this client."
        }
        (Side::Server, true, Some(false)) => {
            "The handshake completes, then the server closes without answering the client's data."
        }
        (Side::Client | Side::Server, ..) => return None,
    };
    let unread = case.conversation.events.get(after.index);
    let unread = unread.is_some_and(|event| matches!(event.kind, EventKind::Protected(_)));
    let mut finding = Finding::advice(Cause::TransportClosedAfterHandshake, Confidence::Observed, summary)
        .evidence(closing(case, after));
    if unread {
        finding
            .evidence
            .push("the alert is encrypted: a key log (--keys) shows whether it is close_notify".to_owned());
    }
    Some(finding.fix(format!("if this was not meant, read the {}'s log", end(after.by))))
}

/// How one side closes, as a line of evidence.
fn closing(case: &Case<'_>, after: Aftermath) -> String {
    let Some(event) = case.conversation.events.get(after.index) else { return String::new() };
    let how = match &event.kind {
        EventKind::Fin => "closes with FIN",
        EventKind::Reset => "closes with RST",
        EventKind::Alert { .. } => "sends close_notify",
        _ => "sends a protected record as short as an alert, and nothing after it",
    };
    let when =
        after.after.map(|time| format!(", {} ms after the handshake", time.as_millis())).unwrap_or_default();
    format!("{}: the {} {how}{when}", event.position, end(after.by))
}
