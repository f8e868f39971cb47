//! Conversations for tests of rules: messages of TLS 1.2 and 1.3 with the certificates of
//! `vectors/chains.pem`.

use std::time::Duration;

use handclasp_codec::{AlertDescription as Alert, AlertLevel, ContentType, HandshakeType};
use x509_parser::pem::Pem;

use crate::conversation::{
    Conversation, Event, EventKind, Message, Position, ProtectedRecord, Side, UndecryptedReason,
};
use crate::input::evidence::Evidence;

/// 2025-01-01.
pub(crate) const NOW: Duration = Duration::from_secs(1_735_689_600);

pub(crate) fn certificate(name: &str) -> Vec<u8> {
    let text = include_str!("../../vectors/chains.pem");
    let names = text.lines().filter_map(|line| line.strip_prefix("# "));
    let mut blocks = names.zip(Pem::iter_from_buffer(text.as_bytes()));
    blocks.find(|(found, _)| *found == name).unwrap().1.unwrap().contents
}

pub(crate) fn length(bytes: &[u8]) -> [u8; 3] {
    let [.., high, middle, low] = bytes.len().to_be_bytes();
    [high, middle, low]
}

pub(crate) fn message(from: Side, msg_type: HandshakeType, body: &[u8]) -> Event {
    let bytes = [&[msg_type.0][..], &length(body), body].concat();
    let longest_record = u16::try_from(bytes.len()).unwrap();
    let message = Message { msg_type, bytes, protected: false, records: 1, longest_record, error: None };
    item(from, EventKind::Handshake(message))
}

pub(crate) fn item(from: Side, kind: EventKind) -> Event {
    let position = Position { time: Some(NOW), ..Position::default() };
    Event { from, position, kind }
}

pub(crate) fn chain(names: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = names
        .iter()
        .flat_map(|name| {
            let der = certificate(name);
            [&length(&der)[..], &der].concat()
        })
        .collect();
    [&length(&list)[..], &list].concat()
}

pub(crate) fn evidence(roots: Option<&[&str]>) -> Evidence {
    let roots = roots.map(|roots| roots.iter().map(|root| certificate(root)).collect());
    Evidence { roots, at: Some(NOW), name: Some("localhost".to_owned()), ..Evidence::default() }
}

/// A ClientHello with server_name localhost; its random starts with `time`.
pub(crate) fn client_hello(time: u32) -> Event {
    let mut random = vec![0x5a; 32];
    random[..4].copy_from_slice(&time.to_be_bytes());
    let rest = [0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 18, 0, 0, 0, 14, 0, 12, 0, 0, 9];
    let body = [&[3, 3][..], &random, &rest, b"localhost"].concat();
    message(Side::Client, HandshakeType::client_hello, &body)
}

/// A ServerHello: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, or TLS 1.3.
pub(crate) fn server_hello(tls13: bool) -> Event {
    let rest: &[u8] = match tls13 {
        false => &[0, 0xc0, 0x2b, 0],
        true => &[0, 0x13, 1, 0, 0, 6, 0, 0x2b, 0, 2, 3, 4],
    };
    message(Side::Server, HandshakeType::server_hello, &[&[3, 3][..], &[7; 32], rest].concat())
}

pub(crate) fn alert(from: Side, description: Alert) -> Event {
    item(from, EventKind::Alert { level: AlertLevel::fatal, description, protected: false })
}

pub(crate) fn sealed(from: Side, length: u16) -> Event {
    let content_type = ContentType::application_data;
    item(
        from,
        EventKind::Protected(ProtectedRecord { content_type, length, reason: UndecryptedReason::NoKeys }),
    )
}

pub(crate) fn conversation(items: Vec<Event>) -> Conversation {
    let opened = [item(Side::Client, EventKind::Syn), item(Side::Server, EventKind::SynAck)];
    Conversation { events: opened.into_iter().chain(items).collect(), ..Conversation::default() }
}
