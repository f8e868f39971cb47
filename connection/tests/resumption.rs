//! Sessions resumed over two connections, with every suite; and early data that is skipped.

mod pair;

use handclasp_codec::{
    AlertDescription, ClientHello, Decode, Empty, Encode, Field, HandshakeType, ProtocolVersion,
    PskBinderEntry, PskIdentity,
};
use handclasp_codec::{List, OfferedPsks, PskKeyExchangeMode, PskKeyExchangeModes, encode_handshake};
use handclasp_connection::{Config, Connection};
use handclasp_handshake::{Resumption, Session};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{CertificateFault, Fault, Flood, Uint};
use pair::{Pair, Proof, all, config, with};

fn resuming(mut config: Config) -> Config {
    config.handshake.resumption = Resumption { tickets: 2, lifetime: 3600, trust_generation: [1; 32] };
    config
}

/// Each side writes a line and the other reads it.
fn talk(pair: &mut Pair) {
    let config = pair.client_config.clone();
    with(&config, |context| pair.client.write(context, b"from the client")).unwrap();
    let bytes = pair.take_from_client();
    pair.deliver_to_server(&bytes, 7).unwrap();
    assert_eq!(pair.server.readable(), b"from the client");
    let config = pair.server_config.clone();
    with(&config, |context| pair.server.write(context, b"from the server")).unwrap();
    let bytes = pair.take_from_server();
    pair.deliver_to_client(&bytes, 7).unwrap();
    assert_eq!(pair.client.readable(), b"from the server");
}

/// The peer of a session is known before any data is exchanged, and can be verified again.
#[test]
fn the_peer_of_a_session_is_judged_again() {
    let of_certificates = all().into_iter().filter(|(_, proof)| *proof != Proof::Psk);
    for (suite, proof) in of_certificates {
        let config = || resuming(config(&[suite]));
        let mut first = Pair::new(config(), config(), proof);
        first.shake(4096).unwrap();
        let peer = first.client.connected().unwrap().peer;
        let session = first.client.take_sessions().pop();
        let mut again = Pair::resuming(config(), config(), proof, session.as_ref());
        again.shake(4096).unwrap();
        let connected = again.client.connected().unwrap();
        assert!(connected.resumed && peer.is_some());
        assert_eq!(connected.peer, peer);
        let fault = Fault::Certificate(CertificateFault::Revoked);
        assert_eq!(again.client.refuse_peer(CertificateFault::Revoked), fault.code());
        let bytes = again.take_from_client();
        let told = again.deliver_to_server(&bytes, 4096);
        assert_eq!(told, Err(Fault::PeerAlert(AlertDescription::certificate_revoked)));
    }
}

#[test]
fn every_suite_and_proof() {
    for (suite, proof) in all() {
        let config = || resuming(config(&[suite]));
        let mut session: Option<Session> = None;
        for round in 0..4 {
            let mut pair = Pair::resuming(config(), config(), proof, session.as_ref());
            pair.shake(if round == 1 { 1 } else { 4096 }).unwrap();
            let resumed = |connection: &Connection| connection.connected().unwrap().resumed;
            let expected = round > 0;
            assert_eq!(resumed(&pair.client), expected, "{suite:?} {proof:?} {round}");
            assert_eq!(resumed(&pair.server), expected, "{suite:?} {proof:?} {round}");
            talk(&mut pair);
            let export = |connection: &Connection| {
                let mut out = [0; 32];
                connection.export(b"EXPORTER-test", None, &mut out).unwrap();
                out
            };
            assert_eq!(export(&pair.client), export(&pair.server));
            let mut sessions = pair.client.take_sessions();
            let is_tls13 = suite.version() == ProtocolVersion::TLS_1_3;
            assert_eq!(sessions.len(), if is_tls13 { 2 } else { 1 });
            assert!(pair.client.take_sessions().is_empty() && pair.server.take_sessions().is_empty());
            session = sessions.pop();
        }
    }
}

#[test]
fn a_device_keeps_none() {
    for (suite, proof) in all() {
        let mut pair = Pair::new(config(&[suite]), resuming(config(&[suite])), proof);
        pair.shake(4096).unwrap();
        assert!(pair.client.take_sessions().is_empty());
        let mut pair = Pair::new(resuming(config(&[suite])), config(&[suite]), proof);
        pair.shake(4096).unwrap();
        assert!(pair.client.take_sessions().is_empty());
    }
}

/// A record as a client with 0-RTT sends it; the server has no keys for it.
fn early(length: usize) -> Vec<u8> {
    let head = [23, 3, 3, (length >> 8) as u8, length as u8];
    head.into_iter().chain((0..length).map(|byte| byte as u8)).collect()
}

