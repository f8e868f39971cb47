//! What looks like the cause and is not: things in a conversation that people suspect, each with
//! the reason why it is innocent. Only what is really there is named, the most tempting first.

use handclasp_codec::{
    AlertDescription, ClientHello, DOWNGRADE_TLS11, DOWNGRADE_TLS12, EncryptedExtensions, HandshakeType,
    NamedGroup, ProtocolVersion, ServerHello, ServerKeyExchangeEcdhe, SignatureScheme,
};
use handclasp_report::Named;

use crate::conversation::{Conversation, Event, EventKind, is_fatal};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::{
    cause::{Cause, CauseFamily},
    finding::Confidence,
};
use crate::input::capture_event::Side;

/// A reader's patience.
const MOST: usize = 5;

/// One suspect: what it is and why it is innocent, if it is there.
type Suspect = fn(&Conversation, &[Finding]) -> Option<String>;

/// The most tempting first.
const SUSPECTS: &[Suspect] = &[
    alert_too_late,
    reset_too_late,
    encrypt_then_mac,
    certificate_that_was_accepted,
    curve_of_the_scheme,
    sentinel,
    hash_of_the_suite,
    empty_server_name,
    retry,
    frozen_version,
    session_id,
    change_cipher_spec,
    signalling,
    grease,
];

/// What is innocent in a conversation that failed; nothing where nothing failed.
pub(crate) fn ruled_out(conversation: &Conversation, findings: &[Finding]) -> Vec<String> {
    if !findings.iter().any(|finding| finding.severity == Severity::Failure) {
        return Vec::new();
    }
    SUSPECTS.iter().filter_map(|suspect| suspect(conversation, findings)).take(MOST).collect()
}

/// Whether one of these causes is among the failures.
fn blamed(findings: &[Finding], causes: &[Cause]) -> bool {
    let fails = |finding: &&Finding| {
        finding.severity == Severity::Failure && finding.confidence <= Confidence::Inferred
    };
    findings.iter().filter(fails).any(|finding| causes.contains(&finding.cause))
}

/// An alert that was sent when the peer had already gone.
fn alert_too_late(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let closed =
        conversation.events.iter().position(|item| matches!(item.kind, EventKind::Fin | EventKind::Reset))?;
    let by = conversation.events.get(closed)?.from;
    conversation.events.iter().skip(closed).find_map(|item| match &item.kind {
        EventKind::Alert { description, .. } if item.from == by.other() => Some(format!(
            "The alert {} from the {} ({}): the {by} had already closed the connection, so the alert is a \
             consequence.",
            Named(*description),
            item.from,
            item.position
        )),
        _ => None,
    })
}

/// RST behind an end: data met a closed socket.
fn reset_too_late(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    // A warning ends nothing.
    let tls13 = conversation.is_tls13();
    let ends = |item: &Event| {
        matches!(item.kind, EventKind::Fin)
            || matches!(&item.kind, EventKind::Alert { level, description, .. }
                if *description == AlertDescription::close_notify || is_fatal(*level, *description, tls13))
    };
    let over = conversation.events.iter().position(ends)?;
    let reset = conversation.events.iter().skip(over).find(|item| matches!(item.kind, EventKind::Reset))?;
    Some(format!(
        "The RST ({}): the connection had already ended; data that arrives at a closed socket is answered \
         with RST.",
        reset.position
    ))
}

fn encrypt_then_mac(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let hello = conversation.server_hello()?;
    let suite = hello.cipher_suite;
    let name = suite.name()?;
    let suspected =
        suite.is_psk() || blamed(findings, &[Cause::KeyExchangeKeysDiffer, Cause::PskValueDiffers]);
    (suite.is_aead() && suspected && !conversation.is_tls13() && hello.extensions.encrypt_then_mac.is_none()).then(|| {
        format!(
            "The missing encrypt_then_mac in the server's answer: the extension applies only to CBC suites \
             (RFC 7366), and {name} is an AEAD suite."
        )
    })
}

/// Advice about a certificate that the client saw and went on with.
fn certificate_that_was_accepted(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let causes = [Cause::CertExpired, Cause::CertNotYetValid, Cause::CertSelfSigned, Cause::CertNoSan];
    let advice = findings
        .iter()
        .find(|finding| finding.severity == Severity::Advice && causes.contains(&finding.cause))?;
    let went_on = conversation.first(Side::Client, HandshakeType::client_key_exchange).is_some()
        || conversation.first(Side::Client, HandshakeType::finished).is_some();
    went_on.then(|| {
        format!(
            "The certificate ({}): this client continued the handshake after receiving it.",
            advice.cause.id()
        )
    })
}

fn curve_of_the_scheme(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    if conversation.version() != Some(ProtocolVersion::TLS_1_2) {
        return None;
    }
    let message = conversation.first(Side::Server, HandshakeType::server_key_exchange)?.message;
    let exchange: ServerKeyExchangeEcdhe<'_> = message.decode()?;
    let misleading = exchange.algorithm == SignatureScheme::ecdsa_secp521r1_sha512
        && exchange.params.named_curve != NamedGroup::secp521r1;
    misleading.then(|| {
        "The scheme 0x0603 in ServerKeyExchange: in TLS 1.2 it means ECDSA with SHA-512 on any curve; no \
         P-521 key is involved."
            .to_owned()
    })
}

/// The mark of RFC 8446 §4.1.3, where the client never offered more.
fn sentinel(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let (client, server) = (conversation.client_hello()?, conversation.server_hello()?);
    let marked = [DOWNGRADE_TLS12, DOWNGRADE_TLS11].contains(&server.downgrade_sentinel());
    let offered_more = highest(&client) > chosen(&server);
    (marked && !offered_more).then(|| {
        "DOWNGRD at the end of the server's random: it means that the server supports a higher version; the \
         client did not offer one, so this is not a downgrade attack."
            .to_owned()
    })
}

