//! One of every fault, and several where the parts matter. `explain` includes this file in
//! its own tests, hence the crate's full name.

use std::{vec, vec::Vec};

use handclasp_codec::{
    AlertDescription, ContentType, DecodeError, EncodeError, ExtensionType, Field, HandshakeType, NamedGroup,
    Problem, ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;
use handclasp_report::{
    Capability, CertificateFault, Choice, Counted, Event, Fault, Flood, Input, Internal, Misuse, ShareFault,
    Signed, SignerFault, StapleFault, TransportFault,
};

/// Every fault.
pub fn every_fault() -> Vec<Fault> {
    let mut faults = bytes();
    faults.extend(negotiation());
    faults.extend(ends());
    faults.extend(certificate().into_iter().map(Fault::Certificate));
    faults
}

fn bytes() -> Vec<Fault> {
    let problems = [
        Problem::Truncated { needed: 192, available: 2 },
        Problem::Trailing { extra: 1 },
        Problem::OutOfRange { min: 0, max: 32, found: 192 },
        Problem::NotWhole { element: 2, found: 3 },
        Problem::Duplicate { value: 13 },
        Problem::Unexpected { expected: 1, found: 2 },
        Problem::NotLast,
    ];
    let events = [
        Event::Message(HandshakeType::server_hello),
        Event::ChangeCipherSpec,
        Event::ApplicationData,
        Event::Record(ContentType::heartbeat),
        Event::Answer,
        Event::Nothing,
    ];
    let floods = [
        Flood::EmptyRecords,
        Flood::Warnings,
        Flood::KeyUpdates,
        Flood::ChangeCipherSpecs,
        Flood::PostHandshakeMessages,
        Flood::EarlyData,
    ];
    let mut faults = vec![
        Fault::NotTls { first: *b"HTTP/" },
        Fault::NotTls { first: [0, 1, 2, 3, 255] },
        Fault::UnknownContentType(99),
        Fault::RecordVersion(ProtocolVersion(0x0505)),
        Fault::RecordOverflow { limit: 16_640, found: 65_535 },
        Fault::EmptyRecord(ContentType::handshake),
        Fault::OnlyPadding,
        Fault::MalformedRecord(ContentType::alert),
        Fault::MessageTooLarge { message: HandshakeType::certificate, limit: 65_536, found: 0xff_ffff },
        Fault::TooMany { what: Counted::Extensions, limit: 128, found: 129 },
        Fault::TooMany { what: Counted::KeyShares, limit: 64, found: 1000 },
        Fault::KeyChangeInsideMessage,
        Fault::RecordNotAuthentic { sequence: 0, handshaking: true },
        Fault::RecordNotAuthentic { sequence: u64::MAX, handshaking: false },
    ];
    faults.extend(problems.map(|problem| Fault::Decode {
        within: Field::client_hello,
        error: DecodeError { field: Field::legacy_session_id, offset: 43, problem },
    }));
    faults.extend(events.map(|found| Fault::Unexpected { expected: events[0], found }));
    faults.extend(floods.map(Fault::Flood));
    faults
}

fn negotiation() -> Vec<Fault> {
    let choices = [
        Choice::Version,
        Choice::Suite,
        Choice::Group,
        Choice::Scheme,
        Choice::Psk,
        Choice::Alpn,
        Choice::Compression,
        Choice::CertificateType,
    ];
    let shares =
        [ShareFault::Length { expected: 65, found: 64 }, ShareFault::Refused, ShareFault::NotAsOffered];
    let signed =
        [Signed::ServerKeyExchange, Signed::ServerCertificateVerify, Signed::ClientCertificateVerify];
    let mut faults = vec![
        Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_0 },
        Fault::NoCommonSuite,
        Fault::NoCommonGroup,
        Fault::NoCommonScheme,
        Fault::NoSignatureAlgorithms,
        Fault::CurveNotOffered { curve: NamedGroup::secp384r1 },
        Fault::NoCredential,
        Fault::NoCommonAlpn,
        Fault::UnrecognizedName,
        Fault::NoExtendedMasterSecret,
        Fault::NoEncryptThenMac,
        Fault::InappropriateFallback { ours: ProtocolVersion::TLS_1_3 },
        Fault::NoNullCompression,
        Fault::MissingExtension(ExtensionType::key_share),
        Fault::UnsolicitedExtension(ExtensionType::heartbeat),
        Fault::MisplacedExtension(ExtensionType::early_data),
        Fault::SessionIdNotEchoed,
        Fault::Downgrade { chosen: ProtocolVersion::TLS_1_2 },
        Fault::UselessRetry,
        Fault::RetryMismatch(Field::cipher_suite),
        Fault::RenegotiationInfo,
        Fault::IllegalParameter(Field::legacy_version),
        Fault::SchemeKeyMismatch {
            signed: Signed::ClientCertificateVerify,
            scheme: SignatureScheme::rsa_pkcs1_sha256,
            key: KeyKind::P256,
        },
        Fault::FinishedInvalid,
        Fault::BinderInvalid { identity: 0 },
        Fault::UnknownPskIdentity,
    ];
    faults.extend(choices.map(|choice| Fault::NotOffered { choice, found: 0x0001 }));
    faults.extend(shares.map(|problem| Fault::KeyShare { group: NamedGroup::secp256r1, problem }));
    for key in KeyKind::ALL {
        let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
        faults.extend(signed.map(|signed| Fault::SignatureInvalid { signed, scheme, key }));
    }
    faults
}

