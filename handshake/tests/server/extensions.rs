//! Extensions whose answer changes how the rest is carried: limits of records, OCSP responses,
//! encrypt_then_mac, hints, psk_ke; renegotiation, which has no answer but a warning.

use std::borrow::Cow;

use handclasp_codec::{
    AlertDescription, Certificate13, CertificateStatus, CertificateStatusType, CipherSuite, Decode,
    EncryptedExtensions, Field, HandshakeType, MaxFragmentLength, NamedGroup, PskKeyExchangeMode,
    ServerHello, ServerKeyExchangePsk,
};
use handclasp_crypto::Suite;
use handclasp_handshake::{Answer, Config, Credential, Extensions, Input, PskHash, RecordLimits};
use handclasp_provider_aws_lc as provider;
use handclasp_report::Fault;

use super::{
    built::CBC,
    harness::{Done, Harness, IDENTITY, chain, config, config_with},
    offer::Offer,
    peer12::Peer12,
    peer13::{Peer13, body},
};

/// What was answered about records, and what was done about it.
type Records = (Option<u16>, Option<MaxFragmentLength>, Option<RecordLimits>);

fn limits(harness: &Harness) -> Option<RecordLimits> {
    harness.done.iter().find_map(|done| match done {
        Done::LimitRecords(limits) => Some(*limits),
        _ => None,
    })
}

fn records13(config: Config, offer: Offer) -> Result<Records, Fault> {
    let mut harness = Harness::new(config);
    harness.message(&Peer13::new(offer, NamedGroup::x25519).hello())?;
    harness.answer_credential()?;
    let message = harness.sent(HandshakeType::encrypted_extensions);
    let answer = EncryptedExtensions::from_bytes(body(message), Field::encrypted_extensions).unwrap();
    let limit = answer.extensions.record_size_limit.map(|limit| limit.record_size_limit);
    // It holds for this very message.
    if limits(&harness).is_some() {
        let story = harness.story();
        let place = |word| story.iter().position(|found| *found == word).unwrap();
        assert!(place("write keys") < place("limit records"));
        assert!(place("limit records") < place("encrypted_extensions"));
    }
    Ok((limit, answer.extensions.max_fragment_length, limits(&harness)))
}

fn records12(config: Config, offer: Offer) -> Result<Records, Fault> {
    let mut harness = Harness::new(config);
    harness.message(&Peer12::new(offer).hello())?;
    harness.answer_credential()?;
    let message = harness.sent(HandshakeType::server_hello);
    let answer = ServerHello::from_bytes(body(message), Field::server_hello).unwrap();
    let limit = answer.extensions.record_size_limit.map(|limit| limit.record_size_limit);
    Ok((limit, answer.extensions.max_fragment_length, limits(&harness)))
}

fn limited(bytes: u16) -> Config {
    let mut extensions = Extensions::default();
    extensions.limit_records(bytes);
    Config { extensions, ..config() }
}

#[test]
fn limits_of_records() {
    let bytes = |send, receive| Some(RecordLimits::new(send, receive, false));
    let offer = |value, offer| Offer { record_size_limit: Some(value), ..offer };
    for (value, in_12, in_13) in [
        (64, 64, 63),
        (512, 512, 511),
        (16_384, 16_384, 16_383),
        (16_385, 16_384, 16_384),
        (u16::MAX, 16_384, 16_384),
    ] {
        let expected = Ok((Some(16_385), None, bytes(in_13, 16_384)));
        assert_eq!(records13(config(), offer(value, Offer::new())), expected);
        let expected = Ok((Some(16_384), None, bytes(in_12, 16_384)));
        assert_eq!(records12(config(), offer(value, Offer::tls12())), expected);
        let expected = Ok((Some(700), None, bytes(in_13, 699)));
        assert_eq!(records13(limited(700), offer(value, Offer::new())), expected);
        let expected = Ok((Some(700), None, bytes(in_12, 700)));
        assert_eq!(records12(limited(700), offer(value, Offer::tls12())), expected);
    }
    let fault = Err(Fault::IllegalParameter(Field::record_size_limit));
    for value in [0, 1, 63] {
        assert_eq!(records13(config(), offer(value, Offer::new())), fault);
        assert_eq!(records12(config(), offer(value, Offer::tls12())), fault);
    }
    // Nothing asked, nothing said.
    assert_eq!(records13(limited(700), Offer::new()), Ok((None, None, None)));
    assert_eq!(records12(limited(700), Offer::tls12()), Ok((None, None, None)));
}

