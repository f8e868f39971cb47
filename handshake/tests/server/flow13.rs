//! Handshakes of TLS 1.3 that succeed.

use handclasp_codec::{
    CipherSuite, Decode, Field, HELLO_RETRY_REQUEST_RANDOM, HandshakeType, KeyUpdate, KeyUpdateRequest,
    NamedGroup, ProtocolVersion, ServerHello, SignatureScheme,
};
use handclasp_crypto::KeyKind;
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Event as Kind, Fault, Misuse, Side, Tag};

use super::{
    harness::{Done, Harness, IDENTITY, config, config_with},
    offer::Offer,
    peer13::{Peer13, body, encrypted_extensions},
};
use handclasp_handshake::{Answer, CredentialRequest, Input, Need, PskHash};

/// A whole handshake with a certificate.
pub(super) fn with_certificate(harness: &mut Harness, offer: Offer, group: NamedGroup) -> Peer13 {
    let mut peer = Peer13::new(offer, group);
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    let finished = peer.finish(harness);
    harness.message(&finished).unwrap();
    peer
}

#[cfg(feature = "default")]
#[test]
fn certificate_in_every_group_and_suite() {
    for group in provider::GROUPS {
        for suite in &provider::ALL_SUITES[..3] {
            let mut harness = Harness::new(config_with(&[suite.id]));
            let offer = Offer { suites: vec![suite.id], groups: Some(vec![group.group()]), ..Offer::new() };
            with_certificate(&mut harness, offer, group.group());
            let connected = harness.connected();
            assert_eq!(connected.suite, suite.id);
            assert_eq!(connected.group, Some(group.group()));
            assert_eq!(connected.version, ProtocolVersion::TLS_1_3);
            assert!(harness.server.is_connected());
        }
    }
}

#[cfg(feature = "default")]
#[test]
fn every_kind_of_key_signs() {
    let kinds = [
        (KeyKind::P256, SignatureScheme::ecdsa_secp256r1_sha256),
        (KeyKind::P384, SignatureScheme::ecdsa_secp384r1_sha384),
        (KeyKind::P521, SignatureScheme::ecdsa_secp521r1_sha512),
        (KeyKind::Ed25519, SignatureScheme::ed25519),
        (KeyKind::Rsa, SignatureScheme::rsa_pss_rsae_sha256),
    ];
    for (kind, scheme) in kinds {
        let mut harness = Harness::with_key(config(), kind);
        let offer = Offer { schemes: Some(vec![SignatureScheme::rsa_pkcs1_sha256, scheme]), ..Offer::new() };
        with_certificate(&mut harness, offer, NamedGroup::x25519);
        assert_eq!(harness.connected().scheme, Some(scheme));
    }
}

#[cfg(feature = "default")]
#[test]
fn actions_come_in_the_order_of_the_rfc() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
    let story = [
        "server_hello",
        "change_cipher_spec",
        "write keys",
        "read keys",
        "encrypted_extensions",
        "certificate",
        "certificate_verify",
        "finished",
        "write keys",
        "read keys",
        "connected",
    ];
    assert_eq!(harness.story(), story);
    let labels: Vec<_> = harness.log.iter().map(|(label, _)| *label).collect();
    let expected = [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
    ];
    assert_eq!(labels, expected);
}

#[cfg(feature = "default")]
#[test]
fn no_change_cipher_spec_without_a_session_id() {
    let mut harness = Harness::new(config());
    let offer = Offer { session_id: Vec::new(), ..Offer::new() };
    with_certificate(&mut harness, offer, NamedGroup::x25519);
    assert!(!harness.story().contains(&"change_cipher_spec"));
}

#[cfg(feature = "default")]
#[test]
fn server_preference_decides() {
    let wanted = [CipherSuite::TLS_CHACHA20_POLY1305_SHA256, CipherSuite::TLS_AES_128_GCM_SHA256];
    let mut harness = Harness::new(config_with(&wanted));
    let offer = Offer {
        suites: vec![CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_CHACHA20_POLY1305_SHA256],
        ..Offer::new()
    };
    with_certificate(&mut harness, offer, NamedGroup::x25519);
    assert_eq!(harness.connected().suite, CipherSuite::TLS_CHACHA20_POLY1305_SHA256);
}

#[cfg(feature = "default")]
#[test]
fn a_share_that_is_there_beats_a_better_group() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::new(), NamedGroup::secp256r1);
    assert_eq!(harness.connected().group, Some(NamedGroup::secp256r1));
    assert_eq!(harness.noted(Side::Server, Tag::HelloRetry), None);
}

