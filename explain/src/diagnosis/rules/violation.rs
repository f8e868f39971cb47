//! What a server may not do, each a contradiction between two messages byte for byte: choices
//! that were not offered, a second HelloRetryRequest, a message that the suite needs and that is
//! not there (RFC 8446 §4.1.3 §4.1.4 §4.2, RFC 5246 §7.4).

mod missing;

use handclasp_codec::{
    AlertDescription, CipherSuite, ClientHello, EncryptedExtensions, ExtensionType, HandshakeType,
    ProtocolVersion,
};
use handclasp_report::Named;

use super::offer::{Offer, names};
use super::{Case, Side};
use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(hello) = case.conversation.client_hello() else { return Vec::new() };
    if case.notes().is_some() {
        // What our own side saw of the choices, its fault says.
        return extension_told(case).into_iter().collect();
    }
    let mut found = retries(case, &hello);
    found.extend(suite(case, &hello));
    found.extend(version(case, &hello));
    found.extend(session_id(case, &hello));
    found.extend(extensions(case, &hello));
    found.extend(missing::finding(case));
    if found.is_empty() {
        found.extend(extension_told(case));
    }
    // Nobody minded: the client went on, and whatever ended it is another matter.
    let minded = case.refused(Side::Client).is_some() || case.left(Side::Client);
    let server_minded = case.refused(Side::Server).is_some();
    if case.stage == Stage::Complete || !(minded || server_minded) {
        found.iter_mut().for_each(|finding| finding.severity = Severity::Advice);
    }
    // A choice that the captured hello does not offer is no mistake of a server that saw another hello.
    if super::tamper::hello::changed(case).is_some() {
        found.iter_mut().for_each(|finding| finding.confidence = Confidence::Possible);
    }
    found.into_iter().map(|finding| finding.evidence(case.ended())).collect()
}

fn proved(cause: Cause, summary: String) -> Finding {
    Finding::failure(cause, Confidence::Proved, summary)
}

/// HelloRetryRequests that ask for what was there, was never offered, or come twice.
fn retries(case: &Case<'_>, hello: &ClientHello<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let retries: Vec<_> = case.conversation.retries().collect();
    if let Some((second, _)) = retries.get(1) {
        let summary = "The server sends a second HelloRetryRequest; only one is permitted (RFC 8446 \
                       §4.1.4).";
        found.push(
            proved(Cause::PeerProtocolViolationHrrTwice, summary.to_owned())
                .evidence(format!("{}: the second HelloRetryRequest", second.event.position)),
        );
    }
    let Some((first, retry)) = retries.first() else { return found };
    let Some(share) = &retry.extensions.key_share else { return found };
    let group = share.selected_group;
    let position = first.event.position;
    let shares = hello.extensions.key_share.map(|shares| shares.client_shares);
    let offered = hello.extensions.supported_groups.map(|groups| groups.named_group_list);
    if shares.is_some_and(|shares| shares.iter().any(|share| share.group == group)) {
        let summary = format!(
            "The server's HelloRetryRequest requests {group}, for which the ClientHello already contained a \
             key share (RFC 8446 §4.2.8)."
        );
        found.push(
            proved(Cause::PeerProtocolViolationHrrSameGroup, summary)
                .evidence(format!("{position}: selected_group {group}")),
        );
    } else if offered.is_none_or(|groups| !groups.contains(&group)) {
        let summary = format!(
            "The server's HelloRetryRequest requests {group}, which the client does not offer (RFC 8446 \
             §4.1.4)."
        );
        let list: Vec<_> = offered.map(|groups| groups.iter().collect()).unwrap_or_default();
        found.push(
            proved(Cause::PeerProtocolViolationHrrUnofferedGroup, summary)
                .evidence(format!("{position}: selected_group {group}; the client offers {}", names(&list))),
        );
    }
    found
}

/// A suite that was not offered.
fn suite(case: &Case<'_>, hello: &ClientHello<'_>) -> Option<Finding> {
    let answered = case.conversation.first(Side::Server, HandshakeType::server_hello)?;
    let retried = case.conversation.retries().map(|(_, retry)| retry.cipher_suite);
    let chosen = retried.chain(case.conversation.server_hello().map(|hello| hello.cipher_suite));
    let unoffered = |suite: &CipherSuite| !hello.cipher_suites.contains(suite);
    let suite = chosen.into_iter().find(unoffered)?;
    let summary = format!("The server selects the cipher suite {suite}, which the client does not offer.");
    let finding = proved(Cause::PeerProtocolViolationUnofferedSuite, summary)
        .evidence(format!("{}: cipher_suite 0x{:04x}", answered.event.position, suite.0))
        .evidence(format!("the client offers {}", names(&Offer::new(hello).suites)));
    Some(finding)
}

