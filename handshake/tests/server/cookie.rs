//! HelloRetryRequest with a cookie: the server remembers nothing, the client carries it all
//! (RFC 8446 §4.2.2).

use handclasp_codec::{
    CipherSuite, Decode, ExtensionType, Field, HandshakeType, HelloRetryRequest, NamedGroup, ProtocolVersion,
};
use handclasp_crypto::SharedSecret;
use handclasp_handshake::{Config, Extensions, Input, PskHash};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Event as Kind, Fault, ShareFault, Side, Tag};

use super::{
    harness::{Harness, config},
    offer::Offer,
    peer13::{Peer13, body},
};

fn stateless(key: u8) -> Config {
    let bytes: Vec<u8> = (0..32).map(|byte| byte ^ key).collect();
    let cookie_secret = SharedSecret::from_bytes(&bytes).ok();
    let extensions = Extensions { cookie_secret, ..Extensions::default() };
    Config { extensions, alpn: vec![b"h2".to_vec()], ..config() }
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
    assert_eq!(harness.noted(Side::Server, Tag::RetryCookie), None);
    assert!(asked(Offer::new(), stateless(1)).0.noted(Side::Server, Tag::RetryCookie).is_some());
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

/// What becomes of a second hello that is changed: on the connection of the first, and on another
/// server's, which has nothing but the cookie.
fn second(change: fn(&mut Offer)) -> [Result<(), Fault>; 2] {
    [false, true].map(|is_fresh| {
        let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
        if is_fresh {
            harness = Harness::new(stateless(1));
        }
        change(&mut peer.offer);
        harness.message(&peer.hello())
    })
}

#[test]
fn what_is_checked_in_a_first_hello_is_checked_in_a_second() {
    let both = |change, fault| assert_eq!(second(change), [Err(fault), Err(fault)]);
    both(
        |offer| offer.names = vec![b"one.example", b"two.example"],
        Fault::IllegalParameter(Field::server_name_list),
    );
    // Version and suite were settled by the HelloRetryRequest.
    let mismatch = Fault::RetryMismatch;
    both(|offer| offer.versions = Some(vec![ProtocolVersion::TLS_1_2]), mismatch(Field::supported_versions));
    both(|offer| offer.versions = None, mismatch(Field::supported_versions));
    both(
        |offer| offer.versions = Some(vec![ProtocolVersion::TLS_1_1]),
        Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_1 },
    );
    both(|offer| offer.suites = vec![CipherSuite::TLS_AES_256_GCM_SHA384], mismatch(Field::cipher_suites));
    both(
        |offer| offer.legacy_version = ProtocolVersion::SSL_3_0,
        Fault::NoCommonVersion { peer: ProtocolVersion::SSL_3_0 },
    );
    let group = NamedGroup::x25519;
    both(
        |offer| offer.groups = Some(vec![NamedGroup::secp256r1]),
        Fault::KeyShare { group, problem: ShareFault::NotAsOffered },
    );
    both(|offer| offer.alpn = Some(vec![b"none of ours"]), Fault::NoCommonAlpn);
}

#[test]
fn a_change_cipher_spec_is_passed_over_before_a_second_hello_only() {
    let expected = Kind::Message(HandshakeType::client_hello);
    let refused = Err(Fault::Unexpected { expected, found: Kind::ChangeCipherSpec });
    // As every client in compatibility mode sends it.
    let (_, mut peer) = asked(Offer::new(), stateless(1));
    let mut harness = Harness::new(stateless(1));
    harness.input(Input::ChangeCipherSpec).unwrap();
    complete(&mut harness, &mut peer);
    // Before a first hello, which a stateless server sees only when it has read it.
    let mut harness = Harness::new(stateless(1));
    harness.input(Input::ChangeCipherSpec).unwrap();
    assert_eq!(harness.message(&Peer13::new(Offer::new(), NamedGroup::x25519).hello()), refused);
    // A server with a state knows that there was none before.
    assert_eq!(Harness::new(config()).input(Input::ChangeCipherSpec), refused);
}

/// Nobody collects cookies for later: one is good for two minutes, for the same server and others.
#[test]
fn a_cookie_has_an_end() {
    for (seconds, is_taken) in [(0, true), (120, true), (121, false), (1 << 40, false)] {
        for another in [false, true] {
            let (mut harness, mut peer) = asked(Offer::new(), stateless(1));
            let asked_at = harness.now;
            if another {
                harness = Harness::new(stateless(1));
            }
            harness.now = asked_at + seconds;
            let expected = if is_taken { Ok(()) } else { Err(Fault::IllegalParameter(Field::cookie)) };
            assert_eq!(harness.message(&peer.hello()), expected, "{seconds} s");
        }
    }
}
