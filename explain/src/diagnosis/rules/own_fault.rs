//! What our own side knows for certain: the fault in its report. Stronger than any inference from
//! offers and endings, which the other rules make of what the peer refused.
//! Long because: it is the list of all faults.

use handclasp_codec::{ExtensionType, Field};
use handclasp_report::{
    CertificateFault, Choice, Fault, ShareFault, Side, Signed, StapleFault, Tag, TransportFault,
};

use super::Case;
use crate::conversation::from_report::Notes;
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::malformed::hello_cause;

/// The finding of a report whose fault is certain.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    let reported = case.conversation.reported.as_ref()?;
    let fault = reported.report.why().filter(is_certain)?;
    let notes = reported.notes();
    let (cause, confidence) = of(&fault, notes);
    let sentence = reported.report.sentence(&fault).to_string();
    Some(Finding::failure(cause, confidence, sentence).side(side(&fault, cause, notes)))
}

/// Whether our own side knows the reason: it refused, failed, or found no connection. What the peer
/// refused, and why it left, is for the other rules.
pub(crate) fn is_certain(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::PeerAlert(_)
            | Fault::ClosedInHandshake { .. }
            | Fault::Truncated { expected: Some(_), .. }
            | Fault::TimedOut { .. }
            | Fault::NotTls { .. }
    )
}

/// Which side must act.
fn side(fault: &Fault, cause: Cause, notes: Notes<'_>) -> Party {
    match (fault, cause) {
        (_, Cause::MessageMalformed | Cause::AlertMalformed) => at(notes.peer()),
        // The side that requires it can do without.
        (_, Cause::PolicyEmsRequired) => at(notes.own()),
        // The server has keys alone, and the client offers none: the key belongs on both sides.
        (_, Cause::SuiteKeyType) if notes.has(Tag::PskAlone) && !notes.offers_psk() => Party::Config,
        // The causes are named after the server's certificate; it is the client's where we are the
        // server.
        (Fault::Certificate(fault), cause)
            if *fault != CertificateFault::NotConfigured
                && matches!(cause.at(), Party::Client | Party::Server) =>
        {
            at(notes.peer())
        }
        (_, other) => other.at(),
    }
}

/// Whether no cause stands for it: the name of a host that has no address.
pub(crate) fn has_no_cause(fault: &Fault) -> bool {
    matches!(fault, Fault::Transport(TransportFault::NoAddress))
}

fn at(side: Side) -> Party {
    match side {
        Side::Client => Party::Client,
        Side::Server => Party::Server,
    }
}

