//! A client certificate that does not show (TLS 1.3 without a key log), or that nothing is wrong
//! with: what the server's refusal and the sizes of protected records tell.

use handclasp_codec::{AlertDescription as Alert, HashAlgorithm};
use handclasp_report::Tag;

use super::super::peer_verdict::Taken;
use super::super::{Case, Side};
use crate::conversation::{Ending, Event, EventKind, ProtectedRecord, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// What the refusal can mean.
pub(super) fn findings(case: &Case<'_>, taken: Taken) -> Vec<Finding> {
    if let Some(found) = of_unlisted_issuer(case, taken) {
        return vec![found];
    }
    if let Taken::Refused(alert) = taken
        && (case.stage > Stage::ServerFlight || alert == Alert::certificate_required)
        && named(alert).is_some()
    {
        return by_alert(case, taken);
    }
    if !case.conversation.is_tls13() {
        return Vec::new();
    }
    if let Some(found) = unsigned(case) {
        return vec![found];
    }
    by_size(case)
}

/// The client sends its certificate and refuses before its Finished: the signature comes between them.
fn unsigned(case: &Case<'_>) -> Option<Finding> {
    let left = matches!(case.ending, Ending::RefusedEncrypted { by: Side::Client, .. });
    let certificate = first_of_client(case).filter(|_| left && case.conversation.lacks_client_finished())?;
    let summary = "The client sends its certificate and then gives up: its key probably cannot sign with a scheme \
                   that the server accepts in TLS 1.3.";
    Some(
        Finding::failure(Cause::ClientCertNoUsableScheme, Confidence::Possible, summary)
            .evidence(format!(
                "the client's first protected record has {} bytes and contains a certificate; no record as \
                 long as a Finished follows, and the server sends nothing in return",
                certificate.length
            ))
            .evidence(case.ended())
            .fix(
                "check with the client's log that its key or token can sign: TLS 1.3 requires RSA-PSS of an \
                 RSA key, TLS 1.2 also allows PKCS #1 v1.5",
            ),
    )
}

/// Our own client showed a certificate that leads to none of the authorities that the server lists.
fn of_unlisted_issuer(case: &Case<'_>, taken: Taken) -> Option<Finding> {
    let Taken::Refused(alert) = taken else { return None };
    let general = [Alert::handshake_failure, Alert::access_denied];
    let fits = alert != Alert::certificate_required && (named(alert).is_some() || general.contains(&alert));
    case.notes().filter(|notes| fits && notes.is_client() && notes.has(Tag::IssuerNotListed))?;
    let summary = "The certificate that we showed leads to none of the authorities that the server names: it does \
                   not trust the issuer.";
    Some(
        Finding::failure(Cause::ClientCertUnknownIssuer, Confidence::Inferred, summary)
            .evidence(case.ended()),
    )
}

/// What an alert says of a client certificate that nothing else is known of.
pub(super) fn by_alert(case: &Case<'_>, taken: Taken) -> Vec<Finding> {
    let Taken::Refused(alert) = taken else { return Vec::new() };
    let Some((cause, confidence, summary)) = named(alert) else { return Vec::new() };
    vec![Finding::failure(cause, confidence, summary).evidence(case.ended())]
}

fn named(alert: Alert) -> Option<(Cause, Confidence, &'static str)> {
    Some(match alert {
        Alert::certificate_required | Alert::no_certificate => (
            Cause::ClientCertMissing,
            Confidence::Observed,
            "The server requires a client certificate, and the client sends none.",
        ),
        Alert::certificate_expired => (
            Cause::ClientCertExpired,
            Confidence::Observed,
            "The server reports that the client's certificate has expired.",
        ),
        Alert::certificate_revoked => (
            Cause::ClientCertRevoked,
            Confidence::Observed,
            "The server reports that the client's certificate is revoked.",
        ),
        Alert::unknown_ca => (
            Cause::ClientCertUnknownIssuer,
            Confidence::Inferred,
            "The server reports an unknown issuer of the client's certificate.",
        ),
        Alert::unsupported_certificate => (
            Cause::ClientCertEku,
            Confidence::Possible,
            "The server reports that the client's certificate is not valid for this purpose.",
        ),
        Alert::bad_certificate | Alert::certificate_unknown => (
            Cause::ClientCertUnknownIssuer,
            Confidence::Possible,
            "The server rejects the client's certificate without giving a reason.",
        ),
        // A valid certificate without access (RFC 8446 §6.2); gnutls-serv sends it for every certificate that does
        // not verify.
        Alert::access_denied => (
            Cause::ClientCertNotAllowed,
            Confidence::Possible,
            "The server does not admit this client: its certificate or key is not among those that it knows, or does \
             not verify.",
        ),
        _ => return None,
    })
}

/// The client's first protected record and what the server says to it.
fn by_size(case: &Case<'_>) -> Vec<Finding> {
    let Some(first) = first_of_client(case) else { return Vec::new() };
    let (Some(tag), Some(hash)) = (tag(case), hash(case)) else { return Vec::new() };
    // What the server has said may be what the capture lacks.
    if case.conversation.is_partial() || !refused_after_flight(case) {
        return Vec::new();
    }
    // Header, empty context, empty list (RFC 8446 §4.4.2); then the type and the tag (§5.2).
    const EMPTY_CERTIFICATE: u16 = 4 + 1 + 3;
    // Java pads its handshake records.
    const PADDINGS: [u16; 2] = [0, 16];
    let overhead = 1 + tag;
    let finished = 4 + hash;
    let length = first.length;
    let is = |content: u16| PADDINGS.iter().any(|padding| length == content + overhead + padding);
    if is(finished) {
        return Vec::new();
    }
    if is(EMPTY_CERTIFICATE) || is(EMPTY_CERTIFICATE + finished) {
        let summary = "The server requires a client certificate, and the client sends none.";
        let finding = Finding::failure(Cause::ClientCertMissing, Confidence::Inferred, summary)
            .evidence(format!(
                "the client's first protected record has {length} bytes: exactly the length of an empty \
                 Certificate"
            ))
            .evidence(ended(case))
            .or_fix("openssl s_client -cert FILE -key FILE, curl --cert FILE --key FILE, mosquitto_pub --cert FILE --key FILE");
        return vec![finding];
    }
    // A certificate and a signature have some hundred bytes.
    if length <= 2 * (EMPTY_CERTIFICATE + finished + overhead) {
        return Vec::new();
    }
    let possible = |cause, summary: &str| {
        Finding::failure(cause, Confidence::Possible, summary)
            .evidence(format!(
                "the client's first protected record has {length} bytes: more than a Finished, so it \
                 contains a certificate"
            ))
            .evidence(ended(case))
    };
    vec![
        possible(
            Cause::ClientCertUnknownIssuer,
            "The server aborts right after the client's certificate: it probably does not trust the issuer.",
        ),
        possible(Cause::ClientCertExpired, "Perhaps the client's certificate is expired."),
        possible(Cause::ClientCertSignatureInvalid, "Perhaps the client's signature does not verify."),
    ]
}

fn ended(case: &Case<'_>) -> String {
    match case.ending {
        Ending::Completed => "the server responds with one short protected record and closes".to_owned(),
        Ending::Refused { .. }
        | Ending::RefusedEncrypted { .. }
        | Ending::Closed { .. }
        | Ending::Reset { .. }
        | Ending::Silent { .. }
        | Ending::ConnectionRefused
        | Ending::NoAnswer
        | Ending::Unknown => case.ended(),
    }
}

/// The client's first protected record behind the server's answer.
fn first_of_client(case: &Case<'_>) -> Option<ProtectedRecord> {
    let (at, _) = case.conversation.server_hello_at()?;
    let mut of_client =
        case.conversation.events.iter().skip(at.index).filter(|item| item.from == Side::Client);
    of_client.find_map(|item| item.kind.protected_record().copied())
}

/// Whether the server answers the client's flight with one record that is too short for anything but
/// an alert, or with none, and the connection ends. With a certificate that it takes nearly every
/// server sends tickets or data first.
fn refused_after_flight(case: &Case<'_>) -> bool {
    // An alert, its type, a tag, and as much padding as some stacks add (RFC 8446 §5.4); the least
    // NewSessionTicket is longer (§4.6.1).
    const ALERT: u16 = 2 + 1 + 16 + 16;
    let items = &case.conversation.events;
    let says = |item: &Event| match item.kind.protected_record() {
        Some(sealed) => sealed.length > ALERT,
        None => matches!(item.kind, EventKind::ApplicationData { .. } | EventKind::Handshake(_)),
    };
    let Some((hello, _)) = case.conversation.server_hello_at() else { return false };
    let sealed = |item: &Event| item.from == Side::Client && matches!(item.kind, EventKind::Protected(_));
    let Some(flight) = items.iter().enumerate().position(|(index, item)| index > hello.index && sealed(item))
    else {
        return false;
    };
    let after = || items.iter().skip(flight);
    let answers = after().filter(|item| item.from == Side::Server);
    let alerts = answers.clone().filter(|item| matches!(item.kind, EventKind::Protected(_))).count();
    let gone = after().find(|item| matches!(item.kind, EventKind::Fin | EventKind::Reset));
    let leaves = gone.is_some_and(|item| item.from == Side::Server || alerts == 1);
    leaves && alerts <= 1 && !answers.into_iter().any(says)
}

/// Bytes of the tag of a TLS 1.3 suite (RFC 8446 §B.4, RFC 6655 §4).
fn tag(case: &Case<'_>) -> Option<u16> {
    u16::try_from(case.conversation.suite()?.tag_len()?).ok()
}

/// Bytes of its hash.
fn hash(case: &Case<'_>) -> Option<u16> {
    match case.conversation.suite()?.named_hash()? {
        HashAlgorithm::sha256 => Some(32),
        HashAlgorithm::sha384 => Some(48),
        _ => None,
    }
}
