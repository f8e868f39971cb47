//! The sentences: form of all, wording of some.

use std::{format, string::ToString};

use handclasp_codec::{DecodeError, Field, HandshakeType, Problem, ProtocolVersion};
use handclasp_crypto::KeyKind;

use super::*;
use crate::{CertificateFault, Choice, Report, ReportError, Side, Signed, Tag, samples::every_fault};

#[test]
fn every_fault_is_a_sentence_or_two() {
    for fault in every_fault() {
        let text = fault.to_string();
        assert!(text.ends_with('.'), "{text}");
        assert!(text.starts_with(|first: char| first.is_uppercase()), "{text}");
        assert!(text.len() < 220, "{text}");
        assert!(!text.contains("{") && !text.contains("  "), "{text}");
    }
}

#[test]
fn alerts_have_a_name_and_a_number() {
    let spoken = |number| Fault::PeerAlert(handclasp_codec::AlertDescription(number)).to_string();
    assert_eq!(spoken(40), "The peer sent the alert handshake_failure (40).");
    assert_eq!(spoken(20), "The peer sent the alert bad_record_mac (20).");
    assert_eq!(spoken(200), "The peer sent the alert 200 (not registered).");
}

#[test]
fn evidence_is_told() {
    let error = DecodeError {
        field: Field::legacy_session_id,
        offset: 38,
        problem: Problem::OutOfRange { min: 0, max: 32, found: 192 },
    };
    assert_eq!(
        Fault::Decode { within: Field::client_hello, error }.to_string(),
        "The peer's client_hello could not be parsed: legacy_session_id at offset 38 is 192, expected 0 to \
         32."
    );
    assert_eq!(
        Fault::NotTls { first: *b"HTTP/" }.to_string(),
        "The bytes that the peer sent are not TLS: they begin with 48 54 54 50 2f (\"HTTP/\"), like plain \
         HTTP."
    );
    assert_eq!(
        Fault::NotOffered { choice: Choice::Suite, found: 0xc02f }.to_string(),
        "The peer chose the cipher suite TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which we did not offer."
    );
    let scheme = handclasp_codec::SignatureScheme::rsa_pkcs1_sha256;
    let signed = Signed::ClientCertificateVerify;
    assert_eq!(
        Fault::SchemeKeyMismatch { signed, scheme, key: KeyKind::P256 }.to_string(),
        "The peer signed the client's certificate_verify with rsa_pkcs1_sha256 (0x0401), but its \
         certificate has a P-256 key."
    );
    let expected = Some(Event::Message(HandshakeType::server_hello));
    assert_eq!(
        Fault::Truncated { expected, anything_came: false }.to_string(),
        "The peer closed the transport without sending a byte; we were waiting for server_hello."
    );
    assert_eq!(
        Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_0 }.to_string(),
        "No protocol version in common: the peer supports at most TLS 1.0."
    );
}

#[test]
fn certificates_show_dates_and_pins() {
    let fault = CertificateFault::Expired { not_after: 1_695_427_199, now: 1_795_178_096 };
    assert_eq!(
        fault.to_string(),
        "The peer's certificate expired: it was valid until 2023-09-22 23:59 UTC; our clock shows \
         2026-11-20 12:34 UTC."
    );
    let found = core::array::from_fn(|at| u8::try_from(at).unwrap());
    assert_eq!(
        CertificateFault::PinMismatch { found }.to_string(),
        "The peer's key does not match any pin: its pin is \
         sha256/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=."
    );
}

#[test]
fn the_names_of_a_certificate_for_other_names_are_told() {
    let fault = Fault::Certificate(CertificateFault::NameMismatch { names: 3 });
    let mut report = Report::new(Side::Client);
    assert_eq!(report.sentence(&fault).to_string(), "The peer's certificate is for 3 other names.");
    report.note(Side::Client, Tag::ExpectedName, b"127.0.0.1");
    for name in [&b"one.test"[..], b"two\x1b[2J.test"] {
        report.note(Side::Server, Tag::CertificateName, name);
    }
    assert_eq!(
        report.sentence(&fault).to_string(),
        "The peer's certificate is not for the address 127.0.0.1, but for one.test, two\\x1b[2J.test and 1 more."
    );
    let fault = Fault::Certificate(CertificateFault::NameMismatch { names: 2 });
    assert!(report.sentence(&fault).to_string().ends_with("for one.test and two\\x1b[2J.test."));
    // Of other faults the sentence is that of the fault.
    let other = Fault::NoCommonSuite;
    assert_eq!(report.sentence(&other).to_string(), other.to_string());
}

#[test]
fn dates_of_known_seconds() {
    for (seconds, text) in [
        (0, "1970-01-01 00:00 UTC"),
        (951_782_399, "2000-02-28 23:59 UTC"),
        (951_782_400, "2000-02-29 00:00 UTC"),
        (951_868_800, "2000-03-01 00:00 UTC"),
        (1_709_251_199, "2024-02-29 23:59 UTC"),
        (4_107_542_400, "2100-03-01 00:00 UTC"),
        (253_402_300_799, "9999-12-31 23:59 UTC"),
    ] {
        assert_eq!(Date(seconds).to_string(), text);
    }
    assert!(!Date(u64::MAX).to_string().is_empty());
}

#[test]
fn report_errors_have_words() {
    for error in [
        ReportError::NotAReport,
        ReportError::Version(9),
        ReportError::Malformed { offset: 7 },
        ReportError::TooLong,
    ] {
        assert!(format!("{error}").len() > 20);
    }
}
