//! The cause that a fault in a report stands for, and how sure the report makes it. The end that
//! keeps the report saw what it refused; what its peer refused it can often only guess.
//! Long because: it is the list of all faults.

use handclasp_codec::{AlertDescription as Alert, ExtensionType, Field};
use handclasp_report::{
    CertificateFault, Choice, Fault, ShareFault, Side, Signed, StapleFault, Tag, TransportFault,
};

use super::story::Story;
use super::{client_certificate, foreign};
use crate::diagnosis::cause::{At, Cause};
use crate::diagnosis::finding::Grade;
use crate::diagnosis::malformed::hello_cause;

/// What it stands for, how sure, and who must act.
pub(super) fn cause(fault: &Fault, story: &Story<'_>) -> (Cause, Grade, At) {
    let (cause, grade) = of(fault, story);
    let side = match (fault, cause) {
        (_, Cause::MessageMalformed | Cause::AlertMalformed) => at(story.peer()),
        // The side that requires it can do without.
        (_, Cause::PolicyEmsRequired) => at(story.own()),
        // The causes are named after the server's certificate; it is the client's where we are the
        // server.
        (Fault::Certificate(fault), cause)
            if *fault != CertificateFault::NotConfigured && matches!(cause.at(), At::Client | At::Server) =>
        {
            at(story.peer())
        }
        (_, other) => other.at(),
    };
    (cause, grade, side)
}

/// Whether no cause stands for it: the name of a host that has no address.
pub(super) fn has_none(fault: &Fault) -> bool {
    matches!(fault, Fault::Transport(TransportFault::NoAddress))
}

fn at(side: Side) -> At {
    match side {
        Side::Client => At::Client,
        Side::Server => At::Server,
    }
}

