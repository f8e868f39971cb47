//! Faults that carry no evidence, each with its one sentence.
//! Long because: it is the list of all faults.

use crate::Fault;

const NO_SIGNATURE_ALGORITHMS: &str =
    "The client sent no signature_algorithms; in TLS 1.2 that implies SHA-1, with which we do not sign.";
const NO_EXTENDED_MASTER_SECRET: &str =
    "The peer does not support extended_master_secret (RFC 7627), which is required here.";

impl Fault {
    /// The sentence of a fault that has always the same.
    pub(super) fn plain(&self) -> &'static str {
        match self {
            Self::OnlyPadding => "The peer sent a protected record that contains only padding.",
            Self::KeyChangeInsideMessage => {
                "The peer changed keys in the middle of one of its handshake messages."
            }
            Self::NoCommonSuite => "No cipher suite in common.",
            Self::NoCommonGroup => "No key exchange group in common.",
            Self::NoCommonScheme => "Our key supports no signature scheme that the peer accepts.",
            Self::NoSignatureAlgorithms => NO_SIGNATURE_ALGORITHMS,
            Self::NoCredential => {
                "Every cipher suite in common needs a certificate or a pre-shared key that this server lacks."
            }
            Self::NoCommonAlpn => "No application protocol (ALPN) in common.",
            Self::UnrecognizedName => "This server does not serve the requested server_name.",
            Self::NoExtendedMasterSecret => NO_EXTENDED_MASTER_SECRET,
            Self::NoEncryptThenMac => {
                "Only CBC suites are in common, and they are used only with encrypt_then_mac on both sides."
            }
            Self::NoNullCompression => {
                "The client does not offer the null compression method, which is required."
            }
            Self::SessionIdNotEchoed => "The server did not echo our legacy_session_id.",
            Self::UselessRetry => "The server's HelloRetryRequest would not change the ClientHello.",
            Self::RenegotiationInfo => "The peer's renegotiation_info is invalid in an initial handshake.",
            Self::FinishedInvalid => {
                "The peer's Finished does not match ours: both sides have different keys, or saw different \
                 messages."
            }
            Self::UnknownPskIdentity => "We have no pre-shared key for the client's identity.",
            Self::PskUnavailable => "The store of pre-shared keys did not answer.",
            Self::NoCertificate { .. } => "We require a certificate and the peer sent none.",
            Self::NoCommonCertificateType => {
                "No certificate type in common: one side has a raw public key, the other accepts only \
                 X.509, or vice versa."
            }
            Self::CallerRefused => "The program or user on our side declined to continue.",
            // These say what came, in `words.rs`.
            Self::Decode { .. }
            | Self::Unexpected { .. }
            | Self::NotTls { .. }
            | Self::UnknownContentType(_)
            | Self::RecordVersion(_)
            | Self::RecordOverflow { .. }
            | Self::EmptyRecord(_)
            | Self::MalformedRecord(_)
            | Self::MessageTooLarge { .. }
            | Self::TooMany { .. }
            | Self::Flood(_)
            | Self::RecordNotAuthentic { .. }
            | Self::NoCommonVersion { .. }
            | Self::InappropriateFallback { .. }
            | Self::MissingExtension(_)
            | Self::UnsolicitedExtension(_)
            | Self::MisplacedExtension(_)
            | Self::CurveNotOffered { .. }
            | Self::NotOffered { .. }
            | Self::Downgrade { .. }
            | Self::RetryMismatch(_)
            | Self::IllegalParameter(_)
            | Self::KeyShare { .. }
            | Self::SignatureInvalid { .. }
            | Self::SchemeKeyMismatch { .. }
            | Self::BinderInvalid { .. }
            | Self::Certificate(_)
            | Self::PeerAlert(_)
            | Self::ClosedInHandshake { .. }
            | Self::Truncated { .. }
            | Self::TimedOut { .. }
            | Self::Transport(_)
            | Self::Misuse(_)
            | Self::SignerFailed(_)
            | Self::Internal(_)
            | Self::Encode(_) => "",
        }
    }
}