#[test]
fn lengths_of_fragments() {
    let offer = |code, offer| Offer { max_fragment_length: Some(code), ..offer };
    for (code, length) in [(1, 512), (2, 1024), (3, 2048), (4, 4096)] {
        let code = MaxFragmentLength(code);
        let limits = RecordLimits::new(length, length, true);
        assert_eq!(records13(config(), offer(code, Offer::new())), Ok((None, Some(code), Some(limits))));
        assert_eq!(records12(config(), offer(code, Offer::tls12())), Ok((None, Some(code), Some(limits))));
        // The other one wins (RFC 8449 §5).
        let both = |first| Offer { record_size_limit: Some(100), ..offer(code, first) };
        assert_eq!(records13(config(), both(Offer::new())).unwrap().1, None);
        assert_eq!(records12(config(), both(Offer::tls12())).unwrap().1, None);
    }
    let fault = Err(Fault::IllegalParameter(Field::max_fragment_length));
    for code in [0, 5, 255] {
        assert_eq!(records13(config(), offer(MaxFragmentLength(code), Offer::new())), fault);
        assert_eq!(records12(config(), offer(MaxFragmentLength(code), Offer::tls12())), fault);
    }
}

const OCSP: &[u8] = b"an OCSP response";

fn answer_stapled(harness: &mut Harness, ocsp_response: Option<&[u8]>) {
    let (chain, schemes) = (chain(), harness.key.schemes().to_vec());
    let credential = Credential { ocsp_response, ..Credential::x509(&chain, harness.kind, &schemes) };
    harness.answer(Answer::Credential(Some(credential))).unwrap();
}

#[test]
fn responses_go_to_those_who_ask() {
    let ocsp = Some(CertificateStatusType::ocsp);
    for (asked, response, expected) in [
        (ocsp, Some(OCSP), true),
        (ocsp, None, false),
        (None, Some(OCSP), false),
        (Some(CertificateStatusType(9)), Some(OCSP), false),
    ] {
        let mut harness = Harness::new(config());
        let offer = Offer { status_request: asked, ..Offer::new() };
        harness.message(&Peer13::new(offer, NamedGroup::x25519).hello()).unwrap();
        answer_stapled(&mut harness, response);
        let message = body(harness.sent(HandshakeType::certificate));
        let list = Certificate13::from_bytes(message, Field::certificate).unwrap().certificate_list;
        let found: Vec<_> = list.iter().map(|entry| entry.extensions.status_request).collect();
        let status = found[0].as_ref().map(|status| (status.status_type, status.response));
        assert_eq!(status, expected.then_some((CertificateStatusType::ocsp, OCSP)));
        assert!(found[1].is_none());

        let mut harness = Harness::new(config());
        let offer = Offer { status_request: asked, ..Offer::tls12() };
        harness.message(&Peer12::new(offer).hello()).unwrap();
        answer_stapled(&mut harness, response);
        let message = body(harness.sent(HandshakeType::server_hello));
        let answer = ServerHello::from_bytes(message, Field::server_hello).unwrap().extensions.status_request;
        assert_eq!(answer.is_some(), expected);
        let story = harness.story();
        assert_eq!(story.contains(&"certificate_status"), expected);
        if expected {
            assert_eq!(story[story.len() - 2..], ["certificate", "certificate_status"]);
            let message = body(harness.sent(HandshakeType::certificate_status));
            let status = CertificateStatus::from_bytes(message, Field::certificate_status).unwrap();
            assert_eq!((status.status_type, status.response), (CertificateStatusType::ocsp, OCSP));
        }
    }
}

