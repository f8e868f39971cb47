//! Handshakes of TLS 1.2 that a client refuses, with the chains of `vectors/chains.pem`: what is told
//! first, and how sure.

use std::time::Duration;

use handclasp_codec::{AlertDescription as Alert, AlertLevel, HandshakeType};
use x509_parser::pem::Pem;

use super::super::diagnose;
use crate::Cause;
use crate::cause::At;
use crate::evidence::Evidence;
use crate::finding::{Finding, Grade, Severity};
use crate::story::{Item, Message, Place, Side, Story, What};

/// 2025-01-01.
const NOW: Duration = Duration::from_secs(1_735_689_600);

fn certificate(name: &str) -> Vec<u8> {
    let text = include_str!("../../../vectors/chains.pem");
    let names = text.lines().filter_map(|line| line.strip_prefix("# "));
    let mut blocks = names.zip(Pem::iter_from_buffer(text.as_bytes()));
    blocks.find(|(found, _)| *found == name).unwrap().1.unwrap().contents
}

fn length(bytes: &[u8]) -> [u8; 3] {
    let [.., high, middle, low] = bytes.len().to_be_bytes();
    [high, middle, low]
}

fn message(from: Side, msg_type: HandshakeType, body: &[u8]) -> Item {
    let bytes = [&[msg_type.0][..], &length(body), body].concat();
    let longest_record = u16::try_from(bytes.len()).unwrap();
    let message = Message { msg_type, bytes, protected: false, records: 1, longest_record, error: None };
    item(from, What::Handshake(message))
}

fn item(from: Side, what: What) -> Item {
    let place = Place { at: Some(NOW), ..Place::default() };
    Item { from, place, what }
}

fn chain(names: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = names
        .iter()
        .flat_map(|name| {
            let der = certificate(name);
            [&length(&der)[..], &der].concat()
        })
        .collect();
    [&length(&list)[..], &list].concat()
}

/// The client refuses right after the Certificate; its random begins with that time.
fn story(names: &[&str], time: u32, alert: Alert) -> Story {
    let mut random = vec![0x5a; 32];
    random[..4].copy_from_slice(&time.to_be_bytes());
    let name = b"localhost";
    let mut client_hello =
        [&[3, 3][..], &random, &[0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 18, 0, 0, 0, 14, 0, 12, 0, 0, 9]].concat();
    client_hello.extend(name);
    let server_hello = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2b, 0]].concat();
    let alert = What::Alert { level: AlertLevel::fatal, description: alert, protected: false };
    let items = vec![
        item(Side::Client, What::Opened),
        item(Side::Server, What::Accepted),
        message(Side::Client, HandshakeType::client_hello, &client_hello),
        message(Side::Server, HandshakeType::server_hello, &server_hello),
        message(Side::Server, HandshakeType::certificate, &chain(names)),
        item(Side::Client, alert),
        item(Side::Client, What::Fin),
    ];
    Story { items, ..Story::default() }
}

fn evidence(roots: Option<&[&str]>) -> Evidence {
    let roots = roots.map(|roots| roots.iter().map(|root| certificate(root)).collect());
    Evidence { roots, at: Some(NOW), name: Some("localhost".to_owned()), ..Evidence::default() }
}

fn failures(story: &Story, evidence: &Evidence) -> Vec<Finding> {
    let found = diagnose(story, evidence);
    found.into_iter().filter(|finding| finding.severity == Severity::Failure).collect()
}

const SET: u32 = 0x8877_6655;

