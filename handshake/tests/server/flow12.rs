//! Handshakes of TLS 1.2 that succeed.

use std::borrow::Cow;

use handclasp_codec::{
    CipherSuite, DOWNGRADE_TLS12, Decode, Field, HandshakeType, NamedGroup, ProtocolVersion, ServerHello,
    SignatureScheme,
};
use handclasp_crypto::{Authentication, KeyExchangeAlgorithm, KeyKind, NonceStyle, Suite};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Fault, Internal, Side, Tag};

use super::{
    client_auth::asking,
    harness::{Harness, IDENTITY, config, config_with},
    offer::Offer,
    peer12::Peer12,
    peer13::body,
};
use handclasp_handshake::{
    Answer, ClientAuthentication, CredentialRequest, ExtendedMasterSecret, Input, Need, PskHash,
};

/// From the ServerHelloDone to the end.
fn complete(harness: &mut Harness, peer: &mut Peer12, extended: bool) {
    let key_exchange = peer.key_exchange(harness, IDENTITY);
    harness.message(&key_exchange).unwrap();
    if let Some(Need::Psk { identities, version }) = harness.server.need() {
        assert_eq!(version, ProtocolVersion::TLS_1_2);
        assert_eq!(identities.iter().collect::<Vec<_>>(), [(0, IDENTITY)]);
        harness.answer_psk(0, PskHash::Sha256).unwrap();
    }
    let (finished, expected) = peer.finish(&key_exchange, extended);
    assert_eq!(harness.logged("CLIENT_RANDOM"), peer.master.as_ref().unwrap().secret().expose());
    harness.input(Input::ChangeCipherSpec).unwrap();
    harness.message(&finished).unwrap();
    assert_eq!(body(harness.sent(HandshakeType::finished)), expected);
    assert!(harness.server.is_connected());
}

fn with_certificate(harness: &mut Harness, offer: Offer) -> Peer12 {
    let extended = offer.extended_master_secret;
    let mut peer = Peer12::new(offer);
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    complete(harness, &mut peer, extended);
    peer
}

fn with_psk(harness: &mut Harness, offer: Offer) -> Peer12 {
    let extended = offer.extended_master_secret;
    let mut peer = Peer12::new(offer);
    harness.message(&peer.hello()).unwrap();
    complete(harness, &mut peer, extended);
    peer
}

fn server_hello(harness: &Harness) -> ServerHello<'_> {
    let message = harness.sent(HandshakeType::server_hello);
    ServerHello::from_bytes(body(message), Field::server_hello).unwrap()
}

#[test]
fn every_suite_of_the_provider() {
    for suite in &provider::ALL_SUITES[3..] {
        let kind = match suite.exchange {
            KeyExchangeAlgorithm::Ecdhe(Authentication::Rsa) => KeyKind::Rsa,
            _ => KeyKind::P256,
        };
        let mut harness = Harness::with_key(config_with(&[suite.id]), kind);
        let offer = Offer::tls12_with(&[suite.id]);
        match suite.exchange {
            KeyExchangeAlgorithm::Ecdhe(_) => with_certificate(&mut harness, offer),
            _ => with_psk(&mut harness, offer),
        };
        assert_eq!(harness.connected().suite, suite.id);
        assert_eq!(harness.connected().version, ProtocolVersion::TLS_1_2);
    }
}

#[test]
fn every_group() {
    for group in provider::GROUPS {
        let mut harness = Harness::with_key(config(), KeyKind::Rsa);
        let offer = Offer { groups: Some(vec![NamedGroup(0x1a1a), group.group()]), ..Offer::tls12() };
        with_certificate(&mut harness, offer);
        assert_eq!(harness.connected().group, Some(group.group()));
    }
}

#[test]
fn every_kind_of_key_signs() {
    let kinds = [
        (KeyKind::P256, SignatureScheme::ecdsa_secp256r1_sha256),
        (KeyKind::P384, SignatureScheme::ecdsa_secp384r1_sha384),
        (KeyKind::P521, SignatureScheme::ecdsa_secp521r1_sha512),
        (KeyKind::Ed25519, SignatureScheme::ed25519),
        (KeyKind::Rsa, SignatureScheme::rsa_pss_rsae_sha256),
        (KeyKind::Rsa, SignatureScheme::rsa_pkcs1_sha512),
    ];
    for (kind, scheme) in kinds {
        let mut harness = Harness::with_key(config(), kind);
        let groups = provider::GROUPS.iter().map(|group| group.group()).collect();
        let offer = Offer { schemes: Some(vec![scheme]), groups: Some(groups), ..Offer::tls12() };
        with_certificate(&mut harness, offer);
        assert_eq!(harness.connected().scheme, Some(scheme));
    }
}