/// A version that was not offered, by a server that knows how versions are offered.
fn version(case: &Case<'_>, hello: &ClientHello<'_>) -> Option<Finding> {
    let (found, answer) = case.conversation.server_hello_at()?;
    let offer = Offer::new(hello);
    let (chosen, wrong) = match &answer.extensions.supported_versions {
        Some(chosen) => {
            let version = chosen.selected_version;
            (version, !offer.versions.contains(&version) || version < ProtocolVersion::TLS_1_3)
        }
        None => {
            let version = answer.legacy_version;
            (version, version > hello.legacy_version || version.0 >> 8 != 3)
        }
    };
    if !wrong {
        return None;
    }
    let offered: Vec<_> = offer.versions.iter().map(|version| Named(*version)).collect();
    let summary = format!("The server selects {}, but the client offers {}.", Named(chosen), names(&offered));
    Some(
        proved(Cause::PeerProtocolViolationVersion, summary)
            .evidence(format!("{}: version 0x{:04x}", found.event.position, chosen.0)),
    )
}

/// A session id that does not come back as it went (RFC 8446 §4.1.3). One bit is damage, not a
/// mistake.
fn session_id(case: &Case<'_>, hello: &ClientHello<'_>) -> Vec<Finding> {
    if !case.conversation.is_tls13() {
        return Vec::new();
    }
    let Some((found, answer)) = case.conversation.server_hello_at() else { return Vec::new() };
    let (sent, back) = (hello.legacy_session_id, answer.legacy_session_id_echo);
    if sent == back {
        return Vec::new();
    }
    let summary = format!(
        "The ServerHello does not echo the session id: the client sent {} bytes, the server returned {} \
         different bytes.",
        sent.len(),
        back.len()
    );
    let echo = proved(Cause::PeerProtocolViolationSessionIdEcho, summary)
        .evidence(format!("{}: legacy_session_id_echo", found.event.position));
    let bits: u32 = sent.iter().zip(back).map(|(sent, back)| (sent ^ back).count_ones()).sum();
    if sent.len() != back.len() || bits > 2 {
        return vec![echo];
    }
    let summary =
        format!("The echoed session id differs by {bits} bit: something between the two sides alters bytes.");
    let tampered = Finding::failure(Cause::TamperInFlight, Confidence::Inferred, summary)
        .evidence(format!("{}: legacy_session_id_echo", found.event.position));
    vec![Finding { confidence: Confidence::Inferred, ..echo }, tampered]
}

/// Extensions in answer to none (RFC 8446 §4.2, RFC 5246 §7.4.1.4).
fn extensions(case: &Case<'_>, hello: &ClientHello<'_>) -> Vec<Finding> {
    let offered: Vec<ExtensionType> = hello.extensions.types().collect();
    // Servers send renegotiation_info to clients that know nothing of it, and none of them minds.
    let solicited = |extension: &ExtensionType| {
        offered.contains(extension) || *extension == ExtensionType::renegotiation_info
    };
    let mut found = Vec::new();
    let mut check = |position: String, message: &str, types: Vec<ExtensionType>| {
        if let Some(extension) = types.into_iter().find(|extension| !solicited(extension)) {
            let summary =
                format!("The server's {message} contains {extension}, which the client did not offer.");
            found.push(
                proved(Cause::PeerProtocolViolationUnsolicitedExtension, summary)
                    .evidence(format!("{position}: extension_type {} ({extension})", extension.0)),
            );
        }
    };
    if let Some((at, answer)) = case.conversation.server_hello_at() {
        check(at.event.position.to_string(), "ServerHello", answer.extensions.types().collect());
    }
    if let Some(at) = case.conversation.first(Side::Server, HandshakeType::encrypted_extensions)
        && let Some(answer) = at.message.decode::<EncryptedExtensions<'_>>()
    {
        check(at.event.position.to_string(), "EncryptedExtensions", answer.extensions.types().collect());
    }
    found
}

/// The client finds an extension that it did not offer, in a message that cannot be read here.
fn extension_told(case: &Case<'_>) -> Option<Finding> {
    // Before a ServerHello it can only be the cookie of a HelloRetryRequest (`policy`).
    let answered = case.conversation.server_hello().is_some() || case.conversation.retries().next().is_none();
    if case.refused(Side::Client) != Some(AlertDescription::unsupported_extension) || !answered {
        return None;
    }
    let summary = "The client reports an extension in the server's response that it did not offer.";
    Some(Finding::failure(Cause::PeerProtocolViolationUnsolicitedExtension, Confidence::Inferred, summary))
}

/// The side of a violation where bytes may as well have been lost on the way.
const BETWEEN: Party = Party::Network;
