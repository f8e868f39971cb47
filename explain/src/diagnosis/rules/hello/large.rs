//! A ClientHello that needs several records or TCP segments, and a server, or a device before it, that looks
//! at the first piece only.

use handclasp_codec::{AlertDescription as Alert, ClientHello, HandshakeType, NamedGroup};

use crate::conversation::{Ending, Event, EventKind, Message, Side, Stage, StreamError};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::protocol::proxy_header::ProxyHeader;
use crate::diagnosis::rules::{Case, transport};

/// Bytes of data that a TCP segment holds on Ethernet with IPv6 (IPv4: 20 more; timestamps: 12 less).
const SEGMENT: usize = 1440;

/// Bytes of a record header.
const HEADER: usize = 5;

/// The finding, by records or by segments.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    if !matches!(case.stage, Stage::ClientHello | Stage::MalformedHello) {
        return None;
    }
    in_records(case).or_else(|| in_segments(case))
}

/// A ClientHello that spans several records, in words.
fn in_pieces(what: &EventKind) -> Option<String> {
    if let Some(message) = what.message() {
        let several = message.msg_type == HandshakeType::client_hello && message.records > 1;
        return several.then(|| format!("the ClientHello spans {} records", message.records));
    }
    let Some(StreamError::MessageTruncated { msg_type: HandshakeType::client_hello, announced, bytes }) =
        what.stream_error()
    else {
        return None;
    };
    let came = bytes.len().saturating_sub(4);
    Some(format!("a ClientHello of {announced} bytes, of which the first records contain {came}"))
}

/// A ClientHello in several records, and a server that gives up on it.
fn in_records(case: &Case<'_>) -> Option<Finding> {
    let (item, how) =
        case.conversation.events.iter().find_map(|item| Some((item, in_pieces(&item.kind)?)))?;
    let cannot = [
        Alert::unexpected_message,
        Alert::illegal_parameter,
        Alert::decode_error,
        Alert::handshake_failure,
        Alert::internal_error,
        Alert::record_overflow,
    ];
    let gave_up =
        case.left(Side::Server) || case.refused(Side::Server).is_some_and(|alert| cannot.contains(&alert));
    if !gave_up {
        return None;
    }
    let summary = "The ClientHello spans several records, and the server aborts on it: small stacks cannot \
                   reassemble it.";
    Some(
        Finding::failure(Cause::HelloFragmentedUnsupported, Confidence::Inferred, summary)
            .evidence(format!("{}: {how}", item.position))
            .evidence(case.ended()),
    )
}

/// A ClientHello that does not fit in one TCP segment, and no answer to it.
fn in_segments(case: &Case<'_>) -> Option<Finding> {
    let events = &case.conversation.events;
    let (index, message) = events.iter().enumerate().find_map(|(index, item)| {
        let message = item.kind.message()?;
        (message.msg_type == HandshakeType::client_hello).then_some((index, message))
    })?;
    let records = usize::try_from(message.records).unwrap_or(1);
    let size = message.bytes.len().saturating_add(records.saturating_mul(HEADER));
    let after = |item: &&Event| item.from == Side::Server && says(&item.kind);
    let header = |item: &Event| item.kind.not_tls().is_some_and(|begins| ProxyHeader::of(begins).is_some());
    let answered =
        events.iter().skip(index).filter(after).any(|item| !matches!(item.kind, EventKind::Alert { .. }));
    if size <= SEGMENT || answered || events.iter().take(index).any(header) {
        return None;
    }
    let how = ended_so(case)?;
    // A server that spoke before is up and reachable: only the ClientHello is left without an answer.
    let spoke = events.iter().take(index).any(|item| after(&item));
    let silent = matches!(how, "no answer comes");
    let (confidence, word) = match spoke && silent {
        true => (Confidence::Inferred, "likely"),
        false => (Confidence::Possible, "possible"),
    };
    let share = large_share(message);
    let reason = share.as_ref().map_or_else(String::new, |(_, words)| format!(", most of it {words}"));
    let summary = format!(
        "The ClientHello has {size} bytes with its record header{reason}: it does not fit in one TCP segment, \
         and {how}. A server or middlebox that looks at the first segment only is the {word} reason."
    );
    let mut finding = Finding::failure(Cause::HelloFragmentedUnsupported, confidence, summary)
        .evidence(format!(
            "{}: the ClientHello has {size} bytes; a segment holds about {SEGMENT}",
            events.get(index)?.position
        ))
        .evidence(case.ended());
    if spoke {
        finding = finding.evidence("the server answers what the client sends before the ClientHello");
    }
    finding.fix = fixes(share.is_some());
    Some(finding)
}

/// Whether a side sends data by this.
fn says(kind: &EventKind) -> bool {
    kind.is_tls() || kind.not_tls().is_some()
}

