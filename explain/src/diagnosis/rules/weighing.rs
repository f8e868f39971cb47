//! Adjusts findings to the ending: advice if the handshake completed, possible if a side left without an
//! alert, one finding of last resort if no rule explains a refusal. Of causes that exclude or lead to each
//! other only one stays certain. The order is that of `ranking`.

use handclasp_codec::AlertDescription as Alert;
use handclasp_report::Named;

use super::certificate::asked;
use super::peer_verdict::shows;
use super::{Case, end};
use crate::conversation::{Ending, EventKind, Side, Stage};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::diagnosis::ranking;

/// The findings of all families as the ending weighs them, in order, each cause once.
pub(super) fn weigh(case: &Case<'_>, found: Vec<Finding>) -> Vec<Finding> {
    let mut found = ranking::deduplicate(found);
    // A handshake that is complete, and an ending that nobody calls a failure.
    if case.ending == Ending::Completed && case.stage == Stage::Complete {
        let late = case.reasons_after_handshake();
        let after = [
            Cause::TrustRefusedAfterHandshake,
            Cause::TamperInFlight,
            Cause::RecordLimitExceeded,
            Cause::TransportPlainAfterTls,
        ];
        // In TLS 1.3 a client holds the handshake for complete before its certificate is judged.
        let judged =
            |cause: Cause| case.conversation.is_tls13() && cause.family() == CauseFamily::ClientCertificate;
        // A client may judge the certificate behind its own Finished.
        let afterwards = asked::judges_afterwards(case);
        let mere = |finding: &&mut Finding| {
            let kept = after.contains(&finding.cause) || late.contains(&finding.cause);
            !(kept || judged(finding.cause) || afterwards && finding.as_of_now)
        };
        found.iter_mut().filter(mere).for_each(advise);
    }
    // Which issuers a side trusts is a guess where neither it nor the user says so; a side that leaves
    // without an alert has many reasons.
    let silent = matches!(case.ending, Ending::Closed { .. } | Ending::Reset { .. });
    if silent && case.evidence.roots.is_none() {
        let guessed =
            |finding: &&mut Finding| is_about_trust(finding) && finding.confidence == Confidence::Inferred;
        found.iter_mut().filter(guessed).for_each(|finding| finding.confidence = Confidence::Possible);
    }
    // A hello that is wrong by itself needs no other reason for its end.
    if found.iter().any(is_broken_hello) {
        found.retain(|finding| {
            finding.cause != Cause::TransportSilent && finding.cause != Cause::TransportClosedByClient
        });
    }
    // A server that refuses a PROXY header has not read the ClientHello behind it.
    let header = |finding: &&Finding| {
        finding.cause == Cause::TransportProxyHeader && finding.confidence < Confidence::Possible
    };
    if found.iter().any(|finding| header(&finding)) {
        let others = |finding: &&mut Finding| finding.cause != Cause::TransportProxyHeader;
        found.iter_mut().filter(others).for_each(|finding| finding.confidence = Confidence::Possible);
    }
    if case.evidence.roots.is_none() {
        found.retain(|finding| finding.severity == Severity::Failure || !is_about_trust(finding));
    }
    if let Some(finding) = unexplained(case, &found) {
        found.push(finding);
    }
    // A reason is known.
    if found.iter().any(|finding| finding.severity == Severity::Failure) {
        found.retain(|finding| finding.cause != Cause::TransportClosedAfterHandshake);
    }
    consequences_are_possible(&mut found);
    ranking::sort(&mut found);
    only_one_is_inferred(&mut found);
    found
}

/// Makes a failure advice: the peer accepted what the finding is about.
fn advise(finding: &mut Finding) {
    finding.severity = Severity::Advice;
    if finding.cause == Cause::CertSelfSigned {
        finding.summary =
            "The server's certificate is self-signed: a client that verifies it accepts it only as a \
                           trust anchor or by a pin."
                .to_owned();
    }
}

/// What follows from a proved cause may be as evident as that cause; as a cause of its own it is merely
/// possible.
fn consequences_are_possible(found: &mut [Finding]) {
    let proved =
        |finding: &Finding| finding.severity == Severity::Failure && finding.confidence == Confidence::Proved;
    let causes: Vec<Cause> =
        found.iter().filter(|finding| proved(finding)).map(|finding| finding.cause).collect();
    for finding in found.iter_mut().filter(|finding| proved(finding)) {
        if causes.iter().any(|cause| follows(*cause, finding.cause)) {
            finding.confidence = Confidence::Possible;
        }
    }
}

