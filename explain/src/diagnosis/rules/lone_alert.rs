//! An alert without the hello that it answers: in a log, in pasted bytes, in a capture that begins
//! late. Little is known then, but for alerts that have one meaning.

use handclasp_codec::AlertDescription as Alert;
use handclasp_report::Named;

use super::{Case, Side, end};
use crate::conversation::{Ending, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Ending::Refused { by, alert, .. } = case.ending else { return Vec::new() };
    if case.stage != Stage::Nothing {
        return Vec::new();
    }
    let (cause, confidence) = self::cause(alert, by);
    let aborts =
        format!("The {} aborts the handshake with the {}: alert {}", end(by), end(by.other()), Named(alert));
    let summary = match cause {
        Cause::RefusedUnexplained => format!("{aborts}."),
        _ => format!("{aborts}, which stands for: {}.", cause.meaning()),
    };
    vec![Finding::failure(cause, confidence, summary).evidence(case.ended())]
}

/// What an alert alone says: little, but for those that have one meaning.
pub(super) fn cause(alert: Alert, from: Side) -> (Cause, Confidence) {
    let of_client = from == Side::Server;
    match alert {
        Alert::protocol_version => (Cause::VersionNoneInCommon, Confidence::Observed),
        Alert::no_application_protocol => (Cause::AlpnNoneInCommon, Confidence::Observed),
        Alert::unrecognized_name => (Cause::SniUnrecognized, Confidence::Possible),
        Alert::unknown_psk_identity => (Cause::PskIdentityUnknown, Confidence::Observed),
        Alert::certificate_required => (Cause::ClientCertMissing, Confidence::Observed),
        Alert::inappropriate_fallback => (Cause::PolicyFallbackScsv, Confidence::Observed),
        Alert::certificate_expired if of_client => (Cause::ClientCertExpired, Confidence::Observed),
        Alert::certificate_expired => (Cause::CertExpired, Confidence::Observed),
        Alert::certificate_revoked if of_client => (Cause::ClientCertRevoked, Confidence::Observed),
        Alert::certificate_revoked => (Cause::CertRevoked, Confidence::Observed),
        Alert::unknown_ca if of_client => (Cause::ClientCertUnknownIssuer, Confidence::Possible),
        Alert::unknown_ca => (Cause::CertUnknownIssuer, Confidence::Possible),
        Alert::record_overflow => (Cause::RecordTooLarge, Confidence::Possible),
        Alert::decrypt_error if of_client => (Cause::ClientCertSignatureInvalid, Confidence::Possible),
        Alert::decrypt_error => (Cause::KeyExchangeSignatureInvalid, Confidence::Possible),
        // The registry is open, and the other alerts have too many causes.
        _ => (Cause::RefusedUnexplained, Confidence::Possible),
    }
}
