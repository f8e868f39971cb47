//! Endings behind a completed handshake of TLS 1.2 without keys: which are failures, and which remarks.

use std::time::Duration;

use handclasp_codec::{AlertDescription as Alert, AlertLevel, ContentType, HandshakeType};

use super::super::test_support::{NOW, alert, conversation, item, message, server_hello};
use super::super::{diagnose, test_support};
use crate::conversation::{Event, EventKind, ProtectedRecord, Side, UndecryptedReason};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Finding, Severity};
use crate::input::evidence::Evidence;
use Side::{Client, Server};

/// A hello with this name in its ALPN.
fn hello(protocol: &str) -> Event {
    let [name] = [protocol.len()].map(|length| u8::try_from(length).unwrap());
    let start = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
    let alpn = [&[0, 16, 0, name + 3, 0, name + 1, name][..], protocol.as_bytes()].concat();
    let body = [&start[..], &[0, u8::try_from(alpn.len()).unwrap()], &alpn].concat();
    message(Client, HandshakeType::client_hello, &body)
}

fn protected(from: Side, content_type: ContentType) -> Event {
    let record = ProtectedRecord { content_type, length: 40, reason: UndecryptedReason::NoKeys };
    item(from, EventKind::Protected(record))
}

/// A handshake that completes, then these events, the last some time after the others.
fn found(protocol: &str, after: &[Event], waits: Duration) -> Vec<Finding> {
    let mut items = vec![hello(protocol), server_hello(false)];
    items.push(message(Server, HandshakeType::server_hello_done, &[]));
    for side in [Client, Server] {
        items.extend([item(side, EventKind::ChangeCipherSpec), protected(side, ContentType::handshake)]);
    }
    items.extend_from_slice(after);
    items.last_mut().unwrap().position.time = Some(NOW + waits);
    diagnose(&conversation(items), &Evidence::default())
}

/// The first failure, or else the remark.
fn first(protocol: &str, after: &[Event], waits: Duration) -> Option<(Cause, Severity)> {
    let found = found(protocol, after, waits);
    let remarks = [Cause::TransportClosedAfterHandshake, Cause::TransportPlainAfterTls];
    let wanted =
        |finding: &&Finding| finding.severity == Severity::Failure || remarks.contains(&finding.cause);
    found.iter().find(wanted).map(|finding| (finding.cause, finding.severity))
}

const AT_ONCE: Duration = Duration::from_millis(1);

#[test]
fn a_client_that_insists_on_alpn_leaves_at_once() {
    let left = [item(Client, EventKind::Fin)];
    let failed = Some((Cause::AlpnNoneInCommon, Severity::Failure));
    let remark = Some((Cause::TransportClosedAfterHandshake, Severity::Advice));
    assert_eq!(first("h2", &left, AT_ONCE), failed);
    assert_eq!(first("postgresql", &left, AT_ONCE), failed);
    assert_eq!(first("h2", &left, Duration::from_secs(2)), remark);
    assert_eq!(first("http/1.1", &left, AT_ONCE), remark);
    assert_eq!(first("h2", &[item(Server, EventKind::Fin)], AT_ONCE), remark);
    let data = EventKind::ApplicationData {
        records: 1,
        bytes: 50,
        decrypted: false,
        early: false,
        prefix: Vec::new(),
    };
    assert_eq!(first("h2", &[item(Client, data), item(Client, EventKind::Fin)], AT_ONCE), None);
}

#[test]
fn what_the_log_of_a_client_that_leaves_unused_states_is_the_reason() {
    let mut items = vec![hello("http/1.1"), server_hello(false)];
    items.push(message(Server, HandshakeType::server_hello_done, &[]));
    for side in [Client, Server] {
        items.extend([item(side, EventKind::ChangeCipherSpec), protected(side, ContentType::handshake)]);
    }
    items.push(item(Client, EventKind::Fin));
    let log = "credentials: cannot check peer: missing selected ALPN property".to_owned();
    let evidence = Evidence { client_log: Some(log), ..Evidence::default() };
    let found = test_support::failures(&conversation(items), &evidence);
    assert_eq!(found.first().map(|finding| finding.cause), Some(Cause::AlpnNoneInCommon));
}

#[test]
fn bytes_outside_tls_fail_unless_both_left_tls() {
    let plain = || item(Server, EventKind::NotTls { prefix: b"500 oops\r\n".to_vec() });
    let close_notify = || {
        let description = Alert::close_notify;
        item(Server, EventKind::Alert { level: AlertLevel::warning, description, protected: true })
    };
    let fin = || item(Client, EventKind::Fin);
    let failed = Some((Cause::TransportPlainAfterTls, Severity::Failure));
    assert_eq!(first("h2", &[plain(), fin()], AT_ONCE), failed);
    let remark = Some((Cause::TransportPlainAfterTls, Severity::Advice));
    assert_eq!(first("http/1.1", &[close_notify(), plain(), fin()], AT_ONCE), remark);
    let unread = protected(Server, ContentType::alert);
    assert_eq!(first("http/1.1", &[unread, plain(), fin()], AT_ONCE), remark);
}

#[test]
fn a_refusal_after_the_handshake_is_not_a_failed_handshake() {
    let refused = first("h2", &[alert(Server, Alert::internal_error)], AT_ONCE);
    assert_eq!(refused, Some((Cause::RefusedAfterHandshake, Severity::Failure)));
    let named = first("h2", &[alert(Client, Alert::certificate_expired)], AT_ONCE);
    assert_eq!(named.map(|(cause, _)| cause), Some(Cause::CertExpired));
}