/// An inferred cause is the only one that fits: beside a cause that the bytes show, or another inferred one,
/// it is merely possible. The order stays, as the surer ones still lead.
fn only_one_is_inferred(found: &mut [Finding]) {
    let fails = |finding: &Finding| finding.severity == Severity::Failure;
    let inferred = |finding: &Finding| fails(finding) && finding.confidence == Confidence::Inferred;
    let shown = found.iter().any(|finding| {
        fails(finding) && finding.confidence < Confidence::Inferred && !ranking::is_ending(finding.cause)
    });
    let lead = found.iter().find(|finding| inferred(finding)).map(|finding| finding.cause);
    let Some(lead) = lead else { return };
    let rivals =
        found.iter().any(|other| inferred(other) && other.cause != lead && !follows(lead, other.cause));
    for finding in found.iter_mut().filter(|finding| inferred(finding)) {
        if shown || rivals || finding.cause != lead {
            finding.confidence = Confidence::Possible;
        }
    }
}

/// Whether the second cause is only what the first one leads to.
fn follows(first: Cause, second: Cause) -> bool {
    match first {
        Cause::ClockWrong => matches!(
            second,
            Cause::CertExpired
                | Cause::CertNotYetValid
                | Cause::ClientCertExpired
                | Cause::ClientCertNotYetValid
        ),
        // The signature is invalid because of what was changed.
        Cause::TamperInFlight => second == Cause::KeyExchangeSignatureInvalid,
        // The server shows a certificate that is not its own: its names and uses are those of another owner.
        Cause::KeyNotOfCertificate => matches!(
            second,
            Cause::KeyExchangeSignatureInvalid
                | Cause::CertNameMismatch
                | Cause::CertNoSan
                | Cause::CertKeyUsage
                | Cause::CertEku
        ),
        // Another key signed than the one that the certificate restricts.
        Cause::KeyExchangeSignatureInvalid => second == Cause::CertKeyUsage,
        Cause::ClientCertNoUsableScheme | Cause::ClientCertFiltered => second == Cause::ClientCertMissing,
        Cause::CertCurveNotOffered => second.family() == CauseFamily::Negotiation,
        Cause::PinChangedKey | Cause::PinRenewedSameKey => super::trust::follows_from_pin(second),
        Cause::TrustRefusedAfterHandshake => {
            matches!(second.family(), CauseFamily::Certificate | CauseFamily::Pin)
        }
        _ => false,
    }
}

/// An end refused, and no rule knows why.
fn unexplained(case: &Case<'_>, found: &[Finding]) -> Option<Finding> {
    let Ending::Refused { by, alert, .. } = case.ending else { return None };
    if found.iter().any(|finding| finding.severity == Severity::Failure) {
        return None;
    }
    if let Some(finding) = renegotiation(case).or_else(|| after_handshake(case)) {
        return Some(finding);
    }
    let summary = match case.notes() {
        Some(_) => format!(
            "Neither the offers nor the choices show why: the reason is in the configuration or state of the {}.",
            end(by)
        ),
        None => format!(
            "The {} aborts the handshake with {}, and these bytes do not show why: the reason is in its \
             configuration or state.",
            end(by),
            Named(alert)
        ),
    };
    let finding = Finding::failure(Cause::RefusedUnexplained, Confidence::Possible, summary)
        .evidence(case.ended())
        .fix(format!("read the {}'s log", end(by)));
    Some(finding)
}

/// A side refuses after the handshake: the handshake itself is not the reason.
fn after_handshake(case: &Case<'_>) -> Option<Finding> {
    let Ending::Refused { by, alert, .. } = case.ending else { return None };
    if case.stage != Stage::Complete || case.notes().is_some() {
        return None;
    }
    let admits = alert == Alert::access_denied && by == Side::Server && shows(case, Side::Client);
    let (cause, why) = match admits {
        true => {
            (Cause::ClientCertNotAllowed, "it knows the client's certificate and does not admit this client")
        }
        false => (
            Cause::RefusedAfterHandshake,
            "the handshake is not the reason, but what was sent after it or what the program allows",
        ),
    };
    let summary = format!(
        "After a complete handshake the {} ends the connection with {}: {why}.",
        end(by),
        Named(alert)
    );
    let finding = Finding::failure(cause, Confidence::Possible, summary).evidence(case.ended());
    Some(finding.fix(format!("read the {}'s log", end(by))))
}