fn highest(hello: &ClientHello<'_>) -> ProtocolVersion {
    let offered = hello.extensions.supported_versions.as_ref();
    let known = |version: &ProtocolVersion| !version.is_grease();
    let highest = offered.and_then(|offered| offered.versions.iter().filter(known).max());
    highest.unwrap_or(hello.legacy_version)
}

fn chosen(hello: &ServerHello<'_>) -> ProtocolVersion {
    let chosen = hello.extensions.supported_versions.as_ref();
    chosen.map_or(hello.legacy_version, |chosen| chosen.selected_version)
}

fn hash_of_the_suite(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let name = conversation.suite()?.name()?;
    let hash = ["SHA256", "SHA384"].into_iter().find(|hash| name.ends_with(hash))?;
    let showed = conversation.chain(Side::Server).is_some_and(|chain| !chain.is_empty());
    let suspected = findings.iter().any(|finding| finding.cause.family() == CauseFamily::Certificate)
        || blamed(findings, &[Cause::KeyExchangeSignatureInvalid, Cause::SigalgNoneInCommon]);
    (showed && suspected).then(|| {
        format!(
            "{hash} in {name}: this hash derives the keys and is unrelated to the certificate's signature."
        )
    })
}

fn empty_server_name(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let hello = conversation.server_hello()?;
    let encrypted = conversation.first(Side::Server, HandshakeType::encrypted_extensions);
    let inside = encrypted.and_then(|found| found.message.decode::<EncryptedExtensions<'_>>());
    let acknowledged = hello.extensions.server_name.is_some()
        || inside.is_some_and(|inside| inside.extensions.server_name.is_some());
    acknowledged.then(|| {
        "The empty server_name in the server's answer: this is how a server acknowledges the client's \
         server_name (RFC 6066 §3)."
            .to_owned()
    })
}

fn retry(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let (found, asked) = conversation.retries().next()?;
    let wanted = match asked.extensions.key_share {
        Some(_) => "a key share of another group",
        None => "its cookie back",
    };
    let retries = [
        Cause::PeerProtocolViolationHrrSameGroup,
        Cause::PeerProtocolViolationHrrTwice,
        Cause::PeerProtocolViolationHrrUnofferedGroup,
    ];
    let blamed = findings.iter().any(|finding| retries.contains(&finding.cause));
    (!blamed && conversation.server_hello().is_some()).then(|| {
        format!(
            "HelloRetryRequest ({}): the server requested {wanted} and received it; this is not an error.",
            found.event.position
        )
    })
}

fn frozen_version(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let offered = conversation.client_hello()?.extensions.supported_versions.is_some();
    let suspected = blamed(findings, &[Cause::VersionNoneInCommon]) || conversation.is_tls13();
    (offered && suspected).then(|| {
        "Version 0x0303 at the start of the hello: this field is frozen at TLS 1.2; supported_versions \
         decides (RFC 8446 §4.1.2)."
            .to_owned()
    })
}

fn session_id(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let echoed = conversation.is_tls13() && !conversation.server_hello()?.legacy_session_id_echo.is_empty();
    let resumed = conversation.server_hello()?.extensions.pre_shared_key.is_some();
    (echoed && !resumed).then(|| {
        "The session id that the server echoes: in TLS 1.3 it exists only for middleboxes; no session is \
         resumed."
            .to_owned()
    })
}

fn change_cipher_spec(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let there = conversation.events.iter().any(|item| matches!(item.kind, EventKind::ChangeCipherSpec));
    (conversation.is_tls13() && there).then(|| {
        "change_cipher_spec in TLS 1.3: it has no effect and is sent only for middlebox compatibility (RFC \
         8446 §D.4)."
            .to_owned()
    })
}

fn signalling(conversation: &Conversation, findings: &[Finding]) -> Option<String> {
    let scsv = handclasp_codec::CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    let offered = conversation.client_hello()?.cipher_suites.contains(&scsv);
    let suspected =
        blamed(findings, &[Cause::SuiteNoneInCommon, Cause::PskServerHasNone, Cause::SuiteKeyType]);
    (offered && suspected).then(|| {
        "0x00ff among the cipher suites: it is a signalling value, not a suite; it indicates secure \
         renegotiation (RFC 5746 §3.3)."
            .to_owned()
    })
}

fn grease(conversation: &Conversation, _: &[Finding]) -> Option<String> {
    let hello = conversation.client_hello()?;
    let odd = hello.cipher_suites.iter().any(|suite| suite.is_grease())
        || hello.extensions.types().any(|extension| extension.is_grease());
    odd.then(|| {
        "Values such as 0x0a0a or 0xfafa in the ClientHello: GREASE (RFC 8701), sent to check that servers \
         ignore unknown values."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use handclasp_codec::AlertLevel;

    use super::*;
    use crate::diagnosis::rules::test_support::{alert, client_hello, conversation, item, server_hello};

    #[test]
    fn a_warning_excuses_no_reset() {
        let with = |level, description| {
            let said = item(Side::Server, EventKind::Alert { level, description, protected: false });
            let reset = item(Side::Client, EventKind::Reset);
            reset_too_late(&conversation(vec![client_hello(9), said, server_hello(false), reset]), &[])
        };
        assert_eq!(with(AlertLevel::warning, AlertDescription::unrecognized_name), None);
        assert!(with(AlertLevel::fatal, AlertDescription::handshake_failure).is_some());
        assert!(with(AlertLevel::warning, AlertDescription::close_notify).is_some());
        let told = conversation(vec![client_hello(9), alert(Side::Server, AlertDescription::internal_error)]);
        assert_eq!(reset_too_late(&told, &[]), None);
    }
}
