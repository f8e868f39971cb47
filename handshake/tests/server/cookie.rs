//! HelloRetryRequest with a cookie: the server remembers nothing, the client carries it all
//! (RFC 8446 §4.2.2).

use handclasp_codec::{Decode, ExtensionType, Field, HandshakeType, HelloRetryRequest, NamedGroup};
use handclasp_handshake::{Config, CookieKey, Extensions, PskHash};
use handclasp_provider_aws_lc as provider;
use handclasp_report::Fault;

use super::{
    harness::{Harness, config},
    offer::Offer,
    peer13::{Peer13, body},
};

fn stateless(key: u8) -> Config {
    let extensions = Extensions { cookie_key: Some(CookieKey::new([key; 32])), ..Extensions::default() };
    Config { extensions, ..config() }
}

/// A server that has asked for another share, and the client that read it.
fn asked(offer: Offer, config: Config) -> (Harness, Peer13) {
    let with_psk = offer.psk.is_some();
    let mut harness = Harness::new(config);
    let mut peer = Peer13::new(offer, NamedGroup::x25519);
    peer.offer.shares = Some(Vec::new());
    harness.message(&peer.hello()).unwrap();
    if with_psk {
        harness.answer_psk(0, PskHash::Sha256).unwrap();
    }
    peer.retry(&harness);
    (harness, peer)
}

fn complete(harness: &mut Harness, peer: &mut Peer13) {
    harness.message(&peer.hello()).unwrap();
    if peer.offer.psk.is_some() {
        harness.answer_psk(0, PskHash::Sha256).unwrap();
    } else {
        harness.answer_credential().unwrap();
        harness.answer_signature().unwrap();
    }
    // Finished fits: both have the same transcript.
    let finished = peer.finish(harness);
    harness.message(&finished).unwrap();
    assert!(harness.server.is_connected());
}

#[test]
fn no_key_no_cookie() {
    let (harness, _) = asked(Offer::new(), config());
    let message = body(harness.sent(HandshakeType::server_hello));
    let retry = HelloRetryRequest::from_bytes(message, Field::hello_retry_request).unwrap();
    assert!(retry.extensions.cookie.is_none());
}

#[test]
fn the_same_connection_goes_on() {
    for offer in [Offer::new(), Offer::new().psk(provider::SHA256)] {
        let (mut harness, mut peer) = asked(offer, stateless(1));
        assert!(peer.offer.cookie.is_some());
        complete(&mut harness, &mut peer);
    }
}

#[test]
fn another_server_with_the_key_goes_on() {
    for offer in [Offer::new(), Offer::new().psk(provider::SHA256)] {
        let (_, mut peer) = asked(offer, stateless(1));
        complete(&mut Harness::new(stateless(1)), &mut peer);
    }
}

#[test]
fn cookies_that_are_not_ours() {
    let refused = |harness: &mut Harness, peer: &mut Peer13| harness.message(&peer.hello());
    let fault = Err(Fault::IllegalParameter(Field::cookie));
    let length = asked(Offer::new(), stateless(1)).1.offer.cookie.unwrap().len();
    for index in 0..length {
        let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
        peer.offer.cookie.as_mut().unwrap()[index] ^= 1;
        assert_eq!(refused(&mut harness, &mut peer), fault, "byte {index}");
        let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
        peer.offer.cookie.as_mut().unwrap().truncate(index);
        // An empty one does not parse.
        assert!(refused(&mut harness, &mut peer).is_err(), "{index} bytes");
    }
    let (_, mut peer) = asked(Offer::new(), stateless(1));
    assert_eq!(refused(&mut Harness::new(stateless(2)), &mut peer), fault);
    let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
    peer.offer.cookie = None;
    assert_eq!(refused(&mut harness, &mut peer), Err(Fault::MissingExtension(ExtensionType::cookie)));
    // Without a key a cookie is a stranger's business: the hello is a first one.
    let (_, mut peer) = asked(Offer::new(), stateless(1));
    assert_eq!(refused(&mut Harness::new(config()), &mut peer), Ok(()));
}

#[test]
fn the_second_hello_does_what_was_asked() {
    let second = |change: fn(&mut Offer)| {
        let (mut harness, mut peer) = asked(Offer::new().psk(provider::SHA256), stateless(1));
        change(&mut peer.offer);
        harness.message(&peer.hello())
    };
    let mismatch = |field| Err(Fault::RetryMismatch(field));
    assert_eq!(second(|offer| offer.shares = Some(Vec::new())), mismatch(Field::key_share));
    assert_eq!(second(|offer| offer.early_data = true), mismatch(Field::early_data));
    let missing = Fault::MissingExtension(ExtensionType::pre_shared_key);
    assert_eq!(second(|offer| offer.psk = None), Err(missing));
}

#[test]
fn what_the_hash_covers_cannot_change() {
    // Nobody compares the hellos; a changed session id changes the transcript.
    let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
    peer.offer.session_id[0] ^= 1;
    harness.message(&peer.hello()).unwrap();
    harness.answer_credential().unwrap();
    harness.answer_signature().unwrap();
    let mut verify_data = vec![0; 32];
    verify_data[0] = 1;
    let finished = super::peer13::finished(&verify_data);
    assert_eq!(harness.message(&finished), Err(Fault::FinishedInvalid));
}

#[test]
fn a_cookie_for_a_group_that_we_do_not_do_is_not_ours() {
    let (_, mut peer) = asked(Offer::new(), stateless(1));
    let mut other = stateless(1);
    other.groups = vec![provider::SECP256R1].into();
    let refused = Harness::new(other).message(&peer.hello());
    assert_eq!(refused, Err(Fault::IllegalParameter(Field::cookie)));
}
