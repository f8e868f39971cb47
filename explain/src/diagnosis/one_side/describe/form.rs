//! Faults of form: bytes that do not parse, messages out of order or too long, bytes that are not TLS.

use handclasp_codec::{ContentType, HandshakeType};
use handclasp_report::{Counted, Event, Tag};

use super::{Context, Description};
use crate::conversation::Side;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::protocol::Protocol;

pub(super) fn decode(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .either(format!(
            "paste the {peer}'s bytes as hex into `handclasp explain -`: it names the field and tries repairs"
        ))
        .peers(format!(
            "if the {peer} is your own code, correct that field; else look for what changes bytes in between"
        ))
}

pub(super) fn violation(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because("The protocol does not permit that.")
        .peers(format!("update or repair the {peer}"))
        .between("if it is a known good one, look for a middlebox: capture on both sides and compare")
        .offers(&[Tag::Versions, Tag::Extensions])
}

pub(super) fn unexpected(context: &Context<'_>, expected: Event, found: Event) -> Description {
    let reason = if expected == Event::Record(ContentType::handshake) {
        "A handshake message was begun, and its end did not come (RFC 8446 §5.1)."
    } else if found == Event::ApplicationData {
        "Data came before the handshake was complete."
    } else if found == Event::Message(HandshakeType::client_hello) && context.notes.has(Tag::Connected) {
        return context
            .describe()
            .because("The client wants to renegotiate; handclasp never does (RFC 5746 §5).")
            .client("switch renegotiation off in the client; connect anew instead");
    } else if expected == Event::Message(HandshakeType::certificate_request)
        || found == Event::Message(HandshakeType::hello_request)
    {
        return context
            .describe()
            .because("The server wants to renegotiate; handclasp never does.")
            .server("let the server ask for the client's certificate in the first handshake");
    } else {
        "A message was lost or left out, or the two sides disagree about the suite."
    };
    let mut description = violation(context);
    description.reasons.insert(0, reason.to_owned());
    description
}

/// A record longer than the protocol permits, or than our side said that it takes.
pub(super) fn record_overflow(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because("Such a record breaks RFC 8446 §5.1, or the smaller limit that was agreed.")
        .peers(format!(
            "send records within the limit: the {peer} ignores max_fragment_length or record_size_limit"
        ))
        .either("if this came at once, the bytes may not be TLS at all: check the port")
}

/// A message above a limit of ours: what makes such a message long depends on its type.
pub(super) fn too_large(context: &Context<'_>, message: HandshakeType) -> Description {
    let peer = context.notes.peer();
    let shorter = match message {
        HandshakeType::client_hello => {
            "offer less: a smaller ticket or fewer pre-shared keys, fewer key shares, ALPN names or \
             certificate_authorities, less padding"
                .to_owned()
        }
        HandshakeType::certificate | HandshakeType::compressed_certificate => {
            format!("shorten the {peer}'s certificate chain, or use EC certificates")
        }
        HandshakeType::certificate_request => "name fewer certificate_authorities in the request".to_owned(),
        HandshakeType::new_session_ticket => {
            "give smaller tickets: those that hold the client's certificates grow with the client's chain"
                .to_owned()
        }
        // The length of no other message follows from a configuration; the registry is open.
        _ => format!("update or repair the {peer}: no {message} needs to be so long"),
    };
    context
        .describe()
        .because("That is more than this side accepts; the limit is ours, and not the protocol's.")
        .peers(shorter)
        .either("if this came at once, the bytes may not be TLS at all: check the port")
}

/// More in a ClientHello than our side looks at.
pub(super) fn too_many(context: &Context<'_>, what: Counted) -> Description {
    let fewer = match what {
        Counted::Extensions => "send fewer extensions: IANA's registry has about 70",
        Counted::KeyShares => {
            "send a key share for one or two groups: a server asks for another where it needs one \
             (HelloRetryRequest)"
        }
        _ => "send fewer of them",
    };
    context.describe().because("The protocol permits so many; the limit is ours.").peers(fewer)
}

