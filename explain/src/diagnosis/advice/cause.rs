//! The cause that a fault in a report stands for, and how sure the report makes it. The end that
//! keeps the report saw what it refused; what its peer refused it can often only guess.
//! Long because: it is the list of all faults.

use handclasp_codec::{AlertDescription as Alert, ExtensionType, Field};
use handclasp_report::{
    CertificateFault, Choice, Fault, ShareFault, Side, Signed, StapleFault, Tag, TransportFault,
};

use super::conversation::Conversation;
use super::{client_certificate, foreign};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::Confidence;
use crate::diagnosis::malformed::hello_cause;

/// What it stands for, how sure, and who must act.
pub(super) fn cause(fault: &Fault, conversation: &Conversation<'_>) -> (Cause, Confidence, Party) {
    let (cause, confidence) = of(fault, conversation);
    let side = match (fault, cause) {
        (_, Cause::MessageMalformed | Cause::AlertMalformed) => at(conversation.peer()),
        // The side that requires it can do without.
        (_, Cause::PolicyEmsRequired) => at(conversation.own()),
        // The causes are named after the server's certificate; it is the client's where we are the
        // server.
        (Fault::Certificate(fault), cause)
            if *fault != CertificateFault::NotConfigured
                && matches!(cause.at(), Party::Client | Party::Server) =>
        {
            at(conversation.peer())
        }
        (_, other) => other.at(),
    };
    (cause, confidence, side)
}

/// Whether no cause stands for it: the name of a host that has no address.
pub(super) fn has_none(fault: &Fault) -> bool {
    matches!(fault, Fault::Transport(TransportFault::NoAddress))
}

fn at(side: Side) -> Party {
    match side {
        Side::Client => Party::Client,
        Side::Server => Party::Server,
    }
}

fn of(fault: &Fault, conversation: &Conversation<'_>) -> (Cause, Confidence) {
    match fault {
        Fault::Decode { within, error } => (malformed(*within, error.field), Confidence::Proved),
        Fault::NotTls { first } => not_tls(first),
        Fault::RecordOverflow { .. } => (Cause::RecordTooLarge, Confidence::Proved),
        Fault::MessageTooLarge { .. } | Fault::TooMany { .. } => {
            (Cause::RecordLimitExceeded, Confidence::Observed)
        }
        Fault::MalformedRecord(_) => (Cause::AlertMalformed, Confidence::Proved),
        Fault::UnknownContentType(_)
        | Fault::RecordVersion(_)
        | Fault::EmptyRecord(_)
        | Fault::OnlyPadding
        | Fault::KeyChangeInsideMessage
        | Fault::Flood(_) => (Cause::MessageMalformed, Confidence::Observed),
        Fault::Unexpected { .. } => (Cause::PeerProtocolViolationMissingMessage, Confidence::Inferred),
        Fault::RecordNotAuthentic { handshaking: true, .. } if conversation.uses_psk() => {
            (Cause::PskValueDiffers, Confidence::Inferred)
        }
        Fault::RecordNotAuthentic { handshaking: false, .. } => (Cause::TamperInFlight, Confidence::Inferred),
        Fault::RecordNotAuthentic { .. } | Fault::FinishedInvalid => {
            (Cause::KeyExchangeKeysDiffer, Confidence::Observed)
        }
        Fault::NoCommonVersion { .. } => (Cause::VersionNoneInCommon, Confidence::Proved),
        Fault::NoCommonSuite => (Cause::SuiteNoneInCommon, Confidence::Proved),
        Fault::NoCommonGroup => (Cause::GroupNoneInCommon, Confidence::Proved),
        Fault::NoCommonScheme => (Cause::SigalgNoneInCommon, Confidence::Proved),
        Fault::NoSignatureAlgorithms => (Cause::HelloNoSignatureAlgorithms, Confidence::Observed),
        Fault::CurveNotOffered { .. } => (Cause::CertCurveNotOffered, Confidence::Proved),
        Fault::NoCredential if conversation.offers_only_psk() => {
            (Cause::PskServerHasNone, Confidence::Observed)
        }
        Fault::NoCredential => (Cause::SuiteKeyType, Confidence::Observed),
        Fault::NoCommonAlpn => (Cause::AlpnNoneInCommon, Confidence::Proved),
        Fault::UnrecognizedName => (Cause::SniUnrecognized, Confidence::Observed),
        Fault::NoExtendedMasterSecret => (Cause::PolicyEmsRequired, Confidence::Observed),
        Fault::NoEncryptThenMac => (Cause::SuiteNoneInCommon, Confidence::Observed),
        Fault::InappropriateFallback { .. } => (Cause::PolicyFallbackScsv, Confidence::Observed),
        Fault::NoNullCompression => (Cause::HelloMalformedCompressionMethods, Confidence::Proved),
        Fault::MissingExtension(which) => missing(*which),
        Fault::UnsolicitedExtension(_) | Fault::MisplacedExtension(_) => {
            (Cause::PeerProtocolViolationUnsolicitedExtension, Confidence::Proved)
        }
        Fault::NotOffered { choice, .. } => (not_offered(*choice, conversation), Confidence::Proved),
        Fault::SessionIdNotEchoed => (Cause::PeerProtocolViolationSessionIdEcho, Confidence::Proved),
        Fault::Downgrade { .. } => (Cause::VersionDowngradeAttack, Confidence::Proved),
        Fault::UselessRetry => (Cause::PeerProtocolViolationHrrSameGroup, Confidence::Observed),
        Fault::RetryMismatch(_) => (Cause::TamperInFlight, Confidence::Possible),
        Fault::RenegotiationInfo => (Cause::PolicyRenegotiationInfoRequired, Confidence::Possible),
        Fault::IllegalParameter(_) => (Cause::MessageMalformed, Confidence::Observed),
        Fault::KeyShare { problem, .. } => (share(*problem), Confidence::Proved),
        Fault::SignatureInvalid { signed, .. } => (signature(*signed), Confidence::Proved),
        Fault::SchemeKeyMismatch { signed, .. } => scheme(*signed),
        Fault::BinderInvalid { .. } => (Cause::PskValueDiffers, Confidence::Observed),
        Fault::UnknownPskIdentity => (Cause::PskIdentityUnknown, Confidence::Observed),
        Fault::Certificate(fault) => certificate(fault, conversation),
        Fault::NoCertificate { .. } if conversation.is_client() => {
            (Cause::PeerProtocolViolationMissingMessage, Confidence::Observed)
        }
        Fault::NoCertificate { .. } => (Cause::ClientCertMissing, Confidence::Observed),
        Fault::NoCommonCertificateType => (Cause::SuiteKeyType, Confidence::Possible),
        Fault::PeerAlert(alert) => alerted(*alert, conversation),
        Fault::ClosedInHandshake { .. } | Fault::Truncated { .. } if conversation.is_client() => {
            (Cause::TransportClosedByServer, Confidence::Observed)
        }
        Fault::ClosedInHandshake { .. } | Fault::Truncated { anything_came: true, .. } => {
            (Cause::TransportClosedByClient, Confidence::Observed)
        }
        Fault::Truncated { anything_came: false, .. } => {
            (Cause::TransportClosedBeforeHello, Confidence::Observed)
        }
        Fault::TimedOut { .. } => (Cause::TransportSilent, Confidence::Observed),
        Fault::Transport(how) => transport(*how),
        Fault::CallerRefused
        | Fault::SignerFailed(_)
        | Fault::Misuse(_)
        | Fault::Internal(_)
        | Fault::Encode(_) => (Cause::RefusedUnexplained, Confidence::Observed),
    }
}

