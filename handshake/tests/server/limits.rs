//! Bounds of ours on a ClientHello, told as ours; and what has no bound.

use handclasp_codec::{AlertDescription, Decode, Field, HandshakeType, HelloRetryRequest, NamedGroup};
use handclasp_report::{Counted, Fault, ShareFault};

use super::{
    harness::{Harness, config},
    offer::Offer,
    peer13::{Peer13, body},
};

/// A hello with so many empty extensions that nobody knows behind its own.
fn with_unknown_extensions(offer: &Offer, count: u16) -> Vec<u8> {
    let mut message = offer.encode_with(&[]);
    message.extend((0..count).flat_map(|n| [(0x7000 + n).to_be_bytes(), [0, 0]]).flatten());
    let added = usize::from(count) * 4;
    let body = u32::try_from(message.len() - 4).unwrap().to_be_bytes();
    message[1..4].copy_from_slice(&body[1..]);
    // Version, random, session id, suites, compression; then the length of the extensions.
    let mut at = 4 + 2 + 32;
    at += 1 + usize::from(message[at]);
    at += 2 + usize::from(u16::from_be_bytes([message[at], message[at + 1]]));
    at += 1 + usize::from(message[at]);
    let length = usize::from(u16::from_be_bytes([message[at], message[at + 1]])) + added;
    message[at..at + 2].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
    message
}

#[test]
fn extensions_are_counted() {
    for offer in [Peer13::new(Offer::new(), NamedGroup::x25519).offer, Offer::tls12()] {
        let hello = with_unknown_extensions(&offer, 0);
        let own = u16::try_from(handclasp_codec::ClientHelloView::new(&hello).extensions().count()).unwrap();
        let answer = |count: u16| Harness::new(config()).message(&with_unknown_extensions(&offer, count));
        assert_eq!(answer(128 - own), Ok(()));
        for found in [129, 3000] {
            let fault = answer(found - own).unwrap_err();
            assert_eq!(fault, Fault::TooMany { what: Counted::Extensions, limit: 128, found });
            // No accusation: the peer's bytes are good.
            assert_eq!(fault.alert(), Some(AlertDescription::internal_error));
        }
    }
}

/// An offer of unknown groups with shares of that many of them, x25519 and its share behind all.
fn behind_groups(groups: u16, shares: u16) -> Offer {
    let unknown = |count: u16| (0..count).map(|n| NamedGroup(0x4000 + n));
    let mut offer = Peer13::new(Offer::new(), NamedGroup::x25519).offer;
    offer.groups = Some(unknown(groups).chain([NamedGroup::x25519]).collect());
    let ours = offer.shares.take().unwrap();
    offer.shares = Some(unknown(shares).map(|group| (group, vec![1])).chain(ours).collect());
    offer
}

#[test]
fn shares_are_counted_and_groups_are_not() {
    let answer = |offer: Offer| Harness::new(config()).message(&offer.encode_with(&[]));
    for groups in [127, 128, 129, 7000] {
        assert_eq!(answer(behind_groups(groups, 63)), Ok(()), "{groups}");
    }
    let fault = answer(behind_groups(200, 64)).unwrap_err();
    assert_eq!(fault, Fault::TooMany { what: Counted::KeyShares, limit: 64, found: 65 });
    assert_eq!(fault.alert(), Some(AlertDescription::internal_error));
    // A share without its group, and one sent twice, are the client's fault wherever they stand.
    for (shares, group) in [(40, NamedGroup(0x4000 + 30)), (20, NamedGroup::x25519)] {
        let mut offer = behind_groups(30, shares);
        if group == NamedGroup::x25519 {
            let again = offer.shares.as_ref().unwrap().last().unwrap().clone();
            offer.shares.as_mut().unwrap().push(again);
        }
        assert_eq!(answer(offer), Err(Fault::KeyShare { group, problem: ShareFault::NotAsOffered }));
    }
}

#[test]
fn a_group_asked_for_is_accepted_wherever_it_stood() {
    for groups in [0, 127, 128, 257, 5000] {
        let mut peer = Peer13::new(Offer::new(), NamedGroup::x25519);
        peer.offer.groups = behind_groups(groups, 0).groups;
        peer.offer.shares = Some(Vec::new());
        let mut harness = Harness::new(config());
        harness.message(&peer.hello()).unwrap();
        let retry = body(harness.sent(HandshakeType::server_hello));
        let retry = HelloRetryRequest::from_bytes(retry, Field::hello_retry_request).unwrap();
        assert_eq!(retry.extensions.key_share.unwrap().selected_group, NamedGroup::x25519);
        peer.retry(&harness);
        harness.message(&peer.hello()).unwrap();
        harness.answer_credential().unwrap();
        harness.answer_signature().unwrap();
        let finished = peer.finish(&harness);
        harness.message(&finished).unwrap();
        assert!(harness.server.is_connected());
    }
}
