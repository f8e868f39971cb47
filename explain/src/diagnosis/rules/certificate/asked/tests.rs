//! TLS 1.3 handshakes whose certificate does not show, with the chain that the server sends now.

use std::time::Duration;

use handclasp_codec::{HandshakeType, ProtocolVersion};

use super::*;
use crate::conversation::{Conversation, Event, EventKind};
use crate::diagnosis::rules::test_support::{
    NOW, alert, certificate, client_hello, conversation, evidence, item, sealed, server_hello,
};
use crate::diagnosis::rules::{log, weighing};
use crate::input::evidence::AnswerNow;

const DAY: Duration = Duration::from_secs(86_400);

/// The length of the Certificate message of the chain in these tests.
const CERTIFICATE: u16 = 600;

/// How the client ends it.
fn by_alert(description: Alert) -> Vec<Event> {
    vec![alert(Side::Client, description), item(Side::Client, EventKind::Fin)]
}

fn by_unread_alert() -> Vec<Event> {
    vec![sealed(Side::Client, 19), item(Side::Client, EventKind::Fin)]
}

fn after_its_finished() -> Vec<Event> {
    let records = [sealed(Side::Client, 53), sealed(Side::Client, 19)];
    records.into_iter().chain([item(Side::Client, EventKind::Fin)]).collect()
}

/// The server's flight with a Certificate of this length, then the end.
fn hidden(certificate: u16, end: Vec<Event>) -> Conversation {
    let flight = [23, certificate + 17, 97, 53].map(|length| sealed(Side::Server, length));
    conversation(
        [client_hello(0x8877_6655), server_hello(true)].into_iter().chain(flight).chain(end).collect(),
    )
}

/// What the server answers now, a day after the capture.
fn now(names: &[&str]) -> ServerNow {
    let lengths = [
        (HandshakeType::encrypted_extensions, 6),
        (HandshakeType::certificate, usize::from(CERTIFICATE)),
        (HandshakeType::certificate_verify, 79),
        (HandshakeType::finished, 36),
    ];
    ServerNow::new("192.0.2.1:443", NOW + DAY, AnswerNow::Continues)
        .with_choices(Some(ProtocolVersion::TLS_1_3), None, None)
        .with_chain(names.iter().map(|name| certificate(name)).collect())
        .with_flight(lengths.to_vec())
}

/// The findings of this family and of logs, weighed by the ending.
fn diagnose(conversation: &Conversation, evidence: &Evidence) -> Vec<Finding> {
    let case = Case::new(conversation, evidence);
    let found = [super::super::findings(&case), log::findings(&case)].concat();
    weighing::weigh(&case, found)
}

/// The same with the answer of now, at the time of the capture.
fn found(conversation: &Conversation, names: &[&str], roots: Option<&[&str]>) -> Vec<Finding> {
    let evidence = Evidence { at: None, server_now: Some(now(names)), ..evidence(roots) };
    diagnose(conversation, &evidence)
}

fn first(found: &[Finding]) -> Option<(Cause, Confidence, bool)> {
    let first = found.first().filter(|first| first.severity == Severity::Failure)?;
    Some((first.cause, first.confidence, first.as_of_now))
}

const ROOT: Option<&[&str]> = Some(&["root"]);

#[test]
fn the_chain_of_now_names_the_cause() {
    let unread = hidden(CERTIFICATE, by_unread_alert());
    let likely = |cause| Some((cause, Confidence::Inferred, true));
    for (names, roots, cause) in [
        (&["expired"][..], ROOT, Cause::CertExpired),
        (&["expired"], None, Cause::CertExpired),
        (&["self"], ROOT, Cause::CertSelfSigned),
        (&["direct"], Some(&["bpca"][..]), Cause::CertUnknownIssuer),
        (&["nosan"], ROOT, Cause::CertNoSan),
        (&["client"], ROOT, Cause::CertEku),
    ] {
        assert_eq!(first(&found(&unread, names, roots)), likely(cause), "{names:?}");
    }
    let unknown = hidden(CERTIFICATE, by_alert(Alert::unknown_ca));
    assert_eq!(first(&found(&unknown, &["direct"], Some(&["bpca"]))), likely(Cause::CertUnknownIssuer));
}