#[cfg(feature = "default")]
#[test]
fn psk_without_and_with_retry() {
    for retry in [false, true] {
        let suites = [CipherSuite::TLS_AES_256_GCM_SHA384, CipherSuite::TLS_AES_128_GCM_SHA256];
        let mut harness = Harness::new(config_with(&suites));
        let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
        if retry {
            peer.offer.shares = Some(Vec::new());
        }
        harness.message(&peer.hello()).unwrap();
        harness.answer_psk(0, PskHash::Sha256).unwrap();
        if retry {
            assert_eq!(peer.retry(&harness), NamedGroup::x25519);
            harness.message(&peer.hello()).unwrap();
            harness.answer_psk(0, PskHash::Sha256).unwrap();
        }
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        let connected = harness.connected();
        // The first suite with the key's hash, not the first of all.
        assert_eq!(connected.suite, CipherSuite::TLS_AES_128_GCM_SHA256);
        assert_eq!(connected.psk_identity.as_deref(), Some(IDENTITY));
        assert_eq!(connected.scheme, None);
        assert_eq!(connected.server_name.as_deref(), Some(b"device.example".as_slice()));
        // The name was not used, so it is not acknowledged.
        assert_eq!(encrypted_extensions(&harness), (false, None));
        assert!(!harness.story().contains(&"certificate"));
        let changes = harness.story().iter().filter(|word| **word == "change_cipher_spec").count();
        assert_eq!(changes, 1);
        assert_eq!(harness.noted(Side::Client, Tag::PskIdentity).as_deref(), Some(IDENTITY));
        assert_eq!(harness.noted(Side::Server, Tag::ChosenPsk), Some(vec![0, 0]));
    }
}

#[cfg(feature = "default")]
#[test]
fn the_second_of_two_identities() {
    let mut harness = Harness::new(config());
    let mut offer = Offer::new().psk(provider::SHA384);
    let psk = offer.psk.as_mut().unwrap();
    psk.identities.insert(0, b"a ticket of another server");
    psk.secrets.insert(0, b"another secret");
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    match harness.server.need() {
        Some(Need::Psk { identities, version }) => {
            assert_eq!(version, ProtocolVersion::TLS_1_3);
            assert_eq!(identities.iter().nth(1), Some((1, IDENTITY)));
        }
        need => panic!("{need:?}"),
    }
    harness.answer_psk(1, PskHash::Sha384).unwrap();
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    assert_eq!(harness.connected().psk_identity.as_deref(), Some(IDENTITY));
    assert_eq!(harness.connected().suite, CipherSuite::TLS_AES_256_GCM_SHA384);
}

#[cfg(feature = "default")]
#[test]
fn a_certificate_where_no_key_is_known_or_fits() {
    let answers = [None, Some(PskHash::Sha384)];
    for answer in answers {
        let mut harness = Harness::new(config_with(&[CipherSuite::TLS_AES_128_GCM_SHA256]));
        let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
        harness.message(&peer.hello()).unwrap();
        match answer {
            Some(hash) => harness.answer_psk(0, hash).unwrap(),
            None => harness.answer(Answer::Psk(None)).unwrap(),
        }
        harness.answer_credential().unwrap();
        harness.answer_signature().unwrap();
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        assert_eq!(harness.connected().psk_identity, None);
    }
}

#[cfg(feature = "default")]
#[test]
fn hello_retry_request_with_a_certificate() {
    let mut harness = Harness::new(config());
    let offer = Offer { groups: Some(vec![NamedGroup::x448, NamedGroup::secp384r1]), ..Offer::new() };
    // The share is in a group that we do not know.
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    peer.offer.shares = Some(vec![(NamedGroup::x448, vec![1; 56])]);
    harness.message(&peer.hello()).unwrap();
    assert_eq!(harness.story(), ["server_hello", "change_cipher_spec"]);
    assert_eq!(harness.server.expects(), Kind::Message(HandshakeType::client_hello));
    assert_eq!(peer.retry(&harness), NamedGroup::secp384r1);

    // The client sends its change_cipher_spec before its second hello.
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    let finished = peer.finish(&harness);
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&finished).unwrap();
    assert_eq!(harness.connected().group, Some(NamedGroup::secp384r1));
    assert_eq!(harness.noted(Side::Server, Tag::HelloRetry), Some(vec![0, 0x18]));
}

#[cfg(feature = "default")]
#[test]
fn alpn_by_our_order_and_name_acknowledged() {
    let mut config = config();
    config.alpn = vec![b"mqtt".to_vec(), b"h2".to_vec()];
    let mut harness = Harness::new(config);
    let offer = Offer { alpn: Some(vec![b"http/1.1", b"h2", b"mqtt"]), ..Offer::new() };
    with_certificate(&mut harness, offer, NamedGroup::x25519);
    assert_eq!(harness.connected().alpn.as_deref(), Some(b"mqtt".as_slice()));
    assert_eq!(encrypted_extensions(&harness), (true, Some(b"mqtt".to_vec())));
    assert_eq!(harness.noted(Side::Server, Tag::ChosenAlpn), Some(b"mqtt".to_vec()));
}

