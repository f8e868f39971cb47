//! Conversations in plain before TLS, and in its place.

use super::*;
use crate::conversation::EventKind;

fn conversation(turns: &[(Side, &[u8])], tls: bool) -> crate::conversation::Conversation {
    use crate::diagnosis::rules::test_support::{client_hello, conversation, item};
    let said = turns.iter().map(|(from, begins)| item(*from, EventKind::NotTls { prefix: begins.to_vec() }));
    let mut items: Vec<Event> = said.collect();
    items.extend(tls.then(|| client_hello(0x8877_6655)));
    items.push(item(Side::Server, EventKind::Fin));
    conversation(items)
}

fn first(turns: &[(Side, &[u8])], tls: bool) -> Option<Cause> {
    let evidence = crate::input::evidence::Evidence::default();
    let found = crate::diagnosis::rules::test_support::failures(&conversation(turns, tls), &evidence);
    found.first().map(|first| first.cause)
}

use Side::{Client, Server};

#[test]
fn behind_consent_the_plain_lines_are_no_cause() {
    const SSL: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";
    let talks: [&[(Side, &[u8])]; 4] = [
        &[(Server, b"220 mail ESMTP\r\n"), (Client, b"STARTTLS\r\n"), (Server, b"220 go on\r\n")],
        &[(Server, b"* OK IMAP4rev1\r\n"), (Client, b"a STARTTLS\r\n"), (Server, b"a OK\r\n")],
        &[(Client, b"CONNECT a:443 HTTP/1.1\r\n\r\n"), (Server, b"HTTP/1.1 200 OK\r\n\r\n")],
        &[(Client, SSL), (Server, b"S")],
    ];
    for talk in talks {
        assert_eq!(first(talk, true), Some(Cause::TransportClosedByServer), "{talk:?}");
    }
    type Talk<'a> = &'a [(Side, &'a [u8])];
    let refused: [(Talk<'_>, _); 3] = [
        (&[(Client, SSL), (Server, b"N")], Cause::TransportStarttls),
        (&[(Client, b"STARTTLS\r\n"), (Server, b"454 not now\r\n")], Cause::TransportStarttls),
        (
            &[(Client, b"CONNECT a:443 HTTP/1.1\r\n\r\n"), (Server, b"HTTP/1.1 403 No\r\n\r\n")],
            Cause::TransportNotTlsHttp,
        ),
    ];
    for (talk, cause) in refused {
        assert_eq!(first(talk, false), Some(cause), "{talk:?}");
    }
}

#[test]
fn who_never_wanted_tls_has_not_failed() {
    let get = (Client, &b"GET / HTTP/1.1\r\n\r\n"[..]);
    let ssh = &b"SSH-2.0-OpenSSH_9.2\r\n"[..];
    assert_eq!(first(&[get, (Server, b"HTTP/1.1 200 OK\r\n\r\n")], false), None);
    assert_eq!(first(&[(Server, ssh), (Client, ssh)], false), None);
    let hint = &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..];
    assert_eq!(first(&[get, (Server, hint)], false), Some(Cause::TransportNotTlsHttp));
    assert_eq!(first(&[get], false), Some(Cause::TransportNotTlsHttp));
}

/// The first failure of a conversation with these turns in plain, the ClientHello if there is one, and a
/// last event.
fn judged(turns: &[(Side, &[u8])], tls: bool, last: Event) -> Option<Finding> {
    let mut conversation = conversation(turns, tls);
    conversation.events.pop();
    conversation.events.push(last);
    let evidence = crate::input::evidence::Evidence::default();
    crate::diagnosis::rules::test_support::failures(&conversation, &evidence).into_iter().next()
}

const HEADER: &[u8] = b"PROXY TCP4 192.0.2.7 192.0.2.1 51234 443\r\n";

#[test]
fn a_proxy_header_is_the_cause_where_the_server_refuses_it() {
    use handclasp_codec::AlertDescription as Alert;

    use crate::diagnosis::rules::test_support::{alert, item, server_hello};

    let cause = |last: Event| judged(&[(Client, HEADER)], true, last);
    for last in [
        item(Server, EventKind::Reset),
        item(Server, EventKind::Fin),
        alert(Server, Alert::decode_error),
        alert(Server, Alert::protocol_version),
    ] {
        let words = format!("{:?}", last.kind);
        let found = cause(last).unwrap();
        assert_eq!(
            (found.cause, found.confidence),
            (Cause::TransportProxyHeader, Confidence::Inferred),
            "{words}"
        );
        assert!(found.evidence[0].contains("from 192.0.2.7 port 51234"), "{:?}", found.evidence);
    }
    // The server closes on the header alone.
    let found = judged(&[(Client, HEADER)], false, item(Server, EventKind::Fin)).unwrap();
    assert_eq!((found.cause, found.confidence), (Cause::TransportProxyHeader, Confidence::Observed));
    // A web server takes the header for a request.
    let talk = [(Client, HEADER), (Server, &b"HTTP/1.1 400 Bad Request\r\n"[..])];
    let found = judged(&talk, true, item(Server, EventKind::Fin)).unwrap();
    assert_eq!((found.cause, found.confidence), (Cause::TransportProxyHeader, Confidence::Observed));
    // A server that reads the hello behind the header expects the header.
    assert_ne!(
        cause(alert(Server, Alert::handshake_failure)).map(|found| found.cause),
        Some(Cause::TransportProxyHeader)
    );
    assert_ne!(cause(server_hello(true)).map(|found| found.cause), Some(Cause::TransportProxyHeader));
}

#[test]
fn what_follows_a_proxy_header_is_recognised() {
    let request = [HEADER, b"GET / HTTP/1.1\r\n\r\n"].concat();
    let answer = &b"HTTP/1.1 200 OK\r\n\r\n"[..];
    assert_eq!(first(&[(Client, &request), (Server, answer)], false), None);
}

#[test]
fn refusals_to_start_tls_are_named() {
    const LDAP: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
    const RDP: &[u8] = b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0";
    const TDS: &[u8] = b"\x12\x01\0\x1a\0\0\0\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x11\0\0\0\0\0\x01";
    const TDS_PLAIN: &[u8] = b"\x04\x01\0\x1a\0\0\x01\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\x11\0\0\0\0\0\x02";
    let refused: [(&[u8], &[u8], &str); 8] = [
        (b"STARTTLS\r\n", b"454 4.7.0 TLS not available\r\n", "454"),
        (b"a STARTTLS\r\n", b"a NO not here\r\n", "refuses to start TLS"),
        (b"AUTH TLS\r\n", b"534 Denied\r\n", "policy"),
        (
            b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            b"<failure xmlns='a'/>",
            "refuses to start TLS",
        ),
        (LDAP, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\0\x04\0", "52"),
        (RDP, b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x02\0\0\0", "RDP's own security"),
        (TDS, TDS_PLAIN, "PRELOGIN"),
        (b"\x05\x01\0\x03\x01a\x01\xbb", b"\x05\x05\0\x01\0\0\0\0\0\0", "SOCKS"),
    ];
    for (asks, answer, words) in refused {
        let last = crate::diagnosis::rules::test_support::item(Client, EventKind::Fin);
        let found = judged(&[(Client, asks), (Server, answer)], false, last).unwrap();
        assert!(found.summary.contains(words), "{}", found.summary);
        let socks = found.cause == Cause::TransportNotTlsOther;
        assert!(socks || found.cause == Cause::TransportStarttls, "{:?}", found.cause);
    }
    // The client wanted TLS and does without it.
    const SSL: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";
    const STARTUP: &[u8] = b"\0\0\0\x0e\0\x03\0\0user\0\0";
    let talk = [(Client, SSL), (Server, &b"N"[..]), (Client, STARTUP), (Server, b"R\0\0\0\x08\0\0\0\0")];
    assert_eq!(first(&talk, false), None);
}

#[test]
fn a_plain_protocol_is_named_with_what_to_do() {
    type Row<'a> = (Side, &'a [u8], Cause, &'a str, &'a str);
    let rows: [Row<'_>; 5] = [
        (Client, b"*1\r\n$4\r\nPING\r\n", Cause::TransportNotTlsOther, "Redis", "rediss://"),
        (Server, b"220 mx ESMTP\r\n", Cause::TransportNotTlsSmtp, "STARTTLS", "--starttls smtp"),
        (Server, b"\x4a\0\0\0\x0a8.0.36\0", Cause::TransportStarttls, "MySQL", "ssl-mode"),
        (Server, b"AMQP\0\0\x09\x01", Cause::TransportNotTlsOther, "AMQP", "5671"),
        (Client, b"AMQP\0\0\x09\x01", Cause::TransportNotTlsOther, "AMQP", "amqps://"),
    ];
    for (from, begins, cause, name, fix) in rows {
        let last = crate::diagnosis::rules::test_support::item(from.other(), EventKind::Reset);
        let found = judged(&[(from, begins)], from == Server, last).unwrap();
        assert_eq!(found.cause, cause, "{name}");
        assert!(found.summary.contains(name), "{}", found.summary);
        assert!(found.fix.iter().any(|given| given.text.contains(fix)), "{:?}", found.fix);
    }
}

#[test]
fn binary_bytes_are_shown_in_hexadecimal() {
    let last = crate::diagnosis::rules::test_support::item(Server, EventKind::Fin);
    let found = judged(&[(Client, b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0")], false, last).unwrap();
    assert!(found.evidence[0].contains("10 0c 00 04"), "{:?}", found.evidence);
}

#[test]
fn an_answer_to_unknown_bytes_is_not_the_cause() {
    let talk = [(Client, &b"\x07\x08\x09\x0a\x0b"[..]), (Server, b"HTTP/1.1 400 Bad Request\r\n")];
    let last = crate::diagnosis::rules::test_support::item(Server, EventKind::Fin);
    assert_eq!(judged(&talk, false, last).unwrap().cause, Cause::TransportNotTlsOther);
}

#[test]
fn plain_lines_of_the_only_side_that_was_captured_are_no_cause() {
    use crate::diagnosis::rules::test_support::{client_hello, conversation, failures, item};
    let found = |other: Option<EventKind>| {
        let request = EventKind::NotTls { prefix: b"\0\0\0\x08\x04\xd2\x16\x2f".to_vec() };
        let mut items = vec![item(Client, request), client_hello(0x8877_6655)];
        items.extend(other.map(|kind| item(Server, kind)));
        let all = failures(&conversation(items), &crate::input::evidence::Evidence::default());
        all.first().map(|first| first.cause)
    };
    assert_ne!(found(Some(EventKind::Gap(1853))), Some(Cause::TransportStarttls));
    assert_eq!(found(None), Some(Cause::TransportStarttls));
}

#[test]
fn a_capture_that_ends_at_the_hello_does_not_show_silence() {
    use crate::diagnosis::finding::Confidence;
    use crate::diagnosis::rules::test_support::{client_hello, conversation, failures, item};
    let items = vec![
        item(Client, EventKind::Syn),
        item(Server, EventKind::SynAck),
        client_hello(0x8877_6655),
        item(Server, EventKind::Acknowledged),
    ];
    let found = failures(&conversation(items), &crate::input::evidence::Evidence::default());
    let first = found.first().map(|first| (first.cause, first.confidence));
    assert_eq!(first, Some((Cause::TransportSilent, Confidence::Possible)));
}