fn of(fault: &Fault, story: &Story<'_>) -> (Cause, Grade) {
    match fault {
        Fault::Decode { within, error } => (malformed(*within, error.field), Grade::Proved),
        Fault::NotTls { first } => not_tls(first),
        Fault::RecordOverflow { .. } => (Cause::RecordTooLarge, Grade::Proved),
        Fault::MessageTooLarge { .. } | Fault::TooMany { .. } => {
            (Cause::RecordLimitExceeded, Grade::Observed)
        }
        Fault::MalformedRecord(_) => (Cause::AlertMalformed, Grade::Proved),
        Fault::UnknownContentType(_)
        | Fault::RecordVersion(_)
        | Fault::EmptyRecord(_)
        | Fault::OnlyPadding
        | Fault::KeyChangeInsideMessage
        | Fault::Flood(_) => (Cause::MessageMalformed, Grade::Observed),
        Fault::Unexpected { .. } => (Cause::PeerProtocolViolationMissingMessage, Grade::Inferred),
        Fault::RecordNotAuthentic { handshaking: true, .. } if story.uses_psk() => {
            (Cause::PskValueDiffers, Grade::Inferred)
        }
        Fault::RecordNotAuthentic { handshaking: false, .. } => (Cause::TamperInFlight, Grade::Inferred),
        Fault::RecordNotAuthentic { .. } | Fault::FinishedInvalid => {
            (Cause::KeyExchangeKeysDiffer, Grade::Observed)
        }
        Fault::NoCommonVersion { .. } => (Cause::VersionNoneInCommon, Grade::Proved),
        Fault::NoCommonSuite => (Cause::SuiteNoneInCommon, Grade::Proved),
        Fault::NoCommonGroup => (Cause::GroupNoneInCommon, Grade::Proved),
        Fault::NoCommonScheme => (Cause::SigalgNoneInCommon, Grade::Proved),
        Fault::NoSignatureAlgorithms => (Cause::HelloNoSignatureAlgorithms, Grade::Observed),
        Fault::CurveNotOffered { .. } => (Cause::CertCurveNotOffered, Grade::Proved),
        Fault::NoCredential if story.offers_only_psk() => (Cause::PskServerHasNone, Grade::Observed),
        Fault::NoCredential => (Cause::SuiteKeyType, Grade::Observed),
        Fault::NoCommonAlpn => (Cause::AlpnNoneInCommon, Grade::Proved),
        Fault::UnrecognizedName => (Cause::SniUnrecognized, Grade::Observed),
        Fault::NoExtendedMasterSecret => (Cause::PolicyEmsRequired, Grade::Observed),
        Fault::NoEncryptThenMac => (Cause::SuiteNoneInCommon, Grade::Observed),
        Fault::InappropriateFallback { .. } => (Cause::PolicyFallbackScsv, Grade::Observed),
        Fault::NoNullCompression => (Cause::HelloMalformedCompressionMethods, Grade::Proved),
        Fault::MissingExtension(which) => missing(*which),
        Fault::UnsolicitedExtension(_) | Fault::MisplacedExtension(_) => {
            (Cause::PeerProtocolViolationUnsolicitedExtension, Grade::Proved)
        }
        Fault::NotOffered { choice, .. } => (not_offered(*choice, story), Grade::Proved),
        Fault::SessionIdNotEchoed => (Cause::PeerProtocolViolationSessionIdEcho, Grade::Proved),
        Fault::Downgrade { .. } => (Cause::VersionDowngradeAttack, Grade::Proved),
        Fault::UselessRetry => (Cause::PeerProtocolViolationHrrSameGroup, Grade::Observed),
        Fault::RetryMismatch(_) => (Cause::TamperInFlight, Grade::Possible),
        Fault::RenegotiationInfo => (Cause::PolicyRenegotiationInfoRequired, Grade::Possible),
        Fault::IllegalParameter(_) => (Cause::MessageMalformed, Grade::Observed),
        Fault::KeyShare { problem, .. } => (share(*problem), Grade::Proved),
        Fault::SignatureInvalid { signed, .. } => (signature(*signed), Grade::Proved),
        Fault::SchemeKeyMismatch { signed, .. } => scheme(*signed),
        Fault::BinderInvalid { .. } => (Cause::PskValueDiffers, Grade::Observed),
        Fault::UnknownPskIdentity => (Cause::PskIdentityUnknown, Grade::Observed),
        Fault::Certificate(fault) => certificate(fault, story),
        Fault::NoCertificate { .. } if story.is_client() => {
            (Cause::PeerProtocolViolationMissingMessage, Grade::Observed)
        }
        Fault::NoCertificate { .. } => (Cause::ClientCertMissing, Grade::Observed),
        Fault::NoCommonCertificateType => (Cause::SuiteKeyType, Grade::Possible),
        Fault::PeerAlert(alert) => alerted(*alert, story),
        Fault::ClosedInHandshake { .. } | Fault::Truncated { .. } if story.is_client() => {
            (Cause::TransportClosedByServer, Grade::Observed)
        }
        Fault::ClosedInHandshake { .. } | Fault::Truncated { anything_came: true, .. } => {
            (Cause::TransportClosedByClient, Grade::Observed)
        }
        Fault::Truncated { anything_came: false, .. } => (Cause::TransportClosedBeforeHello, Grade::Observed),
        Fault::TimedOut { .. } => (Cause::TransportSilent, Grade::Observed),
        Fault::Transport(how) => transport(*how),
        Fault::CallerRefused
        | Fault::SignerFailed(_)
        | Fault::Misuse(_)
        | Fault::Internal(_)
        | Fault::Encode(_) => (Cause::RefusedUnexplained, Grade::Observed),
    }
}

fn transport(how: TransportFault) -> (Cause, Grade) {
    match how {
        TransportFault::Refused => (Cause::TransportRefused, Grade::Observed),
        TransportFault::Unreachable | TransportFault::ConnectTimedOut => {
            (Cause::TransportSilent, Grade::Inferred)
        }
        TransportFault::Failed => (Cause::TransportReset, Grade::Possible),
        TransportFault::NoAddress => (Cause::RefusedUnexplained, Grade::Possible),
    }
}

