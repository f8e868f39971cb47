//! After the handshake: tickets and KeyUpdate (RFC 8446 §4.6), HelloRequest (RFC 5246 §7.4.1.1).

use handclasp_codec::{AlertDescription, ExtensionType as X, Field, HandshakeType as Type};
use handclasp_crypto::KeyKind;
use handclasp_handshake::Input;
use handclasp_report::{Event, Fault, Internal, Misuse};

use crate::{
    fake::{extensions, message, truncations, vector8, vector16},
    fake12::Fake12,
    fake13::Fake13,
    setup::{Did, NO_PSK, SHARED, Tested, WITH_PSK, config, messages, only12, shape, start},
};

/// A connected client of TLS 1.3.
fn connected13() -> (Tested, Fake13) {
    let (mut tested, hello) = start(config(), WITH_PSK);
    let mut server = Fake13 { psk: Some(SHARED.to_vec()), ..Fake13::new(&hello) };
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    assert_eq!(shape(&did), "log log log finished read write connected");
    (tested, server)
}

/// A connected client of TLS 1.2.
fn connected12() -> (Tested, Fake12) {
    let (mut tested, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::P256).unwrap();
    tested.message(&server.server_key_exchange(KeyKind::P256)).unwrap();
    let did = tested.message(&server.server_hello_done()).unwrap();
    assert_eq!(shape(&did), "log client_key_exchange change_cipher_spec write finished");
    server.client_flight(&messages(&did), None);
    assert_eq!(shape(&tested.input(Input::ChangeCipherSpec).unwrap()), "read");
    assert_eq!(shape(&tested.message(&server.finished()).unwrap()), "connected");
    assert!(tested.client.is_connected());
    (tested, server)
}

#[test]
fn tickets_are_read_and_dropped() {
    let early_data = (X::early_data, vec![0, 0, 16, 0]);
    let body = [
        7200_u32.to_be_bytes().to_vec(),
        vec![1, 2, 3, 4],
        vector8(b"nonce"),
        vector16(b"ticket"),
        extensions(&[(X(0x1a1a), vec![]), early_data]),
    ];
    let ticket = message(Type::new_session_ticket, &body.concat());
    let (mut tested, _) = connected13();
    for _ in 0..3 {
        assert!(tested.message(&ticket).unwrap().is_empty());
        assert!(tested.client.is_connected());
    }
    for cut in truncations(&ticket) {
        let (mut tested, _) = connected13();
        tested.does_not_parse(&cut);
    }
}

#[test]
fn key_updates() {
    let (mut tested, server) = connected13();
    let (client, server) = server.application();
    let update = |request: u8| message(Type::key_update, &[request]);
    let keys = |did: &Did| match did {
        Did::Read(keys) | Did::Write(keys) => keys.key.expose().to_vec(),
        _ => panic!("keys"),
    };
    let suite = &handclasp_provider_aws_lc::TLS_AES_128_GCM_SHA256;
    // Only told: new read keys.
    let did = tested.message(&update(0)).unwrap();
    assert_eq!(shape(&did), "read");
    assert_eq!(keys(&did[0]), server.next().keys(suite).key.expose());
    // Asked: the connection is told, and answers when it has something to send.
    let did = tested.message(&update(1)).unwrap();
    assert_eq!(shape(&did), "read requested");
    assert_eq!(keys(&did[0]), server.next().next().keys(suite).key.expose());
    // The answer, or of our own accord: it does not ask back, goes out under the old keys, and
    // new write keys follow.
    let did = tested.update_keys().unwrap();
    assert_eq!(shape(&did), "key_update write");
    assert_eq!(messages(&did), [update(0)]);
    assert_eq!(keys(&did[1]), client.next().keys(suite).key.expose());

    for request in [2, 255] {
        let (mut tested, _) = connected13();
        tested.refuses(&update(request), Fault::IllegalParameter(Field::request_update));
    }
    for body in [[].as_slice(), &[0, 0]] {
        let (mut tested, _) = connected13();
        tested.does_not_parse(&message(Type::key_update, body));
    }
}

#[test]
fn keys_cannot_be_updated_elsewhere() {
    let (mut tested, hello) = start(config(), NO_PSK);
    let not_yet = Some(Fault::Misuse(Misuse::NotConnected));
    assert_eq!(tested.update_keys().err(), not_yet);
    tested.message(&Fake13::new(&hello).server_hello()).unwrap();
    assert_eq!(tested.update_keys().err(), not_yet);
    let (mut tested, _) = connected12();
    assert_eq!(tested.update_keys().err(), Some(Fault::Internal(Internal::KeyExhausted)));
}

#[test]
fn hello_requests_change_nothing() {
    let request = message(Type::hello_request, &[]);
    let (mut tested, _) = connected12();
    for _ in 0..2 {
        let did = tested.message(&request).unwrap();
        assert!(matches!(did[..], [Did::Warn(AlertDescription::no_renegotiation)]));
        assert!(tested.client.is_connected());
    }
    tested.does_not_parse(&message(Type::hello_request, &[0]));

    // In the handshake neither, and it is no part of the transcript.
    let (mut tested, hello) = start(only12(), NO_PSK);
    let mut server = Fake12::new(&hello);
    tested.message(&server.server_hello()).unwrap();
    assert!(tested.message(&request).unwrap().is_empty());
    tested.message(&server.certificate()).unwrap();
    tested.accept(KeyKind::Ed25519).unwrap();
    assert!(tested.message(&request).unwrap().is_empty());
    tested.message(&server.server_key_exchange(KeyKind::Ed25519)).unwrap();
    let did = tested.message(&server.server_hello_done()).unwrap();
    assert!(tested.message(&request).unwrap().is_empty());
    server.client_flight(&messages(&did), None);
    tested.input(Input::ChangeCipherSpec).unwrap();
    assert!(tested.message(&request).unwrap().is_empty());
    tested.message(&server.finished()).unwrap();
    assert!(tested.client.is_connected());
}

#[test]
fn change_cipher_spec_after_finished() {
    for mut tested in [connected13().0, connected12().0] {
        let expected = Event::ApplicationData;
        let fault = tested.input(Input::ChangeCipherSpec).err();
        assert_eq!(fault, Some(Fault::Unexpected { expected, found: Event::ChangeCipherSpec }));
        tested.is_over();
    }
}
