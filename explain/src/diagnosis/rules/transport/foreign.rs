//! Bytes that are not TLS: the protocols that end up on a TLS port, and the plain ones that a TLS
//! client ends up at.

mod asked;

use asked::{Asked, request};

use crate::conversation::{Event, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::{Case, end};

/// What the first bytes that are not TLS are.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let foreign = said(case);
    // Both ends speak TLS behind the plain lines: STARTTLS was said, and the lines belong there.
    let speaks = |side| case.conversation.events.iter().any(|item| item.from == side && item.kind.is_tls());
    if speaks(Side::Client) && speaks(Side::Server) {
        return Vec::new();
    }
    if let Some(asked) = Asked::of(case, &foreign) {
        return asked.findings(case);
    }
    let Some((item, begins)) = foreign.iter().find(|(_, begins)| protocol(begins).is_some()) else {
        return unknown(case, &foreign);
    };
    let Some(protocol) = protocol(begins) else { return Vec::new() };
    let said: Vec<&[u8]> = foreign.iter().map(|(_, begins)| *begins).collect();
    told(protocol, item, begins, &said)
}

/// All bytes that are not TLS, turn by turn.
fn said<'a>(case: &Case<'a>) -> Vec<(&'a Event, &'a [u8])> {
    case.conversation.events.iter().filter_map(|item| Some((item, item.kind.not_tls()?))).collect()
}

/// Two ends that talk HTTP, SSH or MQTT in plain with each other and are content: nobody wanted TLS.
pub(super) fn is_plain_talk(case: &Case<'_>) -> bool {
    let foreign = said(case);
    let asks = foreign.iter().any(|(item, begins)| item.from == Side::Client && request(begins).is_some());
    if asks || case.conversation.events.iter().any(|item| item.kind.is_tls()) {
        return false;
    }
    let of = |side| foreign.iter().find(|(item, _)| item.from == side).map(|(_, begins)| *begins);
    let (Some(client), Some(server)) = (of(Side::Client), of(Side::Server)) else { return false };
    match (protocol(client), protocol(server)) {
        // A server of TLS that is asked in plain answers 400 before anything else.
        (Some(Protocol::Http), Some(Protocol::Http)) => {
            let bad = server.get(8..12).is_some_and(|status| status == b" 400");
            !bad && !contains(server, &["HTTPS", "TLS", "SSL"])
        }
        (Some(Protocol::Ssh), Some(Protocol::Ssh)) => true,
        (Some(Protocol::Mqtt), Some(Protocol::Mqtt)) => matches!(server, [0x20, _, _, 0, ..]),
        _ => false,
    }
}

/// Whether one of these stands in it, in any case.
fn contains(begins: &[u8], parts: &[&str]) -> bool {
    let text = String::from_utf8_lossy(begins).to_uppercase();
    parts.iter().any(|part| text.contains(part))
}

/// A protocol that is not TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http,
    Smtp,
    Mqtt,
    Ssh,
    /// Plain at first, TLS after a command: IMAP, POP3, FTP, XMPP, LDAP, PostgreSQL, MySQL.
    StartTls(&'static str),
}

