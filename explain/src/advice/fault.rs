//! One place where every fault is sent to those who can say something about it.
//! Long because: it is the list of all faults.

use handclasp_report::{Fault, Internal, Misuse};

use super::{Told, alert, bytes, certificate, ends, keys, negotiation, psk, story::Story};

/// What there is to say.
pub(super) fn told(fault: &Fault, story: &Story<'_>) -> Told {
    match fault {
        Fault::Decode { .. } => bytes::decode(story),
        Fault::Unexpected { expected, found } => bytes::unexpected(story, *expected, *found),
        Fault::NotTls { first } => bytes::not_tls(story, first),
        Fault::RecordOverflow { .. } => bytes::record_overflow(story),
        Fault::MessageTooLarge { message, .. } => bytes::too_large(story, *message),
        Fault::TooMany { what, .. } => bytes::too_many(*what),
        Fault::UnknownContentType(_)
        | Fault::RecordVersion(_)
        | Fault::EmptyRecord(_)
        | Fault::OnlyPadding
        | Fault::MalformedRecord(_)
        | Fault::KeyChangeInsideMessage
        | Fault::Flood(_) => bytes::violation(story),
        Fault::RecordNotAuthentic { sequence, handshaking } => {
            keys::record_not_authentic(story, *sequence, *handshaking)
        }

        Fault::NoCommonVersion { peer } => negotiation::version(story, *peer),
        Fault::NoCommonSuite => negotiation::suite(story),
        Fault::NoCommonGroup => negotiation::group(story),
        Fault::NoCommonScheme => negotiation::scheme(story),
        Fault::NoSignatureAlgorithms => negotiation::no_signature_algorithms(),
        Fault::CurveNotOffered { curve } => negotiation::curve(story, *curve),
        Fault::NoCredential => negotiation::credential(story),
        Fault::NoCommonAlpn => negotiation::alpn(story),
        Fault::UnrecognizedName => negotiation::name(story),
        Fault::NoExtendedMasterSecret => negotiation::extended_master_secret(story),
        Fault::NoEncryptThenMac => negotiation::encrypt_then_mac(story),
        Fault::InappropriateFallback { .. } => negotiation::fallback(),
        Fault::Downgrade { .. } => negotiation::downgrade(story),
        Fault::MissingExtension(which) => negotiation::missing_extension(story, *which),
        Fault::NoNullCompression
        | Fault::UnsolicitedExtension(_)
        | Fault::MisplacedExtension(_)
        | Fault::NotOffered { .. }
        | Fault::SessionIdNotEchoed
        | Fault::UselessRetry
        | Fault::RetryMismatch(_)
        | Fault::RenegotiationInfo
        | Fault::IllegalParameter(_) => bytes::violation(story),

        Fault::KeyShare { .. } => keys::share(story),
        Fault::SignatureInvalid { .. } => keys::signature(story),
        Fault::SchemeKeyMismatch { scheme, key, .. } => keys::scheme_of_another_key(story, *scheme, *key),
        Fault::FinishedInvalid => keys::finished(story),
        Fault::BinderInvalid { .. } => psk::binder(story),
        Fault::UnknownPskIdentity => psk::unknown_identity(story),
        Fault::Certificate(fault) => certificate::refused_by_us(story, fault),
        Fault::NoCertificate { .. } => certificate::none_came(story),
        Fault::NoCommonCertificateType => certificate::no_common_type(story),

        Fault::PeerAlert(description) => alert::received(story, *description),
        Fault::ClosedInHandshake { expected } => ends::closed(story, *expected),
        Fault::Truncated { expected, anything_came } => ends::truncated(story, *expected, *anything_came),
        Fault::TimedOut { expected, anything_came } => ends::timed_out(story, *expected, *anything_came),

        Fault::CallerRefused => Told::default(),
        Fault::SignerFailed => Told::default().next(
            "check that the private key belongs to the certificate, and that the token or agent is there",
        ),
        Fault::Misuse(how) => misuse(*how),
        Fault::Internal(what) => internal(*what),
        Fault::Encode(_) => Told::default()
            .next("shorten what is configured: names, identities, the list of protocols, the chain"),
    }
}

fn misuse(how: Misuse) -> Told {
    match how {
        Misuse::NothingToOffer => Told::default()
            .next("leave out --suite, --group or --tls: together they exclude everything")
            .next("a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`"),
        Misuse::InvalidInput => Told::default().next(
            "check --name (a DNS name, at most 253 characters), --psk-id, --alpn (1 to 255 bytes each)",
        ),
        Misuse::ConfigurationChanged | Misuse::WrongAnswer | Misuse::NotConnected | Misuse::Closed => {
            Told::because("This is a defect of the program that uses handclasp.")
        }
    }
}

fn internal(what: Internal) -> Told {
    match what {
        Internal::Random => Told::default().next("check the system's source of randomness"),
        Internal::Crypto | Internal::Bug => {
            Told::default().next("please report it, with the file that --report writes")
        }
        Internal::KeyExhausted => Told::default().next("connect anew, or use TLS 1.3, which changes keys"),
    }
}
