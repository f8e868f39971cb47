//! The alert that follows from a fault (RFC 8446 §6.2, RFC 5246 §7.2.2): the one place where
//! it is decided. `None`: nothing is sent, since the peer or the transport is already gone.
//! Long because: it is the list of all faults.

use handclasp_codec::{AlertDescription as Alert, Problem, ProtocolVersion};

use crate::{CertificateFault, Fault, Misuse};

impl Fault {
    /// The alert to send, always fatal except close_notify and user_canceled.
    pub fn alert(&self) -> Option<Alert> {
        Some(match self {
            // It reads well and stands in the wrong place (RFC 8446 §4.2.11).
            Self::Decode { problem: Problem::NotLast, .. } => Alert::illegal_parameter,
            Self::Decode { .. } => Alert::decode_error,
            Self::Unexpected { .. }
            | Self::NotTls { .. }
            | Self::UnknownContentType(_)
            | Self::EmptyRecord(_)
            | Self::OnlyPadding
            | Self::MalformedRecord(_)
            | Self::KeyChangeInsideMessage
            | Self::Flood(_)
            | Self::UselessRetry => Alert::unexpected_message,
            Self::RecordVersion(_) | Self::NoCommonVersion { .. } => Alert::protocol_version,
            Self::RecordOverflow { .. } => Alert::record_overflow,
            Self::RecordNotAuthentic { .. } => Alert::bad_record_mac,
            Self::NoCommonSuite
            | Self::NoCommonGroup
            | Self::NoCommonScheme
            | Self::NoSignatureAlgorithms
            | Self::CurveNotOffered { .. }
            | Self::NoCredential
            | Self::NoExtendedMasterSecret
            | Self::NoEncryptThenMac
            | Self::RenegotiationInfo => Alert::handshake_failure,
            Self::NoCommonAlpn => Alert::no_application_protocol,
            Self::UnrecognizedName => Alert::unrecognized_name,
            Self::InappropriateFallback { .. } => Alert::inappropriate_fallback,
            Self::MissingExtension(_) => Alert::missing_extension,
            Self::UnsolicitedExtension(_) => Alert::unsupported_extension,
            Self::MisplacedExtension(_)
            | Self::NoNullCompression
            | Self::NotOffered { .. }
            | Self::SessionIdNotEchoed
            | Self::Downgrade { .. }
            | Self::RetryMismatch(_)
            | Self::IllegalParameter(_)
            | Self::KeyShare { .. }
            | Self::SchemeKeyMismatch { .. } => Alert::illegal_parameter,
            Self::SignatureInvalid { .. } | Self::FinishedInvalid | Self::BinderInvalid { .. } => {
                Alert::decrypt_error
            }
            Self::UnknownPskIdentity => Alert::unknown_psk_identity,
            Self::Certificate(fault) => fault.alert(),
            // RFC 8446 §4.4.2.4; RFC 5246 §7.4.6.
            Self::NoCertificate { version: ProtocolVersion::TLS_1_3 } => Alert::certificate_required,
            Self::NoCertificate { .. } => Alert::handshake_failure,
            // RFC 7250 §4.2.
            Self::NoCommonCertificateType => Alert::unsupported_certificate,
            Self::PeerAlert(_)
            | Self::ClosedInHandshake { .. }
            | Self::Truncated { .. }
            | Self::Transport(_) => return None,
            // Nothing about the protocol failed (RFC 8446 §6.1).
            Self::TimedOut { .. } | Self::Misuse(Misuse::NonBlocking) => Alert::user_canceled,
            // Parameters that the peer offers or requires, and this program cannot do.
            Self::Misuse(Misuse::NotBuilt(_)) => Alert::handshake_failure,
            Self::CallerRefused => Alert::access_denied,
            Self::Misuse(
                Misuse::Closed | Misuse::NotConnected | Misuse::InvalidInput(_) | Misuse::NoExporter,
            ) => return None,
            Self::Misuse(
                Misuse::ConfigurationChanged
                | Misuse::WrongAnswer
                | Misuse::NothingToOffer
                | Misuse::VersionNotListed
                | Misuse::NobodyTrusted
                | Misuse::NoExpectedName,
            )
            | Self::SignerFailed(_)
            // A bound of ours says nothing about the peer's bytes (RFC 8446 §6.2).
            | Self::TooMany { .. }
            | Self::MessageTooLarge { .. }
            | Self::Internal(_)
            | Self::Encode(_) => Alert::internal_error,
        })
    }
}

impl CertificateFault {
    /// The alert of RFC 8446 §6.2.
    pub fn alert(&self) -> Alert {
        match self {
            Self::Malformed { .. }
            | Self::SignatureInvalid
            | Self::NameMismatch { .. }
            | Self::ConstraintViolated
            | Self::IssuerMayNotSign { .. }
            | Self::CaUsedAsLeaf => Alert::bad_certificate,
            Self::Expired | Self::NotYetValid | Self::NeverValid { .. } => Alert::certificate_expired,
            Self::UnknownIssuer { .. } => Alert::unknown_ca,
            Self::WeakSignature | Self::UnsupportedKey | Self::WrongUsage => Alert::unsupported_certificate,
            Self::Revoked => Alert::certificate_revoked,
            Self::PinMismatch
            | Self::PinIsFingerprint
            | Self::NotConfigured
            | Self::Budget
            | Self::PathTooLong { .. } => Alert::certificate_unknown,
            // RFC 6066 §8.
            Self::NoStaple | Self::Staple(_) => Alert::bad_certificate_status_response,
            Self::NoExpectedName => Alert::internal_error,
        }
    }
}

#[cfg(test)]
mod tests {
    use handclasp_codec::Field;

    use super::*;

    #[test]
    fn what_does_not_parse_and_what_stands_in_the_wrong_place() {
        let alert = |problem| {
            let (within, field) = (Field::client_hello, Field::extension_type);
            Fault::Decode { within, field, problem, offset: 90 }.alert()
        };
        assert_eq!(alert(Problem::NotLast), Some(Alert::illegal_parameter));
        assert_eq!(alert(Problem::Trailing), Some(Alert::decode_error));
    }
}