fn of(fault: &Fault, notes: Notes<'_>) -> (Cause, Confidence) {
    match fault {
        Fault::Decode { within, field, .. } => (malformed(*within, *field), Confidence::Proved),
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
        Fault::RecordNotAuthentic { handshaking: true, .. } if notes.uses_psk() => {
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
        Fault::NoCredential if notes.offers_only_psk() => (Cause::PskServerHasNone, Confidence::Observed),
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
        Fault::NotOffered { choice, .. } => (not_offered(*choice, notes), Confidence::Proved),
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
        Fault::Certificate(fault) => certificate(fault, notes),
        Fault::NoCertificate { .. } if notes.is_client() => {
            (Cause::PeerProtocolViolationMissingMessage, Confidence::Observed)
        }
        Fault::NoCertificate { .. } => (Cause::ClientCertMissing, Confidence::Observed),
        Fault::NoCommonCertificateType => (Cause::SuiteKeyType, Confidence::Possible),
        Fault::Truncated { .. } if notes.is_client() => {
            (Cause::TransportClosedByServer, Confidence::Observed)
        }
        Fault::Truncated { .. } => (Cause::TransportClosedByClient, Confidence::Observed),
        Fault::Transport(how) => transport(*how),
        // CallerRefused, SignerFailed, PskUnavailable, Misuse, Internal, Encode: nothing of the peer. NotTls, PeerAlert,
        // ClosedInHandshake, TimedOut: not certain, for the other rules. The test over all samples lists
        // them, so that a new fault does not end here unseen.
        _ => (Cause::RefusedUnexplained, Confidence::Observed),
    }
}

fn transport(how: TransportFault) -> (Cause, Confidence) {
    match how {
        TransportFault::Refused => (Cause::TransportRefused, Confidence::Observed),
        TransportFault::Unreachable | TransportFault::ConnectTimedOut => {
            (Cause::TransportSilent, Confidence::Inferred)
        }
        TransportFault::Failed => (Cause::TransportReset, Confidence::Possible),
        // NoAddress.
        _ => (Cause::RefusedUnexplained, Confidence::Possible),
    }
}

fn share(problem: ShareFault) -> Cause {
    match problem {
        ShareFault::Refused => Cause::KeyExchangePointNotOnCurve,
        // Length, NotAsOffered.
        _ => Cause::MessageMalformed,
    }
}

fn malformed(within: Field, field: Field) -> Cause {
    match within == Field::client_hello {
        true => hello_cause(field),
        false => Cause::MessageMalformed,
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

fn not_offered(choice: Choice, notes: Notes<'_>) -> Cause {
    match choice {
        Choice::Version => Cause::PeerProtocolViolationVersion,
        Choice::Group if notes.has(Tag::HelloRetry) => Cause::PeerProtocolViolationHrrUnofferedGroup,
        Choice::Scheme if !notes.is_client() => Cause::ClientCertSchemeNotOffered,
        Choice::Scheme => Cause::SigalgNoneInCommon,
        // Suite, Group, Psk, Alpn, Compression, CertificateType.
        _ => Cause::PeerProtocolViolationUnofferedSuite,
    }
}

fn signature(signed: Signed) -> Cause {
    match signed {
        Signed::ClientCertificateVerify => Cause::ClientCertSignatureInvalid,
        // ServerKeyExchange, ServerCertificateVerify.
        _ => Cause::KeyExchangeSignatureInvalid,
    }
}

fn scheme(signed: Signed) -> (Cause, Confidence) {
    match signed {
        Signed::ClientCertificateVerify => (Cause::ClientCertSchemeKeyMismatch, Confidence::Proved),
        // ServerKeyExchange, ServerCertificateVerify.
        _ => (Cause::KeyNotOfCertificate, Confidence::Observed),
    }
}

/// A certificate that the end with the report refused.
fn certificate(fault: &CertificateFault, notes: Notes<'_>) -> (Cause, Confidence) {
    let of_server = notes.is_client();
    let either = |server, client| if of_server { server } else { client };
    match fault {
        CertificateFault::Malformed { .. } => (Cause::MessageMalformed, Confidence::Proved),
        CertificateFault::Expired => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Confidence::Proved)
        }
        // No moment lies within its dates, ours neither.
        CertificateFault::NeverValid { .. } => {
            (either(Cause::CertExpired, Cause::ClientCertExpired), Confidence::Proved)
        }
        CertificateFault::NotYetValid => {
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
        CertificateFault::PinMismatch => (Cause::PinChangedKey, Confidence::Observed),
        CertificateFault::NotKnown => (Cause::PinUnknownKey, Confidence::Observed),
        CertificateFault::NotListed => (Cause::ClientCertNotAllowed, Confidence::Observed),
        // Ours; see `Fault::blame`.
        CertificateFault::PinIsFingerprint | CertificateFault::NoExpectedName => {
            (Cause::RefusedUnexplained, Confidence::Observed)
        }
        CertificateFault::NotConfigured => (Cause::PskServerHasNone, Confidence::Possible),
        CertificateFault::Budget => (Cause::RecordLimitExceeded, Confidence::Observed),
        CertificateFault::IssuerMayNotSign { .. } => (Cause::CertIssuerNotCa, Confidence::Proved),
        CertificateFault::Staple(StapleFault::Malformed) => (Cause::MessageMalformed, Confidence::Observed),
        CertificateFault::PathTooLong { .. } => (Cause::CertPathLength, Confidence::Observed),
        CertificateFault::Crl(_) => (Cause::CertRevocationUnknown, Confidence::Observed),
        // NoStaple, Staple: the vocabulary has no cause for a status that proves nothing.
        _ => (Cause::RefusedUnexplained, Confidence::Observed),
    }
}
