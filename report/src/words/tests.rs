//! The sentences: form of all, wording of some.

use std::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use handclasp_codec::{Field, HandshakeType, Problem, ProtocolVersion};
use handclasp_crypto::KeyKind;

use super::*;
use crate::{
    CertificateFault, Choice, CrlFault, Evidence, Report, ReportError, Side, Signed, SignerFault,
    StapleFault, Tag, samples::every_fault,
};

fn fail(report: &mut Report, fault: Fault, evidence: Option<Evidence>) {
    let _failed = match evidence {
        Some(evidence) => report.fail_with(fault, evidence),
        None => report.fail(fault),
    };
}

/// The sentence of a fault whose connection left this evidence.
fn said(fault: Fault, evidence: Option<Evidence>) -> String {
    let mut report = Report::new(Side::Client);
    fail(&mut report, fault, evidence);
    let sentence = report.sentence(&fault).to_string();
    // The words of a signer are not kept.
    if !matches!(evidence, Some(Evidence::Words(_))) {
        let read = Report::decode(report.encode()).unwrap();
        assert_eq!(read.sentence(&fault).to_string(), sentence, "a report read back says the same");
    }
    sentence
}

#[test]
fn every_fault_is_a_sentence_or_two() {
    for (fault, evidence) in every_fault() {
        for text in [said(fault, evidence), fault.to_string()] {
            assert!(text.ends_with('.'), "{text}");
            assert!(text.starts_with(|first: char| first.is_uppercase()), "{text}");
            assert!(text.len() < 220, "{text}");
            assert!(!text.contains("{") && !text.contains("  "), "{text}");
        }
        // What is evidence is in the sentence, and only there.
        assert_eq!(said(fault, evidence) != fault.to_string(), evidence.is_some(), "{fault:?}");
    }
}

/// The evidence of an earlier fault says nothing about a later one.
#[test]
fn evidence_of_another_fault_is_not_said() {
    let samples = every_fault();
    let with_evidence: Vec<_> = samples.iter().filter(|(_, evidence)| evidence.is_some()).collect();
    assert_eq!(with_evidence.len(), 17);
    for (earlier, evidence) in with_evidence {
        for (fault, _) in samples.iter().filter(|(fault, _)| fault != earlier) {
            let mut report = Report::new(Side::Client);
            fail(&mut report, *earlier, *evidence);
            fail(&mut report, *fault, None);
            let read = Report::decode(report.encode()).unwrap();
            for report in [report, read] {
                assert_eq!(report.evidence(fault), None, "after {earlier:?}");
                assert_eq!(report.sentence(fault).to_string(), fault.to_string(), "after {earlier:?}");
            }
        }
    }
}

/// The fault that ended the connection keeps its evidence, whatever is refused after it.
#[test]
fn evidence_of_the_noted_fault_stays() {
    let expired = Fault::Certificate(CertificateFault::Expired);
    let first = Evidence::Dates { limit: 1_695_427_199, now: 1_795_178_096 };
    let mut report = Report::new(Side::Client);
    fail(&mut report, expired, Some(first));
    let pin = Fault::Certificate(CertificateFault::PinMismatch);
    fail(&mut report, pin, Some(Evidence::Pin([1; 32])));
    fail(&mut report, expired, Some(Evidence::Dates { limit: 0, now: 0 }));
    assert_eq!(report.evidence(&expired), Some(first));
    assert_eq!(report.evidence(&pin), None);
}

/// Offsets and numbers larger than two bytes.
#[test]
fn large_numbers_are_said_whole() {
    let (within, field) = (Field::certificate, Field::cert_data);
    let fault = Fault::Decode { within, field, problem: Problem::Truncated, offset: 16_777_210 };
    assert_eq!(
        said(fault, Some(Evidence::Numbers([16_777_215, 5, 0]))),
        "The peer's certificate could not be parsed: cert_data at offset 16777210 needs 16777215 bytes, but \
         only 5 are left."
    );
    let sequence = crate::Uint::saturating(0xffff_ffff_fffe);
    assert!(
        Fault::RecordNotAuthentic { sequence, handshaking: false }
            .to_string()
            .contains("sequence number 281474976710654 fails")
    );
    let sequence = crate::Uint::saturating(u64::MAX);
    assert!(
        Fault::RecordNotAuthentic { sequence, handshaking: true }
            .to_string()
            .contains("sequence number 281474976710655 or higher fails")
    );
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
    let (within, field) = (Field::client_hello, Field::legacy_session_id);
    for (problem, numbers, words) in [
        (Problem::Truncated, [192, 1, 0], "needs 192 bytes, but only 1 is left"),
        (Problem::Trailing, [2, 0, 0], "must end here, but 2 bytes are left over"),
        (Problem::OutOfRange, [0, 32, 192], "is 192, expected 0 to 32"),
        (Problem::NotWhole, [2, 3, 0], "is a list of 3 bytes, not a multiple of 2"),
        (Problem::Duplicate, [13, 0, 0], "repeats 0x000d, which may occur only once"),
        (Problem::Unexpected, [1, 18, 0], "is 18 (0x12), expected 1 (0x01)"),
    ] {
        let fault = Fault::Decode { within, field, problem, offset: 38 };
        assert_eq!(
            said(fault, Some(Evidence::Numbers(numbers))),
            format!("The peer's client_hello could not be parsed: legacy_session_id at offset 38 {words}.")
        );
    }
    assert_eq!(
        said(Fault::SignerFailed(SignerFault::Said), Some(Evidence::Words("the PIN is locked"))),
        "Our signer failed: the PIN is locked."
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
    let dates = Evidence::Dates { limit: 1_695_427_199, now: 1_795_178_096 };
    assert_eq!(
        CertificateFault::Expired.with(dates).to_string(),
        "The peer's certificate expired: it was valid until 2023-09-22 23:59 UTC; our clock shows \
         2026-11-20 12:34 UTC."
    );
    let found = core::array::from_fn(|at| u8::try_from(at).unwrap());
    assert_eq!(
        CertificateFault::Staple(StapleFault::Outdated).with(dates).to_string(),
        "The OCSP response about the peer's certificate is outdated: it was valid until 2023-09-22 23:59 UTC; \
         our clock shows 2026-11-20 12:34 UTC."
    );
    assert_eq!(
        CertificateFault::Revoked.with(dates).to_string(),
        "The peer's certificate was revoked on 2023-09-22 23:59 UTC."
    );
    assert_eq!(
        CertificateFault::Crl(CrlFault::Outdated).with(dates).to_string(),
        "The revocation list (CRL) for the peer's certificate chain is outdated: the next one was due by \
         2023-09-22 23:59 UTC; our clock shows 2026-11-20 12:34 UTC."
    );
    // A pin is not evidence of a date.
    let pin = Evidence::Pin([0; 32]);
    assert_eq!(CertificateFault::Expired.with(pin).to_string(), "The peer's certificate expired.");
    assert_eq!(
        CertificateFault::PinMismatch.with(Evidence::Pin(found)).to_string(),
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