/// Bytes that are not TLS; the rules know the protocol where it is a known one.
pub(super) fn not_tls(context: &Context<'_>, cause: Cause, first: &[u8; 5]) -> Description {
    let description = context.describe();
    if cause == Cause::TransportProxyHeader {
        return description
            .ours(
                "if that address is a proxy of yours, expect the header: `--proxy-protocol-in ADDRESS`; every \
                 connection to this port then begins with one",
            )
            .peers(
                "else switch the header off in the proxy: `send-proxy`, `send-proxy-v2` (HAProxy), `proxy_protocol on` \
                 (nginx stream), `protocol = proxy` (stunnel)",
            );
    }
    if cause != Cause::RefusedUnexplained {
        return plain(context, cause, first);
    }
    match first {
        [1, 0, _, _, 3] | [2, 0, _, _, 3] => description
            .fact("It is a handshake message without the record header of five bytes in front.")
            .peers("paste the bytes into `handclasp explain -`: it shows the repaired message"),
        [0x80..=0xff, _, 1, ..] => description
            .fact("It is a ClientHello of SSL 2.0.")
            .client("update the client; handclasp speaks TLS 1.2 and 1.3"),
        [0, 0, _, _, 0] if !context.notes.is_client() => description
            .fact(
                "They begin with a length, as PostgreSQL without encryption (`sslmode=disable`), Kafka and ZooKeeper do.",
            )
            .peers("switch TLS on in the client")
            .client(THROUGH_TUNNEL),
        _ => description.either("check the port, and that no proxy or greeting stands in front of TLS"),
    }
}

/// Another protocol than TLS.
fn plain(context: &Context<'_>, cause: Cause, first: &[u8; 5]) -> Description {
    if context.notes.is_client() {
        plain_server(context, cause, first)
    } else {
        plain_client(context, cause, first)
    }
}

/// A server that does not speak TLS from the first byte: the port that does.
fn plain_server(context: &Context<'_>, cause: Cause, first: &[u8; 5]) -> Description {
    let port = match (cause, first) {
        (Cause::TransportNotTlsHttp, _) => Some("443 or 8443"),
        (Cause::TransportNotTlsMqtt, _) => Some("8883"),
        (Cause::TransportNotTlsSmtp, _) => Some("465 or 990"),
        (_, b"* OK ") => Some("993"),
        (_, [b'+', b'O', b'K', ..]) => Some("995"),
        (_, b"<?xml" | b"<stre") => Some("5223"),
        _ => None,
    };
    let starttls = matches!(cause, Cause::TransportStarttls | Cause::TransportNotTlsSmtp);
    let description = context.describe();
    let description = match port {
        Some(port) => {
            description.ours(format!("use the port that speaks TLS from the first byte (often {port})"))
        }
        None => description.ours("use a port that speaks TLS from the first byte"),
    };
    description
        .ours_if(starttls, "TLS begins there after a command (STARTTLS), which handclasp does not send")
        .peers("switch TLS on for that port")
}

/// A client that does not speak TLS from the first byte: its setting, or a tunnel beside it.
fn plain_client(context: &Context<'_>, cause: Cause, first: &[u8; 5]) -> Description {
    let description = context.describe();
    // PostgreSQL, "Message Formats": the length 8 and the codes 80877103 (SSLRequest), 80877104 (GSSENCRequest).
    if matches!(first, [0, 0, 0, 8, 4]) {
        return description
            .fact(
                "It is PostgreSQL's own request for encryption, which its clients send in front of TLS unless they are \
                 told otherwise; here TLS begins with the first byte.",
            )
            .client(
                "from version 17 psql and libpq begin with TLS themselves: `sslmode=require sslnegotiation=direct` (the \
                 server selects their protocol: `--alpn postgresql`)",
            )
            .client("an older client connects in plaintext to `handclasp tunnel` beside it, whose TARGET is this server");
    }
    let setting = match (cause, Protocol::of(first, Side::Client)) {
        (Cause::TransportNotTlsHttp, _) => "switch TLS on in the client (https://)".to_owned(),
        (Cause::TransportNotTlsMqtt, _) => {
            "switch TLS on in the client (mqtts://, mosquitto_pub: `--cafile FILE`)".to_owned()
        }
        (_, Some(protocol)) if protocol.starttls == Some("ldap") => {
            "switch TLS on in the client (ldaps://, not StartTLS)".to_owned()
        }
        (_, Some(protocol)) if protocol.command.is_some() => {
            "switch TLS on in the client (\"SSL/TLS\", not \"STARTTLS\")".to_owned()
        }
        (_, Some(protocol)) => protocol.client.to_owned(),
        (_, None) => "switch TLS on in the client".to_owned(),
    };
    let is_ssh = cause == Cause::TransportNotTlsSsh;
    let description = description.peers(setting);
    if is_ssh { description } else { description.client(THROUGH_TUNNEL) }
}

/// What a program without TLS does.
const THROUGH_TUNNEL: &str =
    "a client without TLS connects in plaintext to `handclasp tunnel` beside it, whose TARGET is this server";