/// Recognises a protocol by how it begins.
fn protocol(begins: &[u8]) -> Option<Protocol> {
    let text = String::from_utf8_lossy(begins.get(..64.min(begins.len())).unwrap_or_default()).to_uppercase();
    // A report keeps five bytes.
    const REPORTED: usize = 5;
    let begins_so = |start: &str| {
        text.starts_with(start) || (begins.len() == REPORTED && start.starts_with(text.as_str()))
    };
    let starts = |list: &[&str]| list.iter().any(|start| begins_so(start));
    let all = String::from_utf8_lossy(begins).to_uppercase();
    Some(match begins {
        _ if starts(&[
            "HTTP/",
            "GET ",
            "POST ",
            "PUT ",
            "HEAD ",
            "OPTIONS ",
            "DELETE ",
            "PATCH ",
            "CONNECT ",
            "PRI * HTTP",
            "<!DOCTYPE HTML",
            "<HTML",
        ]) =>
        {
            Protocol::Http
        }
        _ if starts(&["SSH-"]) => Protocol::Ssh,
        [first, ..] if is_mqtt(*first, begins) => Protocol::Mqtt,
        _ if starts(&["220"]) && !all.contains("FTP") => Protocol::Smtp,
        _ if starts(&["EHLO ", "HELO ", "554 ", "421 ", "MAIL FROM"]) => Protocol::Smtp,
        _ if starts(&["220"]) || starts(&["AUTH TLS", "USER "]) => Protocol::StartTls("FTP"),
        _ if starts(&["* OK", "* BYE", "* PREAUTH"]) || all.contains("CAPABILITY\r\n") => {
            Protocol::StartTls("IMAP")
        }
        _ if starts(&["+OK", "-ERR"]) => Protocol::StartTls("POP3"),
        _ if starts(&["<?XML", "<STREAM:STREAM"]) => Protocol::StartTls("XMPP"),
        _ if all.contains("STARTTLS") => Protocol::StartTls("a mail or chat protocol"),
        // SSLRequest and StartupMessage of PostgreSQL: length, then 80877103 or version 3.0.
        [0, 0, _, _, 0x04, 0xd2, 0x16, 0x2f, ..] | [0, 0, _, _, 0, 3, 0, 0, ..] | [0, 0, 0, 8, 4] => {
            Protocol::StartTls("PostgreSQL")
        }
        // Initial handshake of MySQL: length, sequence 0, protocol 10.
        [_, _, 0, 0, 10, ..] => Protocol::StartTls("MySQL"),
        // LDAPMessage: SEQUENCE, messageID INTEGER of one byte, then an operation.
        [0x30, _, 0x02, 0x01, _, 0x60 | 0x61 | 0x63 | 0x77 | 0x78, ..] => Protocol::StartTls("LDAP"),
        _ => return None,
    })
}

/// CONNECT of MQTT 3.1 to 5, or the CONNACK of a broker.
fn is_mqtt(first: u8, begins: &[u8]) -> bool {
    let connect = first == 0x10
        && begins.windows(6).take(6).any(|name| matches!(name, b"\x00\x04MQTT" | b"\x00\x06MQIs"));
    let refused = matches!(begins, [0x20, 2, 0 | 1, 0..=5] | [0x20, 2, 0 | 1, 0..=5, ..]);
    let goodbye = matches!(begins, [0xe0, 0..=2, ..]);
    let reported = matches!(begins, [0x10, _, 0, 4 | 6, b'M'] | [0x10, 0x80..=0xff, _, 0, 4 | 6]);
    connect || refused || goodbye || reported
}

fn told(protocol: Protocol, item: &Event, begins: &[u8], said: &[&[u8]]) -> Vec<Finding> {
    let who = end(item.from);
    let evidence = format!("{}: the {who} sends {}", item.position, shown(begins));
    let other = end(item.from.other());
    let finding = |cause, summary: String| {
        Finding::failure(cause, Confidence::Observed, summary).evidence(evidence.clone())
    };
    match protocol {
        Protocol::Http => vec![
            finding(
                Cause::TransportNotTlsHttp,
                format!("The {who} sends plain HTTP, and the {other} uses TLS."),
            )
            .or_fix(match item.from {
                Side::Client => "use https:// in the client's address",
                Side::Server => "use http:// in the client's address, or the server's TLS port",
            }),
        ],
        Protocol::Mqtt => vec![
            finding(
                Cause::TransportNotTlsMqtt,
                format!("The {who} sends plain MQTT, and the {other} uses TLS."),
            )
            .side(match item.from {
                Side::Client => Party::Client,
                Side::Server => Party::Config,
            }),
        ],
        Protocol::Ssh => {
            vec![finding(Cause::TransportNotTlsSsh, format!("The {who} sends SSH on this port."))]
        }
        Protocol::Smtp => {
            let wants = said.iter().any(|begins| asks_for_starttls(begins));
            let smtp = finding(
                Cause::TransportNotTlsSmtp,
                "The server sends SMTP and expects STARTTLS before TLS.".to_owned(),
            );
            let starttls = starttls(&evidence, "SMTP");
            match wants || item.from == Side::Client {
                true => vec![starttls, smtp],
                false => vec![smtp, starttls],
            }
        }
        Protocol::StartTls(name) => vec![starttls(&evidence, name)],
    }
}