/// How it ended, if such a device may be the reason.
fn ended_so(case: &Case<'_>) -> Option<&'static str> {
    let cannot =
        [Alert::decode_error, Alert::record_overflow, Alert::internal_error, Alert::unexpected_message];
    match case.ending {
        Ending::Silent { expected: Side::Server } => Some("no answer comes"),
        Ending::Closed { by: Side::Client } | Ending::Reset { by: Side::Client }
            if transport::unanswered(case) =>
        {
            Some("no answer comes")
        }
        Ending::Reset { by: Side::Server } => Some("the connection is reset"),
        Ending::Closed { by: Side::Server } => Some("the server closes the connection"),
        Ending::Refused { by: Side::Server, alert, .. } if cannot.contains(&alert) => {
            Some("the server refuses it")
        }
        _ => None,
    }
}

/// The key share that makes a ClientHello large: its group, and words for it.
fn large_share(message: &Message) -> Option<(NamedGroup, String)> {
    const LARGE: usize = 512;
    let hello: ClientHello<'_> = message.decode()?;
    let shares = hello.extensions.key_share.as_ref()?;
    let largest = shares.client_shares.iter().max_by_key(|share| share.key_exchange.len())?;
    let bytes = largest.key_exchange.len();
    (bytes >= LARGE).then(|| (largest.group, format!("the {} key share of {bytes} bytes", largest.group)))
}

fn fixes(is_share: bool) -> Vec<Fix> {
    let mut fixes = vec![Fix::by(
        Party::Server,
        "update the server, and the firewall, proxy or load balancer before it, to a version that reads a \
         ClientHello of several segments",
    )];
    if is_share {
        fixes.push(Fix::by(
            Party::Client,
            "turn the large share off, to test it or until then: OpenSSL 3.5 -groups X25519:P-256 (Groups in \
             openssl.cnf, ssl_ecdh_curve in nginx), curl --curves X25519, Go GODEBUG=tlsmlkem=0, Node \
             ecdhCurve: 'X25519:P-256', Java -Djdk.tls.namedGroups=x25519,secp256r1, Chrome's policy \
             PostQuantumKeyAgreementEnabled, Firefox security.tls.enable_kyber",
        ));
    } else {
        fixes
            .push(Fix::by(Party::Client, "send a smaller ClientHello: fewer suites, ALPN names and tickets"));
    }
    fixes.push(Fix::by(
        Party::Network,
        "compare with handclasp check HOST:PORT, which sends hellos of several sizes",
    ));
    fixes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conversation::{Conversation, Position};
    use crate::diagnosis::rules::test_support::{NOW, conversation, failures, item, message};

    /// A ClientHello of about that many bytes, padded by extension 21.
    fn hello(length: usize) -> Event {
        let padding = u16::try_from(length - 59).unwrap();
        let start = [&[3, 3][..], &[0x5a; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
        let rest = [(padding + 4).to_be_bytes(), [0, 21], padding.to_be_bytes()].concat();
        let body = [start, rest, vec![0; usize::from(padding)]].concat();
        message(Side::Client, HandshakeType::client_hello, &body)
    }

    fn found(events: Vec<Event>) -> Option<Finding> {
        let conversation: Conversation = conversation(events);
        let found = failures(&conversation, &crate::input::evidence::Evidence::default());
        found.into_iter().find(|finding| finding.cause == Cause::HelloFragmentedUnsupported)
    }

    fn later(from: Side, kind: EventKind) -> Event {
        let position = Position { time: Some(NOW + Duration::from_secs(6)), ..Position::default() };
        Event { from, position, kind }
    }

    #[test]
    fn a_hello_of_two_segments_without_an_answer_is_named() {
        for last in [
            later(Side::Server, EventKind::Reset),
            later(Side::Server, EventKind::Fin),
            later(Side::Client, EventKind::Fin),
        ] {
            let words = format!("{last:?}");
            assert_eq!(found(vec![hello(1500), last]).unwrap().confidence, Confidence::Possible, "{words}");
        }
        assert!(found(vec![hello(1500)]).is_some());
    }

    #[test]
    fn a_hello_of_one_segment_or_with_an_answer_is_not() {
        assert!(found(vec![hello(600), later(Side::Server, EventKind::Reset)]).is_none());
        let bytes = EventKind::NotTls { prefix: b"220 mx\r\n".to_vec() };
        assert!(
            found(vec![hello(1500), item(Side::Server, bytes), later(Side::Client, EventKind::Fin)])
                .is_none()
        );
        // The client leaves at once: it did not wait for an answer.
        assert!(found(vec![hello(1500), item(Side::Client, EventKind::Fin)]).is_none());
    }

    #[test]
    fn a_server_that_spoke_before_is_likely_to_miss_the_second_segment() {
        let plain = |from, bytes: &[u8]| item(from, EventKind::NotTls { prefix: bytes.to_vec() });
        let mut events = vec![
            plain(Side::Server, b"220 mx ESMTP\r\n"),
            plain(Side::Client, b"STARTTLS\r\n"),
            plain(Side::Server, b"220 Ready\r\n"),
            hello(1500),
            later(Side::Client, EventKind::Fin),
        ];
        let finding = found(events.clone()).unwrap();
        assert_eq!(finding.confidence, Confidence::Inferred);
        if let Some(large) = events.get_mut(3) {
            *large = hello(600);
        }
        assert!(found(events).is_none());
    }
}
