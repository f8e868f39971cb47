//! One of every fault, and several where the parts matter. `explain` includes this file in
//! its own tests, hence the crate's full name.

use std::{vec, vec::Vec};

use handclasp_codec::{
    AlertDescription, ContentType, EncodeError, ExtensionType, Field, HandshakeType, NamedGroup, Problem,
    ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;
use handclasp_report::{
    Capability, CertificateError, CertificateFault, Choice, Counted, CrlFault, Event, Evidence, Fault, Flood,
    Input, Internal, Misuse, ShareFault, Signed, SignerFault, StapleFault, TransportFault, Uint,
};

/// Every fault, with evidence where it has any.
pub fn every_fault() -> Vec<(Fault, Option<Evidence>)> {
    let mut faults = bytes();
    faults.extend(malformed());
    faults.extend(negotiation().into_iter().map(|fault| (fault, None)));
    faults.extend(ends().into_iter().map(|fault| (fault, None)));
    faults.extend(certificate().into_iter().map(|why| (Fault::Certificate(why.fault), why.evidence)));
    faults
}

fn malformed() -> Vec<(Fault, Option<Evidence>)> {
    let problems = [
        (Problem::Truncated, Some([192, 2, 0])),
        (Problem::Trailing, Some([1, 0, 0])),
        (Problem::OutOfRange, Some([0, 32, 192])),
        (Problem::NotWhole, Some([2, 3, 0])),
        (Problem::Duplicate, Some([13, 0, 0])),
        (Problem::Unexpected, Some([1, 2, 0])),
        (Problem::NotLast, None),
    ];
    let (within, field) = (Field::client_hello, Field::legacy_session_id);
    let fault = |problem| Fault::Decode { within, field, problem, offset: 43 };
    problems.map(|(problem, numbers)| (fault(problem), numbers.map(Evidence::Numbers))).into()
}

fn bytes() -> Vec<(Fault, Option<Evidence>)> {
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
        Fault::MessageTooLarge {
            message: HandshakeType::certificate,
            limit: Uint::saturating(65_536),
            found: Uint::saturating(0xff_ffff),
        },
        Fault::TooMany { what: Counted::Extensions, limit: 128, found: 129 },
        Fault::TooMany { what: Counted::KeyShares, limit: 64, found: 1000 },
        Fault::KeyChangeInsideMessage,
        Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: true },
        Fault::RecordNotAuthentic { sequence: Uint::MAX, handshaking: false },
    ];
    faults.extend(events.map(|found| Fault::Unexpected { expected: events[0], found }));
    faults.extend(floods.map(Fault::Flood));
    faults.into_iter().map(|fault| (fault, None)).collect()
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
    let shares = [
        ShareFault::Length { expected: 65.into(), found: 64.into() },
        ShareFault::Refused,
        ShareFault::NotAsOffered,
    ];
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
        Fault::PskUnavailable,
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

fn certificate() -> Vec<CertificateError> {
    let dates = |limit, now| Evidence::Dates { limit, now };
    let mut errors = vec![
        CertificateFault::Expired.with(dates(1_695_427_199, 1_795_178_000)),
        CertificateFault::NotYetValid.with(dates(1_695_427_199, 0)),
        CertificateFault::PinMismatch.with(Evidence::Pin([0xa5; 32])),
        CertificateFault::NotListed.with(Evidence::Pin([0xa5; 32])),
        CertificateFault::NotKnown.with(Evidence::Pin([0xa5; 32])),
        CertificateFault::PinIsFingerprint.with(Evidence::Pin([0xa5; 32])),
        CertificateFault::Staple(StapleFault::NotYetValid).with(dates(1_795_178_000, 1_795_170_000)),
        CertificateFault::Staple(StapleFault::Outdated).with(dates(1_795_170_000, 1_795_178_000)),
        CertificateFault::Revoked.with(dates(1_795_170_000, 1_795_178_000)),
        CertificateFault::Crl(CrlFault::NotYetValid).with(dates(1_795_178_000, 1_795_170_000)),
        CertificateFault::Crl(CrlFault::Outdated).with(dates(1_795_170_000, 1_795_178_000)),
    ];
    let others = [
        CertificateFault::Malformed { index: 0 },
        CertificateFault::Malformed { index: 2 },
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
        CertificateFault::Staple(StapleFault::Missing),
        CertificateFault::Crl(CrlFault::Missing),
        CertificateFault::Crl(CrlFault::NotAuthentic),
        CertificateFault::Crl(CrlFault::WeakSignature),
        CertificateFault::Crl(CrlFault::IssuerMayNotSign),
    ];
    errors.extend(others.map(CertificateError::from));
    errors
}