/// Whether it depends on which issuers an end trusts.
fn is_about_trust(finding: &Finding) -> bool {
    matches!(
        finding.cause,
        Cause::CertUnknownIssuer | Cause::CertMissingIntermediate | Cause::ClientCertUnknownIssuer
    )
}

/// One end asks for another handshake, and the other does not do that (RFC 5246 §7.2.2).
fn renegotiation(case: &Case<'_>) -> Option<Finding> {
    let Ending::Refused { by, index, .. } = case.ending else { return None };
    let declined = case.conversation.events.iter().take(index).find(|item| {
        let told = matches!(&item.kind, EventKind::Alert { description: Alert::no_renegotiation, .. });
        told && item.from == by.other()
    })?;
    let summary = format!(
        "The {} requests another handshake on the same connection, the {} declines to renegotiate, and the \
         {} aborts.",
        end(by),
        end(by.other()),
        end(by)
    );
    let finding = Finding::failure(Cause::PolicyRenegotiationRefused, Confidence::Observed, summary)
        .evidence(format!("{}: the {} sends the alert no_renegotiation", declined.position, end(by.other())))
        .evidence(case.ended())
        .or_fix(format!(
            "or disable renegotiation on the {}, or permit it on the {} (openssl s_server -client_renegotiation, \
             SSL_OP_ALLOW_CLIENT_RENEGOTIATION); TLS 1.3 does not have it",
            end(by),
            end(by.other())
        ));
    Some(finding)
}

fn is_broken_hello(finding: &Finding) -> bool {
    finding.severity == Severity::Failure && finding.cause.family() == CauseFamily::MalformedHello
}

#[cfg(test)]
mod tests {
    use handclasp_codec::{AlertLevel, HandshakeType};

    use super::super::test_support::{
        alert, client_hello, conversation, item, message, sealed, server_hello,
    };
    use super::*;
    use crate::conversation::{Event, Side};

    #[test]
    fn a_renegotiation_that_is_declined_is_named() {
        let said =
            |description| EventKind::Alert { level: AlertLevel::warning, description, protected: true };
        let mut items = vec![
            client_hello(0x8877_6655),
            server_hello(false),
            message(Side::Server, HandshakeType::server_hello_done, &[]),
        ];
        for side in [Side::Client, Side::Server] {
            items.extend([item(side, EventKind::ChangeCipherSpec), sealed(side, 40)]);
        }
        let plain = items.clone();
        items.push(item(Side::Server, said(Alert::no_renegotiation)));
        let observed = |mut items: Vec<Event>| {
            items.push(alert(Side::Client, Alert::handshake_failure));
            let (conversation, evidence) = (conversation(items), crate::input::evidence::Evidence::default());
            renegotiation(&Case::new(&conversation, &evidence)).map(|found| (found.cause, found.confidence))
        };
        assert_eq!(observed(items), Some((Cause::PolicyRenegotiationRefused, Confidence::Observed)));
        assert_eq!(observed(plain), None);
    }

    #[test]
    fn what_follows_from_a_proved_cause_is_merely_possible() {
        let proved = |cause| Finding::failure(cause, Confidence::Proved, "");
        let mut found = vec![
            proved(Cause::KeyExchangeSignatureInvalid),
            proved(Cause::KeyNotOfCertificate),
            proved(Cause::CertKeyUsage),
            proved(Cause::CertExpired),
        ];
        consequences_are_possible(&mut found);
        let confidences: Vec<Confidence> = found.iter().map(|finding| finding.confidence).collect();
        let (proved, possible) = (Confidence::Proved, Confidence::Possible);
        assert_eq!(confidences, [possible, proved, possible, proved]);
    }

    #[test]
    fn of_hidden_certificates_no_two_causes_are_the_only_one() {
        let mut items = vec![client_hello(1), server_hello(true)];
        items.extend([40, 900, 100, 53].map(|length| sealed(Side::Server, length)));
        items.push(alert(Side::Client, Alert::unknown_ca));
        let evidence = crate::input::evidence::Evidence::default();
        let found = super::super::diagnose(&conversation(items), &evidence);
        let trust = || found.iter().filter(|finding| finding.cause.family() == CauseFamily::Certificate);
        assert!(trust().count() > 1);
        assert!(trust().all(|finding| finding.confidence == Confidence::Possible), "{found:?}");
    }
}