#[cfg(feature = "default")]
#[test]
fn nothing_unsolicited_is_sent() {
    let mut config = config();
    config.alpn = vec![b"mqtt".to_vec()];
    let mut harness = Harness::new(config);
    let offer = Offer { names: Vec::new(), ..Offer::new() };
    with_certificate(&mut harness, offer, NamedGroup::x25519);
    assert_eq!(encrypted_extensions(&harness), (false, None));
    assert_eq!(harness.connected().server_name, None);
}

#[cfg(feature = "default")]
#[test]
fn the_credential_need_shows_the_offer() {
    let mut harness = Harness::new(config());
    let mut peer = Peer13::new(Offer::new(), NamedGroup::x25519);
    harness.message(&peer.hello()).unwrap();
    match harness.server.need() {
        Some(Need::Credential(CredentialRequest {
            server_name, schemes, ecdsa: true, rsa: true, ..
        })) => {
            assert_eq!(server_name, Some(b"device.example".as_slice()));
            assert!(schemes.contains(&SignatureScheme::ecdsa_secp256r1_sha256));
        }
        need => panic!("{need:?}"),
    }
    assert_eq!(harness.server.expects(), Kind::Answer);
    assert_eq!(harness.server.version(), Some(ProtocolVersion::TLS_1_3));
}

#[cfg(feature = "default")]
#[test]
fn the_server_random_is_fresh_and_without_a_sentinel() {
    let mut randoms = Vec::new();
    for _ in 0..2 {
        let mut harness = Harness::new(config());
        with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
        let message = harness.sent(HandshakeType::server_hello);
        let hello = ServerHello::from_bytes(body(message), Field::server_hello).unwrap();
        assert!(!hello.downgrade_sentinel().starts_with(b"DOWNGRD"));
        assert_ne!(*hello.random, HELLO_RETRY_REQUEST_RANDOM);
        randoms.push(*hello.random);
    }
    assert_ne!(randoms[0], randoms[1]);
}

#[cfg(feature = "default")]
#[test]
fn both_sides_export_the_same() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
    let exporter = harness.connected().exporter.as_ref().unwrap();
    assert_eq!(exporter.secret().unwrap().expose(), harness.logged("EXPORTER_SECRET"));
}

fn last_keys(harness: &Harness, read: bool) -> Vec<u8> {
    let keys = harness.done.iter().rev().find_map(|done| match done {
        Done::ReadKeys(key) if read => Some(key.clone()),
        Done::WriteKeys(key) if !read => Some(key.clone()),
        _ => None,
    });
    keys.unwrap()
}

#[cfg(feature = "default")]
#[test]
fn keys_are_updated_in_both_directions() {
    let mut harness = Harness::new(config());
    assert_eq!(harness.update_keys(), Err(Fault::Misuse(Misuse::NotConnected)));
    let mut peer = with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
    let suite = provider::ALL_SUITES[0];
    let key = |secret: &handclasp_schedule::TrafficSecret| secret.keys(suite).key.expose().to_vec();
    let mut client = peer.client_application.take().unwrap();
    let mut server = peer.server_application.take().unwrap();
    assert_eq!(last_keys(&harness, true), key(&client));
    assert_eq!(last_keys(&harness, false), key(&server));

    harness.done.clear();
    harness.update_keys().unwrap();
    assert_eq!(harness.story(), ["key_update", "write keys"]);
    server = server.next();
    assert_eq!(last_keys(&harness, false), key(&server));
    let message = KeyUpdate::from_bytes(body(harness.sent(HandshakeType::key_update)), Field::key_update);
    assert_eq!(message.unwrap().request_update, KeyUpdateRequest::update_not_requested);

    harness.done.clear();
    harness.message(&[24, 0, 0, 1, 0]).unwrap();
    assert_eq!(harness.story(), ["read keys"]);
    client = client.next();
    assert_eq!(last_keys(&harness, true), key(&client));

    harness.done.clear();
    harness.message(&[24, 0, 0, 1, 1]).unwrap();
    assert_eq!(harness.story(), ["read keys", "key update requested"]);
    assert_eq!(last_keys(&harness, true), key(&client.next()));

    assert_eq!(harness.message(&[24, 0, 0, 1, 2]), Err(Fault::IllegalParameter(Field::request_update)));
}