fn transport(how: TransportFault) -> (Cause, Confidence) {
    match how {
        TransportFault::Refused => (Cause::TransportRefused, Confidence::Observed),
        TransportFault::Unreachable | TransportFault::ConnectTimedOut => {
            (Cause::TransportSilent, Confidence::Inferred)
        }
        TransportFault::Failed => (Cause::TransportReset, Confidence::Possible),
        TransportFault::NoAddress => (Cause::RefusedUnexplained, Confidence::Possible),
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

fn not_tls(first: &[u8; 5]) -> (Cause, Confidence) {
    match foreign::protocol(first) {
        Some(protocol) => (protocol.cause(), Confidence::Observed),
        None => (Cause::RefusedUnexplained, Confidence::Possible),
    }
}

fn missing(which: ExtensionType) -> (Cause, Confidence) {
    match which {
        ExtensionType::server_name => (Cause::SniMissing, Confidence::Observed),
        ExtensionType::signature_algorithms => (Cause::HelloNoSignatureAlgorithms, Confidence::Observed),
        ExtensionType::supported_groups | ExtensionType::key_share => {
            (Cause::HelloNoSupportedGroups, Confidence::Observed)
        }
        // The registry is open.
        _ => (Cause::PeerProtocolViolationMissingMessage, Confidence::Observed),
    }
}

fn not_offered(choice: Choice, conversation: &Conversation<'_>) -> Cause {
    match choice {
        Choice::Version => Cause::PeerProtocolViolationVersion,
        Choice::Group if conversation.has(Tag::HelloRetry) => Cause::PeerProtocolViolationHrrUnofferedGroup,
        Choice::Scheme if !conversation.is_client() => Cause::ClientCertSchemeNotOffered,
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

fn scheme(signed: Signed) -> (Cause, Confidence) {
    match signed {
        Signed::ClientCertificateVerify => (Cause::ClientCertSchemeKeyMismatch, Confidence::Proved),
        Signed::ServerKeyExchange | Signed::ServerCertificateVerify => {
            (Cause::KeyNotOfCertificate, Confidence::Observed)
        }
    }
}

/// A certificate that the end with the report refused.
fn certificate(fault: &CertificateFault, conversation: &Conversation<'_>) -> (Cause, Confidence) {
    let of_server = conversation.is_client();
    let either = |server, client| if of_server { server } else { client };
    match fault {
        CertificateFault::Malformed { .. } => (Cause::MessageMalformed, Confidence::Proved),
        CertificateFault::Expired { .. } => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Confidence::Proved)
        }
        // No moment lies within its dates, ours neither.
        CertificateFault::NeverValid { .. } => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Confidence::Proved)
        }
        CertificateFault::NotYetValid { .. } => {
            (either(Cause::CertNotYetValid, Cause::ClientCertNotYetValid), Confidence::Proved)
        }
        CertificateFault::UnknownIssuer { self_signed: true } if of_server => {
            (Cause::CertSelfSigned, Confidence::Proved)
        }
        CertificateFault::UnknownIssuer { .. } => {
            (either(Cause::CertUnknownIssuer, Cause::ClientCertUnknownIssuer), Confidence::Observed)
        }
        CertificateFault::NameMismatch { names: 0 } => (Cause::CertNoSan, Confidence::Proved),
        CertificateFault::NameMismatch { .. } => (Cause::CertNameMismatch, Confidence::Proved),
        CertificateFault::SignatureInvalid => (Cause::CertSignatureInvalid, Confidence::Proved),
        CertificateFault::WeakSignature => (Cause::CertWeakSignature, Confidence::Proved),
        CertificateFault::UnsupportedKey => (Cause::CertWeakKey, Confidence::Observed),
        CertificateFault::WrongUsage => (either(Cause::CertEku, Cause::ClientCertEku), Confidence::Proved),
        CertificateFault::ConstraintViolated => (Cause::CertIssuerNotCa, Confidence::Possible),
        CertificateFault::CaUsedAsLeaf => {
            (either(Cause::CertKeyUsage, Cause::ClientCertKeyUsage), Confidence::Possible)
        }
        CertificateFault::Revoked => {
            (either(Cause::CertRevoked, Cause::ClientCertRevoked), Confidence::Observed)
        }
        // Of either side's key: what was pinned is another one.
        CertificateFault::PinMismatch { .. } => (Cause::PinChangedKey, Confidence::Observed),
        // Ours; see `Fault::blame`.
        CertificateFault::PinIsFingerprint { .. } | CertificateFault::NoExpectedName => {
            (Cause::RefusedUnexplained, Confidence::Observed)
        }
        CertificateFault::NotConfigured => (Cause::PskServerHasNone, Confidence::Possible),
        CertificateFault::Budget => (Cause::RecordLimitExceeded, Confidence::Observed),
        CertificateFault::IssuerMayNotSign { .. } => (Cause::CertIssuerNotCa, Confidence::Proved),
        CertificateFault::Staple(StapleFault::Malformed) => (Cause::MessageMalformed, Confidence::Observed),
        // The vocabulary has no cause for a status that proves nothing.
        CertificateFault::NoStaple | CertificateFault::Staple(_) => {
            (Cause::RefusedUnexplained, Confidence::Observed)
        }
        CertificateFault::PathTooLong { .. } => (Cause::CertPathLength, Confidence::Observed),
    }
}

