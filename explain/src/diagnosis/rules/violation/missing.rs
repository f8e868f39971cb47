//! A message that the suite needs and that is not there: left out by the server, or lost on the
//! way, which the receiving end's capture cannot tell apart (RFC 5246 §7.3, RFC 8446 §4.4).

mod closing;

use handclasp_codec::{HandshakeType, KeyExchangeAlgorithm, ServerHello};

use super::BETWEEN;
use crate::conversation::EventKind;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::{Case, Side, end};

/// The missing message, in both directions.
pub(super) fn finding(case: &Case<'_>) -> Vec<Finding> {
    let Some((_, hello)) = case.conversation.server_hello_at() else { return Vec::new() };
    if case.conversation.is_partial() {
        return Vec::new();
    }
    let missing = match case.conversation.is_tls13() {
        true => missing13(case, &hello),
        false => missing12(case, &hello).or_else(|| closing::missing(case, &hello)),
    };
    let Some(Missing { what, from, shown_by }) = missing else { return Vec::new() };
    let evidence = format!("{shown_by}, without {what} before it");
    let summary = format!("The {}'s flight lacks {what}, which the cipher suite requires.", end(from));
    let lost =
        format!("{what} is missing from the {}'s flight: it may have been lost in transit.", end(from));
    let side = if from == Side::Server { Party::Server } else { Party::Client };
    let left_out =
        Finding::failure(Cause::PeerProtocolViolationMissingMessage, Confidence::Inferred, summary)
            .side(side)
            .evidence(evidence.clone());
    let dropped = Finding::failure(Cause::TamperDroppedMessage, Confidence::Inferred, lost)
        .evidence(evidence)
        .side(BETWEEN);
    // The sender's own Finished covers what it sent: what was captured, or more than that.
    let finished = match from {
        Side::Server => case.conversation.decryption.server_finished,
        Side::Client => case.conversation.decryption.client_finished,
    };
    match finished {
        Some(true) => {
            let covered = format!("the {}'s Finished covers exactly the captured messages", end(from));
            vec![Finding { confidence: Confidence::Proved, ..left_out }.evidence(covered)]
        }
        Some(false) => {
            let covered = format!("the {}'s Finished covers other messages than those captured", end(from));
            vec![dropped.evidence(covered), Finding { confidence: Confidence::Possible, ..left_out }]
        }
        None => vec![left_out, dropped],
    }
}

/// A message that is missing.
struct Missing {
    /// What it is, in words.
    what: String,
    /// Who should have sent it.
    from: Side,
    /// What shows that it is missing, with its place.
    shown_by: String,
}

impl Missing {
    fn of_server(case: &Case<'_>, missing: HandshakeType, behind: HandshakeType) -> Self {
        let position = case.at(Side::Server, behind);
        Self {
            what: missing.to_string(),
            from: Side::Server,
            shown_by: format!("{position}: {behind} is sent"),
        }
    }
}

/// The message that is missing in a flight of TLS 1.2, and the one that shows it.
fn missing12(case: &Case<'_>, hello: &ServerHello<'_>) -> Option<Missing> {
    let has = |msg_type| case.conversation.first(Side::Server, msg_type).is_some();
    let exchange = hello.cipher_suite.key_exchange_algorithm()?;
    let (certificate, key_exchange) = match exchange {
        KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::Dhe => (true, true),
        KeyExchangeAlgorithm::Rsa
        | KeyExchangeAlgorithm::Dh
        | KeyExchangeAlgorithm::Ecdh
        | KeyExchangeAlgorithm::RsaPsk => (true, false),
        KeyExchangeAlgorithm::DhAnon
        | KeyExchangeAlgorithm::EcdhAnon
        | KeyExchangeAlgorithm::DhePsk
        | KeyExchangeAlgorithm::EcdhePsk => (false, true),
        KeyExchangeAlgorithm::Psk => (false, false),
    };
    let flight = [
        (HandshakeType::certificate, certificate),
        (HandshakeType::server_key_exchange, key_exchange),
        (HandshakeType::server_hello_done, true),
    ];
    // Only what stands behind a message that came shows that one is missing.
    let came = |msg_type| has(msg_type).then_some(msg_type);
    let last = came(HandshakeType::server_hello_done)
        .or_else(|| came(HandshakeType::certificate_request))
        .or_else(|| came(HandshakeType::server_key_exchange))?;
    let position = |msg_type| flight.iter().position(|(listed, _)| *listed == msg_type);
    let end = position(last).unwrap_or(2);
    let missing = flight.iter().take(end).find(|(msg_type, needed)| *needed && !has(*msg_type));
    missing.map(|(msg_type, _)| Missing::of_server(case, *msg_type, last))
}

/// The same in TLS 1.3, where keys let one read the flight.
fn missing13(case: &Case<'_>, hello: &ServerHello<'_>) -> Option<Missing> {
    let has = |msg_type| case.conversation.first(Side::Server, msg_type).is_some();
    let sealed = case.conversation.events.iter().any(|item| {
        item.from == Side::Server && matches!(item.kind, EventKind::Protected(_) | EventKind::Gap(_))
    });
    // A record that got lost on the way took its messages along (`tamper`).
    let lost = case.conversation.decryption.jumps.iter().any(|jump| jump.from == Side::Server);
    if !has(HandshakeType::finished) || sealed || lost {
        return None;
    }
    let psk = hello.extensions.pre_shared_key.is_some();
    let needed: &[HandshakeType] = match psk {
        true => &[HandshakeType::encrypted_extensions],
        false => &[
            HandshakeType::encrypted_extensions,
            HandshakeType::certificate,
            HandshakeType::certificate_verify,
        ],
    };
    let missing = needed.iter().find(|msg_type| !has(**msg_type))?;
    // A compressed certificate stands for one (RFC 8879 §4).
    let compressed = *missing == HandshakeType::certificate && has(HandshakeType::compressed_certificate);
    (!compressed).then(|| Missing::of_server(case, *missing, HandshakeType::finished))
}
