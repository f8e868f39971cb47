//! An alert among the bytes: what it means in the light of the hello that it answers.
//!
//! Called by: `lib.rs`, where nothing is malformed.

use handclasp_codec::{
    AlertDescription as Alert, ClientHello, Decode as _, ExtensionType, Field, HandshakeType,
};
use handclasp_report::Named;

use crate::Cause;
use crate::dissect::{Dissection, Kind};
use crate::finding::{Finding, Grade, Severity};
use crate::suite::is_psk;

const FATAL: u8 = 2;

/// The first fatal alert, if there is one. What the hello lacks becomes the cause where the
/// alert fits.
pub(crate) fn refusal(found: &Dissection, lacking: &mut [Finding]) -> Option<Finding> {
    let (place, alert) = found.messages.iter().find_map(|message| match message.kind {
        Kind::Alert(level, description) if level == FATAL => {
            Some((message.range.clone(), Alert(description)))
        }
        Kind::Alert(..) | Kind::Handshake(_) => None,
    })?;
    let came = |msg_type| found.messages.iter().find(|message| message.kind == Kind::Handshake(msg_type));
    let answered = came(HandshakeType::server_hello).is_some();
    let hello = came(HandshakeType::client_hello).and_then(|message| message.bytes.get(4..));
    let hello = hello.and_then(|body| ClientHello::from_bytes(body, Field::client_hello).ok());
    let named = hello.as_ref().is_some_and(|hello| hello.extensions.server_name.is_some());
    let offered = |extension| {
        hello.as_ref().is_some_and(|hello| hello.extensions.types().any(|found| found == extension))
    };
    let psk = offered(ExtensionType::pre_shared_key) || found.context().cipher_suite.is_some_and(is_psk);
    // Bytes of the server alone: it is the client's certificate that displeases.
    let of_client = answered && hello.is_none();

    let wanted = [Cause::HelloNoSupportedGroups, Cause::HelloNoSignatureAlgorithms];
    let refused_for_want = !answered && matches!(alert, Alert::handshake_failure | Alert::missing_extension);
    if refused_for_want && lacking.iter().any(|finding| wanted.contains(&finding.cause)) {
        for finding in lacking.iter_mut().filter(|finding| wanted.contains(&finding.cause)) {
            finding.severity = Severity::Failure;
            finding.grade = Grade::Inferred;
            finding.evidence.push(format!("the server answers with the alert {}", Named(alert)));
        }
        return None;
    }
    let (cause, grade) = match alert {
        Alert::protocol_version => (Cause::VersionNoneInCommon, Grade::Observed),
        Alert::no_application_protocol => (Cause::AlpnNoneInCommon, Grade::Observed),
        Alert::unrecognized_name if named => (Cause::SniUnrecognized, Grade::Observed),
        Alert::unrecognized_name | Alert::missing_extension if !named && hello.is_some() => {
            (Cause::SniMissing, Grade::Inferred)
        }
        Alert::unknown_psk_identity => (Cause::PskIdentityUnknown, Grade::Observed),
        Alert::unknown_ca if of_client => (Cause::ClientCertUnknownIssuer, Grade::Inferred),
        Alert::certificate_expired if of_client => (Cause::ClientCertExpired, Grade::Observed),
        Alert::certificate_revoked if of_client => (Cause::ClientCertRevoked, Grade::Observed),
        Alert::unknown_ca => (Cause::CertUnknownIssuer, Grade::Inferred),
        Alert::certificate_expired => (Cause::CertExpired, Grade::Observed),
        Alert::certificate_revoked => (Cause::CertRevoked, Grade::Observed),
        Alert::certificate_required => (Cause::ClientCertMissing, Grade::Observed),
        Alert::inappropriate_fallback => (Cause::PolicyFallbackScsv, Grade::Observed),
        Alert::bad_record_mac | Alert::decrypt_error | Alert::illegal_parameter if psk => {
            (Cause::PskValueDiffers, Grade::Possible)
        }
        Alert::bad_record_mac => (Cause::KeyExchangeKeysDiffer, Grade::Possible),
        // The registry is open, and the other alerts have too many causes.
        _ => (Cause::RefusedUnexplained, Grade::Possible),
    };
    let summary = format!("The handshake is refused with the alert {}.", Named(alert));
    Some(Finding::failure(cause, grade, summary).evidence(cause.meaning()).at(place))
}