/// An alert of the peer's. What it refuses of a client with a certificate may be that certificate.
fn alerted(alert: Alert, conversation: &Conversation<'_>) -> (Cause, Confidence) {
    let either = |server, client| if conversation.is_client() { client } else { server };
    let psk = conversation.uses_psk() || !conversation.answered() && conversation.offers_psk();
    if let Some(found) = client_certificate::cause(alert, conversation) {
        return found;
    }
    match alert {
        // Our cookie, which no cause of its own is named for.
        Alert::unsupported_extension if conversation.retried_with_cookie() => {
            (Cause::RefusedUnexplained, Confidence::Observed)
        }
        Alert::protocol_version => (Cause::VersionNoneInCommon, Confidence::Observed),
        Alert::no_application_protocol => (Cause::AlpnNoneInCommon, Confidence::Observed),
        Alert::unrecognized_name if conversation.server_name().is_none() => {
            (Cause::SniMissing, Confidence::Inferred)
        }
        Alert::unrecognized_name => (Cause::SniUnrecognized, Confidence::Observed),
        Alert::unknown_psk_identity => (Cause::PskIdentityUnknown, Confidence::Observed),
        Alert::certificate_required => (Cause::ClientCertMissing, Confidence::Observed),
        Alert::inappropriate_fallback => (Cause::PolicyFallbackScsv, Confidence::Observed),
        Alert::unknown_ca => {
            (either(Cause::CertUnknownIssuer, Cause::ClientCertUnknownIssuer), Confidence::Inferred)
        }
        Alert::certificate_expired => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Confidence::Observed)
        }
        Alert::certificate_revoked => {
            (either(Cause::CertRevoked, Cause::ClientCertRevoked), Confidence::Observed)
        }
        Alert::bad_record_mac | Alert::decrypt_error | Alert::illegal_parameter if psk => {
            (Cause::PskValueDiffers, Confidence::Inferred)
        }
        Alert::bad_record_mac => (Cause::KeyExchangeKeysDiffer, Confidence::Possible),
        Alert::record_overflow => (Cause::RecordLimitExceeded, Confidence::Possible),
        Alert::handshake_failure if psk && conversation.offers_only_psk() => {
            (Cause::PskServerHasNone, Confidence::Possible)
        }
        // The registry is open, and the other alerts have too many causes.
        _ => (Cause::RefusedUnexplained, Confidence::Possible),
    }
}
