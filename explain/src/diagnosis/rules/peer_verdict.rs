//! How one end took the other's certificate, and which deviations its alert can mean. Stacks
//! choose alerts freely (RFC 8446 §6.2 names several that fit): an alert narrows, and never
//! overrules what is computed.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::{Case, Side};
use crate::conversation::{Ending, EventKind, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::Confidence;

/// How a certificate was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The handshake went on.
    Accepted,
    /// Refused with this alert.
    Refused(Alert),
    /// The end left without a word that could be read, right where it had to judge.
    Left,
    /// It was never judged, or something else ended the handshake.
    Untold,
}

/// How well an alert fits a deviation, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It means just that.
    Exact,
    /// Some stacks say it so.
    Plausible,
    /// It would be unusual.
    Weak,
    /// It means something else.
    No,
}

impl Fit {
    /// The best grade that a cause may have by it.
    pub fn limit(self) -> Confidence {
        match self {
            Self::Exact | Self::Plausible => Confidence::Proved,
            Self::Weak | Self::No => Confidence::Possible,
        }
    }
}

/// The verdict of `by` on its peer's certificate.
pub(super) fn taken(case: &Case<'_>, by: Side) -> Taken {
    let judging = match by {
        Side::Client => matches!(case.stage, Stage::ServerHello | Stage::ServerFlight) || middle(case),
        Side::Server => case.stage >= Stage::ServerFlight,
    };
    if let Some(alert) = case.refused(by) {
        // Behind its own Finished a client speaks of certificates only where it says so.
        return match judging || of_certificates(alert) {
            true => Taken::Refused(alert),
            false => Taken::Accepted,
        };
    }
    if case.left(by) && judging && case.ending != Ending::Completed {
        return Taken::Left;
    }
    if by == Side::Server && gone_after_flight(case) {
        return Taken::Left;
    }
    let went_on = match by {
        Side::Client => case.stage > Stage::ServerFlight,
        Side::Server => case.stage == Stage::Complete,
    };
    if went_on { Taken::Accepted } else { Taken::Untold }
}

/// A capture that begins in the middle: the server's Certificate, and no answer of the client to it.
fn middle(case: &Case<'_>) -> bool {
    let answered = case.conversation.events.iter().any(|item| {
        item.from == Side::Client
            && matches!(
                item.kind,
                EventKind::Handshake(_) | EventKind::ChangeCipherSpec | EventKind::Protected(_)
            )
    });
    case.conversation.begins_late && shows(case, Side::Server) && !answered
}

/// In TLS 1.3 the client is ready before its certificate is judged: a server that then closes without
/// having said a word did not take it. Others send tickets or data first.
fn gone_after_flight(case: &Case<'_>) -> bool {
    let Some(shown) = case.conversation.first(Side::Client, HandshakeType::certificate) else { return false };
    let mut after =
        case.conversation.events.iter().skip(shown.index).filter(|item| item.from == Side::Server);
    let first = after.find(|item| !matches!(item.kind, EventKind::Acknowledged));
    case.conversation.is_tls13()
        && first.is_some_and(|item| matches!(item.kind, EventKind::Fin | EventKind::Reset))
}

/// Whether the alert speaks of certificates and of nothing else.
pub(super) fn of_certificates(alert: Alert) -> bool {
    let all = [
        Alert::bad_certificate,
        Alert::unsupported_certificate,
        Alert::certificate_revoked,
        Alert::certificate_expired,
        Alert::certificate_unknown,
        Alert::unknown_ca,
        Alert::certificate_required,
        Alert::bad_certificate_status_response,
    ];
    all.contains(&alert)
}

/// How a certificate that was taken so fits a cause.
pub(super) fn fit(taken: Taken, cause: Cause) -> Fit {
    match taken {
        Taken::Refused(alert) => alert_fit(alert, kind(cause)),
        Taken::Left => Fit::Plausible,
        Taken::Accepted | Taken::Untold => Fit::No,
    }
}

/// Kinds of deviations, as alerts tell them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Expired,
    NotYet,
    Name,
    Issuer,
    Pin,
    Constraint,
    Use,
    Weak,
    Profile,
    Root,
    Signature,
    Form,
    Other,
}