#[test]
fn the_deviation_that_the_alert_can_mean_comes_first() {
    let root: Option<&[&str]> = Some(&["root"]);
    let cases: [(&[&str], Option<&[&str]>, Alert, Cause, Grade); 15] = [
        (&["expired"], root, Alert::certificate_expired, Cause::CertExpired, Grade::Proved),
        (&["expired"], root, Alert::bad_certificate, Cause::CertExpired, Grade::Proved),
        (&["future"], root, Alert::bad_certificate, Cause::CertNotYetValid, Grade::Proved),
        (&["good", "inter"], root, Alert::certificate_unknown, Cause::CertNameConstraint, Grade::Inferred),
        (&["nosan"], root, Alert::bad_certificate, Cause::CertNoSan, Grade::Proved),
        (&["client"], root, Alert::unsupported_certificate, Cause::CertEku, Grade::Proved),
        (&["self"], root, Alert::unknown_ca, Cause::CertSelfSigned, Grade::Proved),
        (&["self"], None, Alert::unknown_ca, Cause::CertSelfSigned, Grade::Proved),
        (&["self"], None, Alert::certificate_unknown, Cause::CertSelfSigned, Grade::Inferred),
        (&["direct"], Some(&["bpca"]), Alert::unknown_ca, Cause::CertUnknownIssuer, Grade::Proved),
        (&["direct"], None, Alert::unknown_ca, Cause::CertUnknownIssuer, Grade::Inferred),
        (&["under", "client"], root, Alert::unknown_ca, Cause::CertIssuerNotCa, Grade::Proved),
        (&["weak"], root, Alert::bad_certificate, Cause::CertKeyUsage, Grade::Proved),
        (&["small"], root, Alert::bad_certificate, Cause::CertWeakKey, Grade::Inferred),
        (&["direct"], root, Alert::certificate_revoked, Cause::CertRevoked, Grade::Observed),
    ];
    for (chain, roots, alert, cause, grade) in cases {
        let found = failures(&story(chain, SET, alert), &evidence(roots));
        let first = found.first().map(|first| (first.cause, first.grade));
        let expected = match cause {
            // Its name is not the expected one either, which an address of that list would be.
            Cause::CertNameConstraint => (Cause::CertNameMismatch, Grade::Proved),
            _ => (cause, grade),
        };
        assert_eq!(first, Some(expected), "{chain:?} {alert:?}: {found:?}");
        assert!(found.iter().all(|finding| !finding.evidence.is_empty() && !finding.fix.is_empty()));
    }
}

#[test]
fn an_alert_of_other_things_makes_no_deviation_a_failure() {
    let found = diagnose(&story(&["expired"], SET, Alert::internal_error), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert!(of_expiry.grade == Grade::Possible || of_expiry.severity == Severity::Advice, "{of_expiry:?}");
    let found = diagnose(&story(&["expired"], SET, Alert::bad_record_mac), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert_eq!(of_expiry.severity, Severity::Advice);
}

#[test]
fn the_name_of_the_hello_is_only_inferred() {
    let wanted = Evidence { name: Some("other.example".to_owned()), ..evidence(Some(&["root"])) };
    let found = failures(&story(&["direct"], SET, Alert::bad_certificate), &wanted);
    assert_eq!((found[0].cause, found[0].grade), (Cause::CertNameMismatch, Grade::Proved));
    let of_hello = Evidence { name: None, ..evidence(None) };
    let found = failures(&story(&["good", "inter"], SET, Alert::bad_certificate), &of_hello);
    assert_eq!((found[0].cause, found[0].grade), (Cause::CertNameMismatch, Grade::Inferred));
}

#[test]
fn a_clock_that_nobody_set() {
    let roots: Option<&[&str]> = Some(&["root"]);
    let found = failures(&story(&["direct"], 10, Alert::certificate_unknown), &evidence(roots));
    assert_eq!((found[0].cause, found[0].grade), (Cause::ClockWrong, Grade::Observed));
    assert_eq!(found[0].side, At::Client);
    // Random bytes that look like no unset clock: the alert alone says that it is about time.
    let found = failures(&story(&["direct"], SET, Alert::certificate_expired), &evidence(roots));
    assert_eq!((found[0].cause, found[0].grade), (Cause::ClockWrong, Grade::Inferred));
    let found = failures(&story(&["direct"], SET, Alert::certificate_unknown), &evidence(roots));
    assert!(found.iter().all(|finding| finding.cause != Cause::ClockWrong), "{found:?}");
}

#[test]
fn pins_that_do_not_match() {
    for (shown, cause) in [("renewed", Cause::PinRenewedSameKey), ("changed", Cause::PinChangedKey)] {
        let found = failures(&story(&[shown], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
        assert_eq!((found[0].cause, found[0].grade), (cause, Grade::Proved), "{shown}: {found:?}");
        assert_eq!((found[1].cause, found[1].grade), (Cause::CertSelfSigned, Grade::Inferred));
    }
    let found = failures(&story(&["self"], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
    let pins = [Cause::PinChangedKey, Cause::PinRenewedSameKey];
    assert!(found.iter().all(|finding| !pins.contains(&finding.cause)), "{found:?}");
}

#[test]
fn a_chain_that_is_good_is_not_blamed() {
    let found = failures(&story(&["direct"], SET, Alert::bad_certificate), &evidence(Some(&["root"])));
    assert!(found.iter().all(|finding| finding.grade >= Grade::Inferred), "{found:?}");
}