fn starttls(evidence: &str, name: &str) -> Finding {
    let summary = format!(
        "This is {name}, which begins in plain text: TLS begins only after a command, which is missing \
         here."
    );
    Finding::failure(Cause::TransportStarttls, Confidence::Observed, summary).evidence(evidence.to_owned())
}

/// Whether a server says that it wants STARTTLS first.
fn asks_for_starttls(begins: &[u8]) -> bool {
    let text = String::from_utf8_lossy(begins).to_uppercase();
    text.contains("STARTTLS") && (text.contains("MUST ISSUE") || text.contains("530 "))
}

/// No protocol that is known here.
fn unknown(case: &Case<'_>, foreign: &[(&Event, &[u8])]) -> Vec<Finding> {
    // A server that reports it has judged what its client sent.
    let judged = |item: &Event| item.from == Side::Server || case.notes().is_some();
    let Some((item, begins)) = foreign.iter().find(|(item, _)| judged(item)) else {
        return Vec::new();
    };
    let summary = match item.from {
        Side::Server => "The server responds with bytes that are not TLS.",
        Side::Client => "The client sends bytes that are neither TLS nor another known protocol.",
    };
    vec![
        Finding::failure(Cause::RefusedUnexplained, Confidence::Possible, summary)
            .evidence(format!("{}: the {} sends {}", item.position, end(item.from), shown(begins)))
            .evidence(case.ended())
            .fix("check what listens on that port"),
    ]
}

/// How bytes begin: as text if they are, else in hexadecimal.
fn shown(begins: &[u8]) -> String {
    const SHOWN: usize = 40;
    let line = begins.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let line = line.get(..SHOWN.min(line.len())).unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(text) if line.len() > 3 && !text.contains(|found: char| found.is_control()) => {
            format!("\"{text}\"")
        }
        _ => begins.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::EventKind;

    fn conversation(turns: &[(Side, &[u8])], tls: bool) -> crate::conversation::Conversation {
        use crate::diagnosis::rules::test_support::{client_hello, conversation, item};
        let said =
            turns.iter().map(|(from, begins)| item(*from, EventKind::NotTls { prefix: begins.to_vec() }));
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

    #[test]
    fn by_the_first_bytes() {
        let mqtt5 = b"\x10\x1e\x00\x04MQTT\x05\x02\x00\x3c";
        for (begins, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Some(Protocol::Http)),
            (b"GET / HTTP/1.1\r\n", Some(Protocol::Http)),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Some(Protocol::Ssh)),
            (b"220 mail.example ESMTP\r\n", Some(Protocol::Smtp)),
            (b"220 (vsFTPd 3.0.3)\r\n", Some(Protocol::StartTls("FTP"))),
            (b"* OK IMAP4rev1 ready\r\n", Some(Protocol::StartTls("IMAP"))),
            (b"+OK POP3 ready\r\n", Some(Protocol::StartTls("POP3"))),
            (mqtt5, Some(Protocol::Mqtt)),
            (b"\x20\x02\x00\x01", Some(Protocol::Mqtt)),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", Some(Protocol::StartTls("PostgreSQL"))),
            (b"\x01\x00\x00\x25\x03\x03", None),
            (b"", None),
        ] {
            assert_eq!(protocol(begins), expected, "{begins:02x?}");
        }
    }
}