fn kind(cause: Cause) -> Kind {
    match cause {
        Cause::CertExpired | Cause::ClientCertExpired | Cause::ClockWrong => Kind::Expired,
        Cause::CertNotYetValid | Cause::ClientCertNotYetValid => Kind::NotYet,
        Cause::CertNameMismatch | Cause::CertNoSan => Kind::Name,
        Cause::CertUnknownIssuer
        | Cause::CertSelfSigned
        | Cause::CertMissingIntermediate
        | Cause::CertChainOrder
        | Cause::CertIssuerNotCa
        | Cause::CertPathLength
        | Cause::ClientCertUnknownIssuer => Kind::Issuer,
        Cause::PinChangedKey
        | Cause::PinUnknownKey
        | Cause::PinRenewedSameKey
        | Cause::TrustRefusedAfterHandshake => Kind::Pin,
        Cause::CertNameConstraint => Kind::Constraint,
        Cause::CertEku | Cause::CertKeyUsage | Cause::ClientCertEku | Cause::ClientCertKeyUsage => Kind::Use,
        Cause::CertWeakKey
        | Cause::CertWeakSignature
        | Cause::ClientCertWeakKey
        | Cause::ClientCertWeakSignature => Kind::Weak,
        Cause::CertProfile | Cause::ClientCertProfile => Kind::Profile,
        Cause::CertRootExpired => Kind::Root,
        Cause::CertSignatureInvalid => Kind::Signature,
        Cause::MessageMalformed => Kind::Form,
        // The vocabulary is longer than the part of it that chains can have.
        _ => Kind::Other,
    }
}

/// What stacks say. OpenSSL and BoringSSL tell most kinds apart, also Mbed TLS, NSS and rustls;
/// GnuTLS and Go say bad_certificate for nearly all, Java certificate_unknown.
fn alert_fit(alert: Alert, kind: Kind) -> Fit {
    use Kind::{Constraint, Expired, Form, Issuer, Name, NotYet, Pin, Profile, Root, Signature, Use, Weak};
    match (alert, kind) {
        (Alert::certificate_expired, Expired | Root) => Fit::Exact,
        (Alert::certificate_expired, NotYet) => Fit::Plausible,
        (Alert::unknown_ca, Issuer | Pin) => Fit::Exact,
        (Alert::unknown_ca, Signature | Constraint | Root) => Fit::Plausible,
        (Alert::unknown_ca, Weak) => Fit::Weak,
        (Alert::unsupported_certificate, Use) => Fit::Exact,
        (Alert::unsupported_certificate, Weak | Constraint | Profile) => Fit::Plausible,
        (Alert::unsupported_certificate, Issuer) => Fit::Weak,
        (Alert::bad_certificate, Name | Weak | NotYet) => Fit::Exact,
        (Alert::bad_certificate, _) => Fit::Plausible,
        (Alert::certificate_unknown, NotYet | Constraint) => Fit::Exact,
        (Alert::certificate_unknown, _) => Fit::Plausible,
        (Alert::decrypt_error, Signature) => Fit::Exact,
        // Go's RSA finds a small key insecure only when it verifies under it.
        (Alert::decrypt_error, Weak) => Fit::Plausible,
        (Alert::access_denied, Pin) => Fit::Exact,
        (Alert::access_denied, Issuer | Name | Use) => Fit::Plausible,
        (Alert::insufficient_security, Weak) => Fit::Exact,
        (Alert::internal_error, Use) => Fit::Plausible,
        (Alert::internal_error, _) => Fit::Weak,
        (Alert::decode_error, Form) => Fit::Exact,
        (Alert::illegal_parameter, Use | Weak | Form) => Fit::Weak,
        (Alert::handshake_failure | Alert::user_canceled, _) => Fit::Weak,
        // The registry of alerts is open; the rest speaks of other things.
        _ => Fit::No,
    }
}

/// Whether a Certificate of that side is visible unencrypted.
pub(super) fn shows(case: &Case<'_>, of: Side) -> bool {
    case.conversation.first(of, HandshakeType::certificate).is_some()
}

/// Of two grades the less sure one.
pub(super) fn at_most(confidence: Confidence, limit: Confidence) -> Confidence {
    confidence.max(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_narrows() {
        let fit = |alert, cause| fit(Taken::Refused(alert), cause);
        assert_eq!(fit(Alert::certificate_expired, Cause::CertExpired), Fit::Exact);
        assert_eq!(fit(Alert::certificate_expired, Cause::CertSelfSigned), Fit::No);
        assert_eq!(fit(Alert::unknown_ca, Cause::ClientCertUnknownIssuer), Fit::Exact);
        assert_eq!(fit(Alert::decrypt_error, Cause::CertExpired), Fit::No, "it speaks of a signature");
        for vague in [Alert::bad_certificate, Alert::certificate_unknown] {
            assert!(fit(vague, Cause::CertExpired) <= Fit::Plausible);
            assert!(fit(vague, Cause::CertUnknownIssuer) <= Fit::Plausible);
        }
        assert_eq!(super::fit(Taken::Accepted, Cause::CertExpired), Fit::No);
        assert!(of_certificates(Alert::unknown_ca) && !of_certificates(Alert::bad_record_mac));
    }

    #[test]
    fn what_fits_badly_is_merely_possible() {
        assert_eq!(at_most(Confidence::Proved, Fit::Weak.limit()), Confidence::Possible);
        assert_eq!(at_most(Confidence::Inferred, Fit::Exact.limit()), Confidence::Inferred);
    }
}
