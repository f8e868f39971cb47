//! Who failed.

use crate::{CertificateFault, Fault};

/// The side that ended it, or must change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blame {
    /// We refused what the peer sent or offered.
    RefusedByUs,
    /// The peer refused us.
    RefusedByPeer,
    /// The program that uses us, or our own side.
    Ours,
    /// Nobody refused; the bytes stopped coming.
    Transport,
}

impl Fault {
    /// Who failed.
    pub fn blame(&self) -> Blame {
        match self {
            Self::PeerAlert(_) | Self::ClosedInHandshake { .. } => Blame::RefusedByPeer,
            Self::Truncated { .. } | Self::TimedOut { .. } | Self::Transport(_) => Blame::Transport,
            Self::CallerRefused
            | Self::SignerFailed(_)
            | Self::PskUnavailable
            | Self::Misuse(_)
            | Self::Certificate(CertificateFault::NoExpectedName | CertificateFault::PinIsFingerprint)
            | Self::Internal(_)
            | Self::Encode(_) => Blame::Ours,
            Self::Decode { .. }
            | Self::Unexpected { .. }
            | Self::NotTls { .. }
            | Self::UnknownContentType(_)
            | Self::RecordVersion(_)
            | Self::RecordOverflow { .. }
            | Self::EmptyRecord(_)
            | Self::OnlyPadding
            | Self::MalformedRecord(_)
            | Self::MessageTooLarge { .. }
            | Self::TooMany { .. }
            | Self::KeyChangeInsideMessage
            | Self::Flood(_)
            | Self::RecordNotAuthentic { .. }
            | Self::NoCommonVersion { .. }
            | Self::NoCommonSuite
            | Self::NoCommonGroup
            | Self::NoCommonScheme
            | Self::NoSignatureAlgorithms
            | Self::CurveNotOffered { .. }
            | Self::NoCredential
            | Self::NoCommonAlpn
            | Self::UnrecognizedName
            | Self::NoExtendedMasterSecret
            | Self::NoEncryptThenMac
            | Self::InappropriateFallback { .. }
            | Self::NoNullCompression
            | Self::MissingExtension(_)
            | Self::UnsolicitedExtension(_)
            | Self::MisplacedExtension(_)
            | Self::NotOffered { .. }
            | Self::SessionIdNotEchoed
            | Self::Downgrade { .. }
            | Self::UselessRetry
            | Self::RetryMismatch(_)
            | Self::RenegotiationInfo
            | Self::IllegalParameter(_)
            | Self::KeyShare { .. }
            | Self::SignatureInvalid { .. }
            | Self::SchemeKeyMismatch { .. }
            | Self::FinishedInvalid
            | Self::BinderInvalid { .. }
            | Self::UnknownPskIdentity
            | Self::Certificate(_)
            | Self::NoCertificate { .. }
            | Self::NoCommonCertificateType => Blame::RefusedByUs,
        }
    }
}