#[test]
fn cbc_goes_with_encrypt_then_mac() {
    let gcm = &provider::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let chosen = |ours: &[&'static Suite], offered: &[&Suite], encrypt_then_mac| {
        let mut harness = Harness::new(Config { suites: Cow::Owned(ours.to_vec()), ..config() });
        let ids: Vec<_> = offered.iter().map(|suite| suite.id).collect();
        let offer = Offer { encrypt_then_mac, ..Offer::tls12_with(&ids) };
        harness.message(&Peer12::new(offer).hello())?;
        harness.answer_credential()?;
        let message = body(harness.sent(HandshakeType::server_hello));
        let answer = ServerHello::from_bytes(message, Field::server_hello).unwrap();
        Ok((answer.cipher_suite, answer.extensions.encrypt_then_mac.is_some()))
    };
    assert_eq!(chosen(&[&CBC, gcm], &[gcm, &CBC], true), Ok((CBC.id, true)));
    assert_eq!(chosen(&[&CBC, gcm], &[gcm, &CBC], false), Ok((gcm.id, false)));
    // RFC 7366 §3: no answer where it would mean nothing.
    assert_eq!(chosen(&[gcm, &CBC], &[gcm, &CBC], true), Ok((gcm.id, false)));
    assert_eq!(chosen(&[gcm, &CBC], &[&CBC], false), Err(Fault::NoEncryptThenMac));
    assert_eq!(chosen(&[gcm], &[&CBC], true), Err(Fault::NoCommonSuite));
}

#[test]
fn hints_by_configuration() {
    for hint in [b"".as_slice(), b"the one of the label"] {
        let suite = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
        let extensions = Extensions { psk_identity_hint: hint.to_vec(), ..Extensions::default() };
        let mut harness = Harness::new(Config { extensions, ..config_with(&[suite]) });
        let mut peer = Peer12::new(Offer::tls12_with(&[suite]));
        harness.message(&peer.hello()).unwrap();
        let story = harness.story();
        if hint.is_empty() {
            assert_eq!(story, ["server_hello", "server_hello_done"]);
        } else {
            assert_eq!(story, ["server_hello", "server_key_exchange", "server_hello_done"]);
            let message = body(harness.sent(HandshakeType::server_key_exchange));
            let exchange = ServerKeyExchangePsk::from_bytes(message, Field::server_key_exchange).unwrap();
            assert_eq!(exchange.psk_identity_hint, hint);
        }
        let key_exchange = peer.key_exchange(&harness, IDENTITY);
        harness.message(&key_exchange).unwrap();
        harness.answer_psk(0, PskHash::Sha256).unwrap();
        harness.input(Input::ChangeCipherSpec).unwrap();
        harness.message(&peer.finish(&key_exchange, true).0).unwrap();
        assert!(harness.server.is_connected());

        // A renegotiation is declined, again and again; nothing else changes.
        for _ in 0..2 {
            harness.message(&Offer::tls12().encode_with(&[])).unwrap();
            let Some(Done::Warn(warning)) = harness.done.last() else { panic!("{:?}", harness.story()) };
            assert_eq!(*warning, AlertDescription::no_renegotiation);
            assert!(harness.server.is_connected());
        }
    }
}

#[test]
fn a_key_without_an_exchange_only_where_that_is_permitted() {
    let extensions = || Extensions { psk_ke: true, ..Extensions::default() };
    let permitting = || Config { extensions: extensions(), ..config() };
    let (ke, dhe) = (PskKeyExchangeMode::psk_ke, PskKeyExchangeMode::psk_dhe_ke);
    let group = |config: Config, modes: &[PskKeyExchangeMode], groups: Option<Vec<NamedGroup>>| {
        let mut harness = Harness::new(Config { has_credential: false, ..config });
        let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
        peer.offer.modes = Some(modes.to_vec());
        if groups.is_none() {
            peer.offer.shares = None;
            peer.offer.groups = None;
        }
        harness.message(&peer.hello())?;
        harness.answer_psk(0, PskHash::Sha256)?;
        let finished = peer.finish(&harness);
        harness.message(&finished)?;
        Ok(harness.connected().group)
    };
    let x25519 = || Some(vec![NamedGroup::x25519]);
    assert_eq!(group(permitting(), &[ke, dhe], x25519()), Ok(Some(NamedGroup::x25519)));
    assert_eq!(group(permitting(), &[ke], x25519()), Ok(None));
    assert_eq!(group(permitting(), &[ke, dhe], None), Ok(None));
    let no_groups = || Config { groups: Cow::Borrowed(&[]), ..permitting() };
    assert_eq!(group(no_groups(), &[dhe, ke], x25519()), Ok(None));
    assert_eq!(group(config(), &[ke], x25519()), Err(Fault::NoCredential));
    assert_eq!(group(config(), &[ke, dhe], None), Err(Fault::NoCommonGroup));
    assert_eq!(group(no_groups(), &[dhe], x25519()), Err(Fault::NoCommonGroup));
}
