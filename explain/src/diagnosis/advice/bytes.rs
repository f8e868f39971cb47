//! Faults of form: bytes that do not parse, come out of order, or are no TLS.

use handclasp_codec::{ContentType, HandshakeType};
use handclasp_report::{Counted, Event, Tag};

use super::{
    conversation::Conversation,
    foreign::{self, Protocol},
    told::Told,
};

pub(super) fn decode(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::default()
        .either(format!(
            "paste the {peer}'s bytes as hex into `handclasp explain -`: it names the field and tries repairs"
        ))
        .theirs(format!(
            "if the {peer} is your own code, mend that field; else look for what changes bytes between"
        ))
}

pub(super) fn violation(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because("The protocol does not permit that.")
        .theirs(format!("update or repair the {peer}"))
        .between("if it is a known good one, look for a middlebox: capture at both ends and compare")
        .shows(&[Tag::Versions, Tag::Extensions])
}

pub(super) fn unexpected(conversation: &Conversation<'_>, expected: Event, found: Event) -> Told {
    let certificates = Event::Message(HandshakeType::certificate_request);
    if expected == Event::Record(ContentType::handshake) {
        return Told::because("A handshake message was begun, and its end did not come (RFC 8446 §5.1).")
            .and(violation(conversation));
    }
    if found == Event::ApplicationData {
        return Told::because("Data came before the handshake was complete.").and(violation(conversation));
    }
    if found == Event::Message(HandshakeType::client_hello) && conversation.connected() {
        return Told::because("The client wants to renegotiate; handclasp never does (RFC 5746 §5).")
            .client("switch renegotiation off in the client; connect anew instead");
    }
    if expected == certificates || matches!(found, Event::Message(HandshakeType::hello_request)) {
        return Told::because("The server asks for what handclasp does not do: renegotiation.")
            .server("let the server ask for the client's certificate in the first handshake");
    }
    Told::because("A message was lost or is not meant to be sent, or the two ends disagree about the suite.")
        .and(violation(conversation))
}

/// A record longer than the protocol permits, or than we said that we take.
pub(super) fn record_overflow(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because("Such a record breaks RFC 8446 §5.1, or the smaller limit that was agreed.")
        .theirs(format!(
            "send records within the limit: the {peer} ignores max_fragment_length or record_size_limit"
        ))
        .either("if this came at once, the bytes may not be TLS at all: check the port")
}

/// Another protocol than TLS.
fn plain(conversation: &Conversation<'_>, protocol: Protocol) -> Told {
    let name = protocol.name();
    if conversation.is_client() {
        let told = Told::because(format!("The port speaks {name}."));
        let told = match protocol.tls_port() {
            Some(port) => {
                told.ours(format!("use the port that speaks TLS from the first byte (often {port})"))
            }
            None => told.ours("use a port that speaks TLS from the first byte"),
        };
        return told
            .ours_if(
                protocol.has_starttls(),
                "TLS begins there after a command (STARTTLS), which handclasp does not send",
            )
            .theirs("switch TLS on for that port");
    }
    let told = Told::because(format!("The client speaks {name}."));
    match protocol.client_flag() {
        Some(flag) => told.theirs(format!("switch TLS on in the client ({flag})")),
        None => told.theirs("connect to a server of that protocol: this one speaks TLS from the first byte"),
    }
}

/// A message above a limit of ours: what makes such a message long depends on its type.
pub(super) fn too_large(conversation: &Conversation<'_>, message: HandshakeType) -> Told {
    let peer = conversation.peer();
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
        // Of no other message does the length follow from a configuration; the registry is open.
        _ => format!("update or repair the {peer}: no {message} needs to be so long"),
    };
    Told::because("That is more than we are willing to hold; the limit is ours, and not the protocol's.")
        .theirs(shorter)
        .either("if this came at once, the bytes may not be TLS at all: check the port")
}

/// More in a ClientHello than we look at.
pub(super) fn too_many(what: Counted) -> Told {
    let fewer = match what {
        Counted::Extensions => "send fewer extensions: IANA's registry has about 70",
        Counted::KeyShares => {
            "send a key share for one or two groups: a server asks for another where it needs one \
             (HelloRetryRequest)"
        }
    };
    Told::because("The protocol permits so many; the limit is ours.").theirs(fewer)
}

pub(super) fn not_tls(conversation: &Conversation<'_>, first: &[u8; 5]) -> Told {
    if let Some(protocol) = foreign::protocol(first) {
        return plain(conversation, protocol);
    }
    match first {
        [1, 0, _, _, 3] | [2, 0, _, _, 3] => {
            Told::because("It is a handshake message without the record header of five bytes in front.")
                .theirs("paste the bytes into `handclasp explain -`: it shows the repaired message")
        }
        [0x80..=0xff, _, 1, ..] => Told::because("It is a ClientHello of SSL 2.0.")
            .client("update the client; handclasp speaks TLS 1.2 and 1.3"),
        _ => Told::default().either("check the port, and that no proxy or greeting stands in front of TLS"),
    }
}