fn share(problem: ShareFault) -> Cause {
    match problem {
        ShareFault::Refused => Cause::KeyExchangePointNotOnCurve,
        ShareFault::Length { .. } | ShareFault::NotAsOffered => Cause::MessageMalformed,
    }
}

fn malformed(within: Field, field: Field) -> Cause {
    match within == Field::client_hello {
        true => hello_cause(field),
        false => Cause::MessageMalformed,
    }
}

fn not_tls(first: &[u8; 5]) -> (Cause, Grade) {
    match foreign::protocol(first) {
        Some(protocol) => (protocol.cause(), Grade::Observed),
        None => (Cause::RefusedUnexplained, Grade::Possible),
    }
}

fn missing(which: ExtensionType) -> (Cause, Grade) {
    match which {
        ExtensionType::server_name => (Cause::SniMissing, Grade::Observed),
        ExtensionType::signature_algorithms => (Cause::HelloNoSignatureAlgorithms, Grade::Observed),
        ExtensionType::supported_groups | ExtensionType::key_share => {
            (Cause::HelloNoSupportedGroups, Grade::Observed)
        }
        // The registry is open.
        _ => (Cause::PeerProtocolViolationMissingMessage, Grade::Observed),
    }
}

fn not_offered(choice: Choice, story: &Story<'_>) -> Cause {
    match choice {
        Choice::Version => Cause::PeerProtocolViolationVersion,
        Choice::Group if story.has(Tag::HelloRetry) => Cause::PeerProtocolViolationHrrUnofferedGroup,
        Choice::Scheme if !story.is_client() => Cause::ClientCertSchemeNotOffered,
        Choice::Scheme => Cause::SigalgNoneInCommon,
        Choice::Suite
        | Choice::Group
        | Choice::Psk
        | Choice::Alpn
        | Choice::Compression
        | Choice::CertificateType => Cause::PeerProtocolViolationUnofferedSuite,
    }
}

fn signature(signed: Signed) -> Cause {
    match signed {
        Signed::ClientCertificateVerify => Cause::ClientCertSignatureInvalid,
        Signed::ServerKeyExchange | Signed::ServerCertificateVerify => Cause::KeyExchangeSignatureInvalid,
    }
}

fn scheme(signed: Signed) -> (Cause, Grade) {
    match signed {
        Signed::ClientCertificateVerify => (Cause::ClientCertSchemeKeyMismatch, Grade::Proved),
        Signed::ServerKeyExchange | Signed::ServerCertificateVerify => {
            (Cause::KeyNotOfCertificate, Grade::Observed)
        }
    }
}

