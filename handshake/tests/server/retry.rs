//! HelloRetryRequest: second ClientHellos that contradict the first (RFC 8446 §4.1.2).

use handclasp_codec::{
    CipherSuite, ExtensionType, Field, NamedGroup, ProtocolVersion, PskKeyExchangeMode, SignatureScheme,
};
use handclasp_provider_aws_lc as provider;
use handclasp_report::Fault;

use super::{
    harness::{Harness, config},
    offer::Offer,
    peer13::Peer13,
};
use handclasp_handshake::{Answer, Config, PskHash};

/// The fault for a second hello that was changed like this.
fn second(first: Offer, change: impl FnOnce(&mut Offer)) -> Result<(), Fault> {
    let with_psk = first.psk.is_some();
    let mut harness = Harness::new(config());
    let mut peer = Peer13::new(first, NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    if with_psk {
        harness.answer_psk(0, PskHash::Sha256).unwrap();
    }
    peer.retry(&harness);
    change(&mut peer.offer);
    harness.message(&peer.hello())?;
    if with_psk {
        harness.answer_psk(0, PskHash::Sha256)?;
    }
    Ok(())
}

fn mismatch(change: impl FnOnce(&mut Offer)) -> Field {
    match second(Offer::new(), change) {
        Err(Fault::RetryMismatch(field)) => field,
        result => panic!("{result:?}"),
    }
}

#[test]
fn unchanged_is_fine() {
    assert_eq!(second(Offer::new(), |_| {}), Ok(()));
    assert_eq!(second(Offer::new().psk(provider::SHA256), |_| {}), Ok(()));
    // early_data must go.
    let offer = Offer { early_data: true, ..Offer::new().psk(provider::SHA256) };
    assert_eq!(second(offer, |offer| offer.early_data = false), Ok(()));
}

#[test]
fn changed_fields() {
    assert_eq!(mismatch(|offer| offer.random[31] ^= 1), Field::random);
    assert_eq!(mismatch(|offer| offer.session_id[0] ^= 1), Field::legacy_session_id);
    assert_eq!(mismatch(|offer| offer.suites.truncate(3)), Field::cipher_suites);
    assert_eq!(mismatch(|offer| offer.legacy_version = ProtocolVersion::TLS_1_1), Field::legacy_version);
    assert_eq!(mismatch(|offer| offer.compression = vec![0, 1]), Field::legacy_compression_methods);
    assert_eq!(mismatch(|offer| offer.early_data = true), Field::early_data);
    assert_eq!(mismatch(|offer| offer.versions = Some(vec![ProtocolVersion::TLS_1_3])), Field::extensions);
    assert_eq!(mismatch(|offer| offer.names.clear()), Field::extensions);
    assert_eq!(mismatch(|offer| offer.alpn = Some(vec![b"h2"])), Field::extensions);
    let schemes = Some(vec![SignatureScheme::ed25519]);
    assert_eq!(mismatch(|offer| offer.schemes = schemes), Field::extensions);
    let groups = Some(vec![NamedGroup::x25519]);
    assert_eq!(mismatch(|offer| offer.groups = groups), Field::extensions);
}

#[test]
fn another_share_than_the_one_asked_for() {
    let no_share = |offer: &mut Offer| offer.shares = Some(Vec::new());
    assert_eq!(mismatch(no_share), Field::key_share);
    let other = |offer: &mut Offer| offer.shares = Some(vec![(NamedGroup::secp256r1, vec![4; 65])]);
    assert_eq!(mismatch(other), Field::key_share);
    let two = |offer: &mut Offer| {
        let shares = offer.shares.as_mut().unwrap();
        shares.push((NamedGroup::secp256r1, vec![4; 65]));
    };
    assert_eq!(mismatch(two), Field::key_share);
    let fault = second(Offer::new(), |offer| offer.shares = None);
    assert_eq!(fault, Err(Fault::MissingExtension(ExtensionType::key_share)));
}

#[test]
fn the_psk_must_stay() {
    let fault = second(Offer::new().psk(provider::SHA256), |offer| offer.psk = None);
    assert_eq!(fault, Err(Fault::MissingExtension(ExtensionType::pre_shared_key)));
    let fault = second(Offer::new().psk(provider::SHA256), |offer| {
        offer.modes = Some(vec![PskKeyExchangeMode::psk_ke]);
    });
    assert_eq!(fault, Err(Fault::RetryMismatch(Field::extensions)));
    // One that was not offered before.
    let modes = Some(vec![PskKeyExchangeMode::psk_dhe_ke]);
    let fault = second(Offer { modes, ..Offer::new() }, |offer| *offer = offer.clone().psk(provider::SHA256));
    assert_eq!(fault, Err(Fault::RetryMismatch(Field::pre_shared_key)));
    // Another key for the second binder.
    let fault = second(Offer::new().psk(provider::SHA256), |offer| {
        offer.psk.as_mut().unwrap().secrets = vec![b"other"];
    });
    assert_eq!(fault, Err(Fault::BinderInvalid { identity: 0 }));
}

#[test]
fn the_key_that_was_chosen_must_stay() {
    let mut harness = Harness::new(Config { has_credential: false, ..config() });
    let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    peer.retry(&harness);
    peer.offer.psk.as_mut().unwrap().identities = vec![b"another"];
    harness.message(&peer.hello()).unwrap();
    let fault = Err(Fault::RetryMismatch(Field::pre_shared_key));
    assert_eq!(harness.answer(Answer::Psk(None)), fault);
}

#[test]
fn the_suite_is_settled() {
    // A key with another hash cannot be taken the second time.
    let mut harness = Harness::new(Config { has_credential: false, ..config() });
    let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    peer.retry(&harness);
    harness.message(&peer.hello()).unwrap();
    assert_eq!(harness.answer_psk(0, PskHash::Sha384), Err(Fault::NoCommonSuite));
}

#[test]
fn a_certificate_after_a_retry_for_a_psk() {
    let mut harness = Harness::new(config());
    let mut peer = Peer13::new(Offer::new().psk(provider::SHA256), NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    harness.answer_psk(0, PskHash::Sha256).unwrap();
    peer.retry(&harness);
    harness.message(&peer.hello()).unwrap();
    harness.answer(Answer::Psk(None)).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    let finished = peer.finish(&harness);
    harness.message(&finished).unwrap();
    assert_eq!(harness.connected().suite, CipherSuite::TLS_AES_128_GCM_SHA256);
}