#[test]
fn actions_come_in_the_order_of_the_rfc() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::tls12());
    let story = [
        "server_hello",
        "certificate",
        "server_key_exchange",
        "server_hello_done",
        "read keys",
        "change_cipher_spec",
        "write keys",
        "finished",
        "connected",
    ];
    assert_eq!(harness.story(), story);

    // Plain PSK without a hint has no ServerKeyExchange (RFC 4279 §2).
    let mut harness = Harness::new(config());
    with_psk(&mut harness, Offer::tls12_with(&[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]));
    assert_eq!(harness.story()[..2], ["server_hello", "server_hello_done"]);
    assert_eq!(harness.connected().psk_identity.as_deref(), Some(IDENTITY));
    assert_eq!(harness.connected().group, None);
    assert_eq!(harness.noted(Side::Client, Tag::PskIdentity).as_deref(), Some(IDENTITY));
    assert_eq!(harness.noted(Side::Server, Tag::ChosenPsk), Some(Vec::new()));
}

/// The hello says that the client has a pre-shared key, and cannot say that it has a certificate. A client with a key
/// alone, as `openssl s_client -psk` offers both kinds of suites, would be refused without a certificate.
#[test]
fn a_pre_shared_key_comes_first_where_clients_must_authenticate() {
    let suites =
        [CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256];
    for (asked, is_psk) in [
        (ClientAuthentication::None, false),
        (ClientAuthentication::Offered, false),
        (ClientAuthentication::Required, true),
    ] {
        let mut harness = Harness::new(asking(asked));
        harness.message(&Peer12::new(Offer::tls12_with(&suites)).hello()).unwrap();
        // Otherwise it waits for a certificate to send.
        assert_eq!(harness.story().contains(&"server_hello_done"), is_psk, "{asked:?}");
    }
}

#[test]
fn ecdhe_psk() {
    static SUITE: Suite = Suite::tls12(
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
        KeyExchangeAlgorithm::EcdhePsk,
        provider::SHA256,
        provider::AES_128_GCM,
        NonceStyle::Explicit,
    );
    let mut config = config();
    config.suites = Cow::Owned(vec![&SUITE]);
    let mut harness = Harness::new(config);
    with_psk(&mut harness, Offer::tls12_with(&[SUITE.id]));
    let words = ["server_hello", "server_key_exchange", "server_hello_done"];
    assert_eq!(harness.story()[..3], words);
    assert_eq!(harness.connected().group, Some(NamedGroup::x25519));
}

#[test]
fn extended_master_secret_decides_on_the_exporter() {
    for extended in [true, false] {
        let mut config = config();
        config.extended_master_secret = ExtendedMasterSecret::Offered;
        let mut harness = Harness::new(config);
        let offer = Offer { extended_master_secret: extended, ..Offer::tls12() };
        let peer = with_certificate(&mut harness, offer);
        assert_eq!(server_hello(&harness).extensions.extended_master_secret.is_some(), extended);
        let exported = harness.connected().exporter.as_ref().map(|exporter| {
            let mut out = [0; 32];
            exporter.export(b"EXPORTER-test", None, &mut out).unwrap();
            out
        });
        assert_eq!(exported, extended.then(|| peer.exported()));
        let noted = harness.noted(Side::Client, Tag::NoExtendedMasterSecret);
        assert_eq!(noted.is_none(), extended);
    }
}