/// A certificate that the end with the report refused.
fn certificate(fault: &CertificateFault, story: &Story<'_>) -> (Cause, Grade) {
    let of_server = story.is_client();
    let either = |server, client| if of_server { server } else { client };
    match fault {
        CertificateFault::Malformed { .. } => (Cause::MessageMalformed, Grade::Proved),
        CertificateFault::Expired { .. } => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Grade::Proved)
        }
        // No moment lies within its dates, ours neither.
        CertificateFault::NeverValid { .. } => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Grade::Proved)
        }
        CertificateFault::NotYetValid { .. } => {
            (either(Cause::CertNotYetValid, Cause::ClientCertNotYetValid), Grade::Proved)
        }
        CertificateFault::UnknownIssuer { self_signed: true } if of_server => {
            (Cause::CertSelfSigned, Grade::Proved)
        }
        CertificateFault::UnknownIssuer { .. } => {
            (either(Cause::CertUnknownIssuer, Cause::ClientCertUnknownIssuer), Grade::Observed)
        }
        CertificateFault::NameMismatch { names: 0 } => (Cause::CertNoSan, Grade::Proved),
        CertificateFault::NameMismatch { .. } => (Cause::CertNameMismatch, Grade::Proved),
        CertificateFault::SignatureInvalid => (Cause::CertSignatureInvalid, Grade::Proved),
        CertificateFault::WeakSignature => (Cause::CertWeakSignature, Grade::Proved),
        CertificateFault::UnsupportedKey => (Cause::CertWeakKey, Grade::Observed),
        CertificateFault::WrongUsage => (either(Cause::CertEku, Cause::ClientCertEku), Grade::Proved),
        CertificateFault::ConstraintViolated => (Cause::CertIssuerNotCa, Grade::Possible),
        CertificateFault::CaUsedAsLeaf => {
            (either(Cause::CertKeyUsage, Cause::ClientCertKeyUsage), Grade::Possible)
        }
        CertificateFault::Revoked => (either(Cause::CertRevoked, Cause::ClientCertRevoked), Grade::Observed),
        // Of either side's key: what was pinned is another one.
        CertificateFault::PinMismatch { .. } => (Cause::PinChangedKey, Grade::Observed),
        // Ours; see `Fault::blame`.
        CertificateFault::PinIsFingerprint { .. } | CertificateFault::NoExpectedName => {
            (Cause::RefusedUnexplained, Grade::Observed)
        }
        CertificateFault::NotConfigured => (Cause::PskServerHasNone, Grade::Possible),
        CertificateFault::Budget => (Cause::RecordLimitExceeded, Grade::Observed),
        CertificateFault::IssuerMayNotSign { .. } => (Cause::CertIssuerNotCa, Grade::Proved),
        CertificateFault::Staple(StapleFault::Malformed) => (Cause::MessageMalformed, Grade::Observed),
        // The vocabulary has no cause for a status that proves nothing.
        CertificateFault::NoStaple | CertificateFault::Staple(_) => {
            (Cause::RefusedUnexplained, Grade::Observed)
        }
        CertificateFault::PathTooLong { .. } => (Cause::CertPathLength, Grade::Observed),
    }
}

/// An alert of the peer's. What it refuses of a client with a certificate may be that certificate.
fn alerted(alert: Alert, story: &Story<'_>) -> (Cause, Grade) {
    let either = |server, client| if story.is_client() { client } else { server };
    let psk = story.uses_psk() || !story.answered() && story.offers_psk();
    if let Some(found) = client_certificate::cause(alert, story) {
        return found;
    }
    match alert {
        // Our cookie, which no cause of its own is named for.
        Alert::unsupported_extension if story.retried_with_cookie() => {
            (Cause::RefusedUnexplained, Grade::Observed)
        }
        Alert::protocol_version => (Cause::VersionNoneInCommon, Grade::Observed),
        Alert::no_application_protocol => (Cause::AlpnNoneInCommon, Grade::Observed),
        Alert::unrecognized_name if story.server_name().is_none() => (Cause::SniMissing, Grade::Inferred),
        Alert::unrecognized_name => (Cause::SniUnrecognized, Grade::Observed),
        Alert::unknown_psk_identity => (Cause::PskIdentityUnknown, Grade::Observed),
        Alert::certificate_required => (Cause::ClientCertMissing, Grade::Observed),
        Alert::inappropriate_fallback => (Cause::PolicyFallbackScsv, Grade::Observed),
        Alert::unknown_ca => {
            (either(Cause::CertUnknownIssuer, Cause::ClientCertUnknownIssuer), Grade::Inferred)
        }
        Alert::certificate_expired => (either(Cause::CertExpired, Cause::ClientCertExpired), Grade::Observed),
        Alert::certificate_revoked => (either(Cause::CertRevoked, Cause::ClientCertRevoked), Grade::Observed),
        Alert::bad_record_mac | Alert::decrypt_error | Alert::illegal_parameter if psk => {
            (Cause::PskValueDiffers, Grade::Inferred)
        }
        Alert::bad_record_mac => (Cause::KeyExchangeKeysDiffer, Grade::Possible),
        Alert::record_overflow => (Cause::RecordLimitExceeded, Grade::Possible),
        Alert::handshake_failure if psk && story.offers_only_psk() => {
            (Cause::PskServerHasNone, Grade::Possible)
        }
        // The registry is open, and the other alerts have too many causes.
        _ => (Cause::RefusedUnexplained, Grade::Possible),
    }
}
