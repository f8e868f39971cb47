//! A message that the suite needs and that is not there: left out by the server, or lost on the
//! way, which the receiving end's capture cannot tell apart (RFC 5246 §7.3, RFC 8446 §4.4).
//!
//! Called by: `violation`.

use handclasp_codec::{HandshakeType, KeyExchangeAlgorithm, ServerHello};

use super::BETWEEN;
use crate::Cause;
use crate::causes::{Case, Side};
use crate::finding::{Finding, Grade};
use crate::story::What;

/// What is missing, told both ways.
pub(super) fn finding(case: &Case<'_>) -> Vec<Finding> {
    let Some((_, hello)) = case.story.server_hello_at() else { return Vec::new() };
    let missing = match case.story.is_tls13() {
        true => missing13(case, &hello),
        false => missing12(case, &hello),
    };
    let Some((missing, behind)) = missing else { return Vec::new() };
    let place = case.at(Side::Server, behind);
    let evidence = format!("{place}: {behind} comes, and no {missing} before it");
    let summary = format!("The server's flight lacks {missing}, which the suite needs.");
    let lost = format!("{missing} is missing from the server's flight: it may have been lost on the way.");
    vec![
        Finding::failure(Cause::PeerProtocolViolationMissingMessage, Grade::Inferred, summary)
            .evidence(evidence.clone()),
        Finding::failure(Cause::TamperDroppedMessage, Grade::Inferred, lost).evidence(evidence).side(BETWEEN),
    ]
}

/// The message that is missing in a flight of TLS 1.2, and the one that shows it.
fn missing12(case: &Case<'_>, hello: &ServerHello<'_>) -> Option<(HandshakeType, HandshakeType)> {
    let has = |msg_type| case.story.first(Side::Server, msg_type).is_some();
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
    missing.map(|(msg_type, _)| (*msg_type, last))
}

/// The same in TLS 1.3, where keys let one read the flight.
fn missing13(case: &Case<'_>, hello: &ServerHello<'_>) -> Option<(HandshakeType, HandshakeType)> {
    let has = |msg_type| case.story.first(Side::Server, msg_type).is_some();
    let sealed = case
        .story
        .items
        .iter()
        .any(|item| item.from == Side::Server && matches!(item.what, What::Sealed(_) | What::Gap(_)));
    if !has(HandshakeType::finished) || sealed {
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
    (!compressed).then_some((*missing, HandshakeType::finished))
}