#[test]
fn renegotiation_is_signalled_if_the_client_does() {
    let scsv = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let offers: [(Vec<_>, Option<&'static [u8]>, bool); 3] =
        [(vec![suite, scsv], None, true), (vec![suite], Some(&[]), true), (vec![suite], None, false)];
    for (suites, renegotiation_info, answered) in offers {
        let mut harness = Harness::new(config());
        let offer = Offer { suites, renegotiation_info, ..Offer::tls12() };
        with_certificate(&mut harness, offer);
        let answer = server_hello(&harness).extensions.renegotiation_info;
        assert_eq!(answer.map(|info| info.renegotiated_connection.len()), answered.then_some(0));
    }
}

#[test]
fn nothing_unsolicited_is_sent() {
    let mut config = config();
    config.extended_master_secret = ExtendedMasterSecret::Offered;
    let mut harness = Harness::new(config);
    let offer = Offer {
        names: Vec::new(),
        point_formats: None,
        extended_master_secret: false,
        renegotiation_info: None,
        groups: None,
        ..Offer::tls12()
    };
    with_certificate(&mut harness, offer);
    assert!(!server_hello(&harness).extensions.present);
    // Without supported_groups every client can do P-256.
    assert_eq!(harness.connected().group, Some(NamedGroup::secp256r1));
}

#[test]
fn what_is_answered() {
    let mut config = config();
    config.alpn = vec![b"mqtt".to_vec(), b"h2".to_vec()];
    let mut harness = Harness::new(config);
    let offer = Offer { alpn: Some(vec![b"h2", b"mqtt"]), ..Offer::tls12() };
    with_certificate(&mut harness, offer);
    let hello = server_hello(&harness);
    assert!(hello.legacy_session_id_echo.is_empty());
    assert!(hello.extensions.server_name.is_some());
    assert!(hello.extensions.ec_point_formats.is_some());
    let alpn = hello.extensions.application_layer_protocol_negotiation.unwrap();
    assert_eq!(alpn.protocol_name_list.iter().map(|name| name.0).collect::<Vec<_>>(), [b"mqtt"]);
    assert_eq!(harness.connected().alpn.as_deref(), Some(b"mqtt".as_slice()));
}

#[test]
fn the_sentinel_stands_where_we_could_do_better() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::tls12());
    assert_eq!(server_hello(&harness).downgrade_sentinel(), DOWNGRADE_TLS12);

    let only12 = config_with(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]);
    let mut harness = Harness::new(only12);
    with_certificate(&mut harness, Offer::new());
    assert_ne!(server_hello(&harness).downgrade_sentinel(), DOWNGRADE_TLS12);
}

#[test]
fn the_kind_of_key_decides_on_the_suite() {
    let suites = [
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ];
    for (kind, suite) in [(KeyKind::P256, suites[0]), (KeyKind::Rsa, suites[1])] {
        let mut harness = Harness::with_key(config_with(&suites), kind);
        with_certificate(&mut harness, Offer::tls12());
        assert_eq!(harness.connected().suite, suite);
    }
}

#[test]
fn a_pre_shared_key_where_no_certificate_fits() {
    let suites =
        [CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256];
    for with_key in [false, true] {
        let mut harness = Harness::new(config_with(&suites));
        let mut peer = Peer12::new(Offer::tls12_with(&suites));
        harness.message(&peer.hello()).unwrap();
        match with_key {
            // A P-256 key for an RSA suite.
            true => harness.answer_credential().unwrap(),
            false => harness.answer(Answer::Credential(None)).unwrap(),
        }
        complete(&mut harness, &mut peer, true);
        assert_eq!(harness.connected().suite, suites[1]);
        assert!(server_hello(&harness).extensions.server_name.is_none());
    }
}

#[test]
fn the_credential_need_shows_the_offer() {
    let mut harness = Harness::new(config());
    let offer = Offer::tls12_with(&[CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]);
    harness.message(&Peer12::new(offer).hello()).unwrap();
    match harness.server.need() {
        Some(Need::Credential(CredentialRequest {
            server_name, schemes, ecdsa: false, rsa: true, ..
        })) => {
            assert_eq!(server_name, Some(b"device.example".as_slice()));
            assert!(schemes.contains(&SignatureScheme::rsa_pkcs1_sha256));
        }
        need => panic!("{need:?}"),
    }
}

#[test]
fn keys_cannot_be_updated() {
    let mut harness = Harness::new(config());
    with_certificate(&mut harness, Offer::tls12());
    assert_eq!(harness.update_keys(), Err(Fault::Internal(Internal::KeyExhausted)));
}
