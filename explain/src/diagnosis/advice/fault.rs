//! One place where every fault is sent to those who can say something about it.
//! Long because: it is the list of all faults.

use handclasp_report::{Fault, Input, Internal, Misuse, SignerFault};

use super::{
    alert, bytes, certificate, conversation::Conversation, ends, keys, negotiation, psk, told::Told,
};

/// What there is to say.
pub(super) fn told(fault: &Fault, conversation: &Conversation<'_>) -> Told {
    match fault {
        Fault::Decode { .. } => bytes::decode(conversation),
        Fault::Unexpected { expected, found } => bytes::unexpected(conversation, *expected, *found),
        Fault::NotTls { first } => bytes::not_tls(conversation, first),
        Fault::RecordOverflow { .. } => bytes::record_overflow(conversation),
        Fault::MessageTooLarge { message, .. } => bytes::too_large(conversation, *message),
        Fault::TooMany { what, .. } => bytes::too_many(*what),
        Fault::UnknownContentType(_)
        | Fault::RecordVersion(_)
        | Fault::EmptyRecord(_)
        | Fault::OnlyPadding
        | Fault::MalformedRecord(_)
        | Fault::KeyChangeInsideMessage
        | Fault::Flood(_) => bytes::violation(conversation),
        Fault::RecordNotAuthentic { sequence, handshaking } => {
            keys::record_not_authentic(conversation, *sequence, *handshaking)
        }

        Fault::NoCommonVersion { peer } => negotiation::version(conversation, *peer),
        Fault::NoCommonSuite => negotiation::suite(conversation),
        Fault::NoCommonGroup => negotiation::group(conversation),
        Fault::NoCommonScheme => negotiation::scheme(conversation),
        Fault::NoSignatureAlgorithms => negotiation::no_signature_algorithms(),
        Fault::CurveNotOffered { curve } => negotiation::curve(conversation, *curve),
        Fault::NoCredential => negotiation::credential(conversation),
        Fault::NoCommonAlpn => negotiation::alpn(conversation),
        Fault::UnrecognizedName => negotiation::name(conversation),
        Fault::NoExtendedMasterSecret => negotiation::extended_master_secret(conversation),
        Fault::NoEncryptThenMac => negotiation::encrypt_then_mac(conversation),
        Fault::InappropriateFallback { .. } => negotiation::fallback(),
        Fault::Downgrade { .. } => negotiation::downgrade(conversation),
        Fault::MissingExtension(which) => negotiation::missing_extension(conversation, *which),
        Fault::NoNullCompression
        | Fault::UnsolicitedExtension(_)
        | Fault::MisplacedExtension(_)
        | Fault::NotOffered { .. }
        | Fault::SessionIdNotEchoed
        | Fault::UselessRetry
        | Fault::RetryMismatch(_)
        | Fault::RenegotiationInfo
        | Fault::IllegalParameter(_) => bytes::violation(conversation),

        Fault::KeyShare { .. } => keys::share(conversation),
        Fault::SignatureInvalid { .. } => keys::signature(conversation),
        Fault::SchemeKeyMismatch { scheme, key, .. } => keys::scheme_of_another_key(conversation, *scheme, *key),
        Fault::FinishedInvalid => keys::finished(conversation),
        Fault::BinderInvalid { .. } => psk::binder(conversation),
        Fault::UnknownPskIdentity => psk::unknown_identity(conversation),
        Fault::Certificate(fault) => certificate::refused_by_us(conversation, fault),
        Fault::NoCertificate { .. } => certificate::none_came(conversation),
        Fault::NoCommonCertificateType => certificate::no_common_type(conversation),

        Fault::PeerAlert(description) => alert::received(conversation, *description),
        Fault::ClosedInHandshake { expected } => ends::closed(conversation, *expected),
        Fault::Truncated { expected, anything_came } => ends::truncated(conversation, *expected, *anything_came),
        Fault::TimedOut { expected, anything_came } => ends::timed_out(conversation, *expected, *anything_came),

        Fault::Transport(how) => ends::transport(*how),

        Fault::CallerRefused => Told::default(),
        Fault::SignerFailed(why) => Told::default().ours(match why {
            SignerFault::Failed | SignerFault::Said(_) => {
                "check that the token or agent is there, that its PIN is not locked, and that it holds the key"
            }
            SignerFault::Scheme => "let the signer name only schemes that it can sign by",
            SignerFault::DoesNotVerify => {
                "check that the signer holds the certificate's private key, and that it hashes the message itself"
            }
            SignerFault::RawEcdsa => {
                "encode r and s as a DER SEQUENCE of two INTEGERs (ECDSA-Sig-Value) before the signer returns them"
            }
        }),
        Fault::Misuse(how) => misuse(*how),
        Fault::Internal(what) => internal(*what),
        Fault::Encode(_) => Told::default()
            .ours("shorten what is configured: names, identities, the list of protocols, the chain"),
    }
}

fn misuse(how: Misuse) -> Told {
    match how {
        Misuse::NothingToOffer => Told::default()
            .ours("leave out --suite, --group or --tls: together they exclude everything")
            .ours("a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`"),
        Misuse::InvalidInput(input) => invalid(input),
        Misuse::NobodyTrusted => Told::default()
            .ours("say which peer to trust: `--ca FILE` or `--pin sha256/…`, for clients `--client-ca` or `--client-pin`"),
        Misuse::NoExpectedName => Told::default().ours("give the name that the certificate must be for: `--name NAME`"),
        Misuse::NoExporter => Told::default()
            .either("use TLS 1.3, or let both sides do extended_master_secret"),
        Misuse::NonBlocking => Told::default().ours("give a blocking socket: `set_nonblocking(false)`"),
        Misuse::ConfigurationChanged | Misuse::WrongAnswer | Misuse::NotConnected | Misuse::Closed => {
            Told::because("This is a defect of the program that uses handclasp.")
        }
    }
}

/// A value that cannot stand in its field; the error itself says which it was.
fn invalid(input: Input) -> Told {
    let told = Told::default();
    match input {
        Input::Address => told.ours("give HOST:PORT, such as `example.org:443` or `[::1]:443`"),
        Input::ServerName => {
            told.ours("give a DNS name in ASCII (at most 253 characters) or an address: `--name NAME`")
        }
        Input::Alpn => told.ours("give names of 1 to 255 bytes: `--alpn A,B`"),
        Input::PskIdentity => told.ours("give an identity of 1 to 65535 bytes: `--psk-id ID`"),
        Input::PskKey => told.ours("give a key of 1 to 65535 bytes"),
        Input::ExportLength => told.ours("export less, and derive more from it with HKDF"),
        Input::ExportLabel => told.ours("use a label of your own, of at most 249 bytes (RFC 5705 §4)"),
        Input::RecordSize => told.ours("give 512 to 16384: `--max-record BYTES`"),
    }
}

fn internal(what: Internal) -> Told {
    match what {
        Internal::Random => Told::default().ours("check the system's source of randomness"),
        Internal::Crypto | Internal::Bug => {
            Told::default().ours("please report it, with the file that --report writes")
        }
        Internal::KeyExhausted => Told::default().ours("connect anew, or use TLS 1.3, which changes keys"),
    }
}