/// A server that has answered a ClientHello with early_data, or sent a HelloRetryRequest.
fn behind_early_hello(shares: usize) -> Pair {
    behind_early_hello_with(shares, None)
}

/// The same for a server with this record size limit.
fn behind_early_hello_with(shares: usize, record_limit: Option<u16>) -> Pair {
    let mut client = config(&[&aws_lc::TLS_AES_128_GCM_SHA256]);
    client.handshake.shares = shares;
    let mut server = config(&[&aws_lc::TLS_AES_128_GCM_SHA256]);
    if let Some(bytes) = record_limit {
        server.limit_records(bytes);
    }
    let mut pair = Pair::new(client, server, Proof::Certificate(handclasp_crypto::KeyKind::P256));
    let hello = pair.take_from_client();
    let mut hello = ClientHello::from_bytes(&hello[9..], Field::client_hello).unwrap();
    // Built anew with what a client that uses 0-RTT adds.
    hello.extensions.present = false;
    hello.extensions.wire = &[];
    hello.extensions.early_data = Some(Empty);
    hello.extensions.psk_key_exchange_modes =
        Some(PskKeyExchangeModes { ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]) });
    let identities = [PskIdentity { identity: b"a ticket of another server", obfuscated_ticket_age: 5 }];
    let binders = [PskBinderEntry(&[0; 32])];
    hello.extensions.pre_shared_key =
        Some(OfferedPsks { identities: List::of(&identities), binders: List::of(&binders) });
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer)).unwrap();
    let length = u16::try_from(message.len()).unwrap().to_be_bytes();
    pair.deliver_to_server(&[&[22, 3, 1], &length[..], &message].concat(), 4096).unwrap();
    pair
}

#[test]
fn early_data_is_passed_over_up_to_a_budget() {
    // Under the server's handshake keys, and without keys after a HelloRetryRequest.
    for shares in [1, 0] {
        let mut pair = behind_early_hello(shares);
        for length in [1, 17, 500, 16_384 - 518] {
            pair.deliver_to_server(&early(length), 4096).unwrap();
        }
        // A change_cipher_spec may come in between.
        pair.deliver_to_server(&[20, 3, 3, 0, 1, 1], 6).unwrap();
        assert_eq!(pair.deliver_to_server(&early(1), 4096), Err(Fault::Flood(Flood::EarlyData)));
        // The longest record that is permitted.
        let mut pair = behind_early_hello(shares);
        assert_eq!(pair.deliver_to_server(&early(16_384 + 256), 4096), Err(Fault::Flood(Flood::EarlyData)));
    }
}

#[test]
fn early_data_is_not_judged_by_our_own_record_limit() {
    for shares in [1, 0] {
        for length in [513, 785, 1000, 16_000, 16_384] {
            let mut pair = behind_early_hello_with(shares, Some(512));
            pair.deliver_to_server(&early(length), 4096).unwrap();
        }
        // Longer than any record of TLS 1.3.
        let mut pair = behind_early_hello_with(shares, Some(512));
        let fault = pair.deliver_to_server(&early(16_641), 4096).unwrap_err();
        assert_eq!(fault, Fault::RecordOverflow { limit: 16_640, found: 16_641 });
    }
    // Records that are not early data keep the limit of their type.
    let mut pair = behind_early_hello_with(0, Some(512));
    let handshake = [22, 3, 3, 0x40, 0x01];
    let found = 16_385;
    let record = [&handshake[..], &vec![0; usize::from(found)]].concat();
    let fault = pair.deliver_to_server(&record, 4096).unwrap_err();
    assert_eq!(fault, Fault::RecordOverflow { limit: 16_384, found });
}

#[test]
fn without_the_extension_nothing_is_passed_over() {
    let config = || config(&[&aws_lc::TLS_AES_128_GCM_SHA256]);
    let mut pair = Pair::new(config(), config(), Proof::Certificate(handclasp_crypto::KeyKind::P256));
    let hello = pair.take_from_client();
    pair.deliver_to_server(&hello, 4096).unwrap();
    let fault = pair.deliver_to_server(&early(40), 4096).unwrap_err();
    assert_eq!(fault, Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: true });
}

#[test]
fn behind_early_data_the_handshake_goes_on() {
    // Seen from the server: the first record that opens ends the skipping, and numbers start at 0.
    let mut pair = behind_early_hello(1);
    pair.deliver_to_server(&early(100), 4096).unwrap();
    // A plaintext alert of a client that cannot continue is still accepted.
    let fault = pair.deliver_to_server(&[21, 3, 3, 0, 2, 2, 40], 7).unwrap_err();
    assert_eq!(fault, Fault::PeerAlert(handclasp_codec::AlertDescription::handshake_failure));
}