#[test]
fn what_an_alert_says_stays_and_is_supported() {
    let conversation = hidden(CERTIFICATE, by_alert(Alert::certificate_expired));
    let found = found(&conversation, &["expired"], ROOT);
    assert_eq!(first(&found), Some((Cause::CertExpired, Confidence::Observed, false)));
    assert!(found[0].evidence.iter().any(|line| line.starts_with("asked 192.0.2.1:443")), "{found:?}");
    assert_eq!(found.iter().filter(|finding| finding.cause == Cause::CertExpired).count(), 1);
}

#[test]
fn a_flight_of_another_length_speaks_against_the_chain() {
    let conversation = hidden(CERTIFICATE + 40, by_alert(Alert::unknown_ca));
    let found = found(&conversation, &["direct"], Some(&["bpca"]));
    assert_eq!(first(&found), Some((Cause::CertUnknownIssuer, Confidence::Possible, true)));
    assert!(found[0].evidence.iter().any(|line| line.contains("do not match this chain")), "{found:?}");
}

#[test]
fn a_chain_that_was_valid_then_makes_the_clock_wrong() {
    let conversation = hidden(CERTIFICATE, by_alert(Alert::certificate_expired));
    let found = found(&conversation, &["direct"], ROOT);
    assert_eq!(first(&found), Some((Cause::ClockWrong, Confidence::Inferred, true)));
}

#[test]
fn a_certificate_that_is_newer_than_the_capture_has_no_dates_of_then() {
    let mut conversation = hidden(CERTIFICATE, by_unread_alert());
    // 2005: before all certificates were issued.
    let then = Duration::from_secs(1_104_537_600);
    conversation.events.iter_mut().for_each(|event| event.position.time = Some(then));
    let of_now = |names: &[&str]| {
        let found = found(&conversation, names, ROOT);
        found.into_iter().filter(|finding| finding.as_of_now).collect::<Vec<_>>()
    };
    assert!(of_now(&["direct"]).is_empty());
    let [name] = of_now(&["nosan"]).try_into().unwrap();
    assert_eq!((name.cause, name.confidence), (Cause::CertNoSan, Confidence::Possible));
}

#[test]
fn a_client_that_leaves_behind_its_finished_may_have_checked_the_name() {
    let conversation = hidden(CERTIFICATE, after_its_finished());
    let for_another_name = Evidence {
        at: None,
        name: Some("other.test".to_owned()),
        server_now: Some(now(&["direct"])),
        ..evidence(ROOT)
    };
    let late = diagnose(&conversation, &for_another_name);
    assert_eq!(first(&late).map(|(cause, ..)| cause), Some(Cause::CertNameMismatch), "{late:?}");
    // The server's FIN may come first, after the client's close_notify; but not its own close_notify.
    let of = |end: &[Event]| {
        let begun = [sealed(Side::Client, 53), sealed(Side::Server, 250)];
        let end = begun.into_iter().chain(end.iter().cloned()).collect();
        first(&diagnose(&hidden(CERTIFICATE, end), &for_another_name)).map(|(cause, ..)| cause)
    };
    let (fin, short) = (item(Side::Server, EventKind::Fin), |side| sealed(side, 19));
    assert_eq!(of(&[short(Side::Client), fin.clone()]), Some(Cause::CertNameMismatch));
    assert_eq!(of(&[short(Side::Server), fin, short(Side::Client)]), None);
    // It would have refused an issuer or a date earlier.
    for (names, roots) in [(&["direct"][..], Some(&["bpca"][..])), (&["expired"], ROOT), (&["self"], None)] {
        let found = found(&conversation, names, roots);
        let of_now = |finding: &&Finding| finding.as_of_now && finding.severity == Severity::Failure;
        assert_eq!(found.iter().find(of_now), None, "{names:?}");
    }
}

#[test]
fn a_handshake_with_data_does_not_fail() {
    let mut end = after_its_finished();
    end.insert(1, sealed(Side::Client, 120));
    let found = found(&hidden(CERTIFICATE, end), &["expired"], ROOT);
    assert!(found.iter().all(|finding| finding.severity == Severity::Advice), "{found:?}");
}

#[test]
fn a_log_alone_is_judged_by_the_chain_of_now() {
    let client_log = Some("psql: error: SSL error: certificate verify failed".to_owned());
    let evidence = Evidence { client_log, server_now: Some(now(&["expired"])), ..evidence(ROOT) };
    let found = diagnose(&Conversation::default(), &evidence);
    let expired = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert_eq!((expired.confidence, expired.as_of_now), (Confidence::Inferred, true));
}