fn ends() -> Vec<Fault> {
    let expected = Event::Message(HandshakeType::server_hello);
    let mut faults = vec![
        Fault::NoCertificate { version: ProtocolVersion::TLS_1_2 },
        Fault::NoCertificate { version: ProtocolVersion::TLS_1_3 },
        Fault::NoCommonCertificateType,
        Fault::ClosedInHandshake { expected },
        Fault::Truncated { expected: None, anything_came: true },
        Fault::Truncated { expected: Some(expected), anything_came: true },
        Fault::Truncated { expected: Some(expected), anything_came: false },
        Fault::TimedOut { expected, anything_came: true },
        Fault::TimedOut { expected, anything_came: false },
        Fault::CallerRefused,
        Fault::Encode(EncodeError::Full),
        Fault::Encode(EncodeError::TooLong { field: Field::legacy_session_id }),
    ];
    faults.extend((0..=u8::MAX).map(|alert| Fault::PeerAlert(AlertDescription(alert))));
    faults.extend(
        [
            Misuse::ConfigurationChanged,
            Misuse::WrongAnswer,
            Misuse::NotConnected,
            Misuse::Closed,
            Misuse::NothingToOffer,
            Misuse::VersionNotListed,
            Misuse::NobodyTrusted,
            Misuse::NoExpectedName,
            Misuse::NonBlocking,
            Misuse::NoExporter,
        ]
        .map(Fault::Misuse),
    );
    faults.extend(capabilities().map(|capability| Fault::Misuse(Misuse::NotBuilt(capability))));
    faults.extend(inputs().map(|input| Fault::Misuse(Misuse::InvalidInput(input))));
    faults.extend(
        [
            TransportFault::Refused,
            TransportFault::Unreachable,
            TransportFault::ConnectTimedOut,
            TransportFault::NoAddress,
            TransportFault::Failed,
        ]
        .map(Fault::Transport),
    );
    faults.extend(
        [Internal::Random, Internal::Crypto, Internal::KeyExhausted, Internal::Bug].map(Fault::Internal),
    );
    faults.extend(
        [SignerFault::Failed, SignerFault::Scheme, SignerFault::DoesNotVerify, SignerFault::RawEcdsa]
            .map(Fault::SignerFailed),
    );
    faults
}

fn capabilities() -> [Capability; 10] {
    [
        Capability::Certificates,
        Capability::ClientAuth,
        Capability::Ecdhe,
        Capability::Tickets,
        Capability::Retry,
        Capability::HostExtensions,
        Capability::Psk,
        Capability::KeyLog,
        Capability::Exporter,
        Capability::Cbc,
    ]
}

fn inputs() -> [Input; 8] {
    [
        Input::Address,
        Input::ServerName,
        Input::Alpn,
        Input::PskIdentity,
        Input::PskKey,
        Input::ExportLength,
        Input::ExportLabel,
        Input::RecordSize,
    ]
}

fn certificate() -> Vec<CertificateFault> {
    vec![
        CertificateFault::Malformed { index: 0 },
        CertificateFault::Malformed { index: 2 },
        CertificateFault::Expired { not_after: 1_695_427_199, now: 1_795_178_000 },
        CertificateFault::NotYetValid { not_before: 1_695_427_199, now: 0 },
        CertificateFault::UnknownIssuer { self_signed: true },
        CertificateFault::UnknownIssuer { self_signed: false },
        CertificateFault::NameMismatch { names: 0 },
        CertificateFault::NameMismatch { names: 1 },
        CertificateFault::NameMismatch { names: 3 },
        CertificateFault::SignatureInvalid,
        CertificateFault::WeakSignature,
        CertificateFault::UnsupportedKey,
        CertificateFault::WrongUsage,
        CertificateFault::ConstraintViolated,
        CertificateFault::CaUsedAsLeaf,
        CertificateFault::Revoked,
        CertificateFault::PinMismatch { found: [0xa5; 32] },
        CertificateFault::PinIsFingerprint { found: [0xa5; 32] },
        CertificateFault::NeverValid { index: 0 },
        CertificateFault::NeverValid { index: 1 },
        CertificateFault::NoExpectedName,
        CertificateFault::NotConfigured,
        CertificateFault::Budget,
        CertificateFault::IssuerMayNotSign { index: 1 },
        CertificateFault::PathTooLong { limit: 6 },
        CertificateFault::NoStaple,
        CertificateFault::Staple(StapleFault::Malformed),
        CertificateFault::Staple(StapleFault::NotSuccessful),
        CertificateFault::Staple(StapleFault::NotAuthentic),
        CertificateFault::Staple(StapleFault::OtherCertificate),
        CertificateFault::Staple(StapleFault::Unknown),
        CertificateFault::Staple(StapleFault::NotYetValid { this_update: 1_795_178_000, now: 1_795_170_000 }),
        CertificateFault::Staple(StapleFault::Outdated { next_update: 1_795_170_000, now: 1_795_178_000 }),
    ]
}
