//! Chains made by our own CA (`handclasp-identity`): the two rooms agree, and the cases that
//! need dates or depths of their own.

mod common;

use common::*;
use handclasp_crypto::KeyKind;
use handclasp_identity::{Identity, Issue, Usage, Validity, self_signed, self_signed_with};
use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom};
use handclasp_report::CertificateFault as Fault;
use handclasp_trust::{CHAIN_MAX, CHAIN_MAX_BYTES, Pin, Psk, PskUse, Roots, Trust};

const NAMES: [&str; 3] = ["a.example", "192.0.2.7", "2001:db8::7"];

#[test]
fn issued_and_believed() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
        let root =
            handclasp_identity::Authority::with_key("root", VALIDITY, kind, KEYS, &mut SystemRandom).unwrap();
        let trust = trusting(&root);
        for leaf in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
            let issued = issue(&root, &Issue { key: leaf, ..leaf_issue(&NAMES) });
            for name in NAMES {
                let accepted = judge(&trust, &issued.chain, name).unwrap();
                assert_eq!(accepted.not_after, Some(VALIDITY.not_after));
                assert_eq!(accepted.spki, issued.identity(KEYS).unwrap().spki());
            }
            assert_eq!(judge(&trust, &issued.chain, "b.example"), Err(Fault::NameMismatch { names: 3 }));
            assert!(judge_client(&trust, &issued.chain).is_ok());
        }
    }
}

#[test]
fn dates_of_each_certificate() {
    let root = authority("root");
    let trust = trusting(&root);
    let at = |validity| issue(&root, &Issue { validity, ..leaf_issue(&NAMES) }).chain;
    let expired = at(Validity { not_before: NOW - 20, not_after: NOW - 10 });
    assert_eq!(judge(&trust, &expired, "a.example"), Err(Fault::Expired { not_after: NOW - 10, now: NOW }));
    let future = at(Validity { not_before: NOW + 10, not_after: NOW + 20 });
    assert_eq!(
        judge(&trust, &future, "a.example"),
        Err(Fault::NotYetValid { not_before: NOW + 10, now: NOW })
    );
    // Both ends are included.
    let moment = at(Validity { not_before: NOW, not_after: NOW });
    assert_eq!(judge(&trust, &moment, "a.example").unwrap().not_after, Some(NOW));
    // The wrong way round.
    let never = at(Validity { not_before: NOW + 10, not_after: NOW - 10 });
    assert_eq!(judge(&trust, &never, "a.example"), Err(Fault::NeverValid { index: 0 }));
    // Expired and of an unknown issuer: what the owner can mend comes first.
    assert!(matches!(
        judge(&trusting(&authority("other")), &expired, "a.example"),
        Err(Fault::Expired { .. })
    ));

    // An intermediate that ends earlier than its leaf.
    let short = Validity { not_after: NOW + 5, ..VALIDITY };
    let below = root.subordinate("below", short, KeyKind::P256, KEYS, &mut SystemRandom).unwrap();
    let chain = issue(&below, &leaf_issue(&NAMES)).chain;
    assert_eq!(judge(&trust, &chain, "a.example").unwrap().not_after, Some(NOW + 5));
    assert_eq!(
        judge_at(&trust, &chain, "a.example", NOW + 6),
        Err(Fault::Expired { not_after: NOW + 5, now: NOW + 6 })
    );
    // And one with dates that cannot be: told with its place.
    let never = Validity { not_before: NOW + 10, not_after: NOW - 10 };
    let below = root.subordinate("below", never, KeyKind::P256, KEYS, &mut SystemRandom).unwrap();
    let chain = issue(&below, &leaf_issue(&NAMES)).chain;
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::NeverValid { index: 1 }));
}

/// `openssl x509 -fingerprint -sha256` hashes the whole certificate.
#[test]
fn a_fingerprint_in_place_of_a_pin_is_told_as_that() {
    let chain = issue(&authority("root"), &leaf_issue(&NAMES)).chain;
    let right = Trust::DangerNobody.judge(&chain, &question(None)).unwrap().pin;
    let fingerprint = Trust::Pins(vec![Pin([7; 32]), Pin::of_spki(&chain[0], SHA256)]);
    let told = fingerprint.judge(&chain, &question(None));
    assert_eq!(told, Err(Fault::PinIsFingerprint { found: right }));
    // Of another certificate it says nothing.
    let other = issue(&authority("root"), &leaf_issue(&NAMES)).chain;
    assert!(matches!(fingerprint.judge(&other, &question(None)), Err(Fault::PinMismatch { .. })));
}

#[test]
fn another_authority() {
    let (ours, theirs) = (authority("root"), authority("another root"));
    let chain = issue(&theirs, &leaf_issue(&NAMES)).chain;
    assert_eq!(
        judge(&trusting(&ours), &chain, "a.example"),
        Err(Fault::UnknownIssuer { self_signed: false })
    );
    // Of the same name.
    let namesake = authority("root");
    let chain = issue(&namesake, &leaf_issue(&NAMES)).chain;
    assert_eq!(judge(&trusting(&ours), &chain, "a.example"), Err(Fault::SignatureInvalid));
    let roots = Roots::from_der(&[ours.certificate()]).unwrap();
    let both = roots.and(Roots::from_der(&[namesake.certificate()]).unwrap());
    assert!(judge(&Trust::WebPki(both), &chain, "a.example").is_ok());
    // As PEM, on the way from a file.
    let pem = Roots::from_pem(namesake.certificate_pem().as_bytes()).unwrap();
    assert!(judge(&Trust::WebPki(pem), &chain, "a.example").is_ok());
}

#[test]
fn usage() {
    let root = authority("root");
    let trust = trusting(&root);
    for (usage, server, client) in [
        (Usage::Both, None, None),
        (Usage::Server, None, Some(Fault::WrongUsage)),
        (Usage::Client, Some(Fault::WrongUsage), None),
        (Usage::Neither, Some(Fault::WrongUsage), Some(Fault::WrongUsage)),
    ] {
        let chain = issue(&root, &Issue { usage, ..leaf_issue(&NAMES) }).chain;
        assert_eq!(judge(&trust, &chain, "a.example").err(), server, "{usage:?}");
        assert_eq!(judge_client(&trust, &chain).err(), client, "{usage:?}");
    }
    // The authority itself as a server.
    assert_eq!(judge(&trust, &[root.certificate()], "root").err(), Some(Fault::NameMismatch { names: 0 }));
    assert_eq!(
        judge(&trusting(&authority("other")), &[root.certificate()], "root").err(),
        Some(Fault::UnknownIssuer { self_signed: true })
    );
}

#[test]
fn long_chains() {
    let root = authority("root");
    let trust = trusting(&root);
    let mut authorities = vec![root];
    for depth in 1..=7 {
        let above = authorities.last().unwrap();
        let name = format!("depth {depth}");
        let below = above.subordinate(&name, VALIDITY, KeyKind::P256, KEYS, &mut SystemRandom).unwrap();
        authorities.push(below);
    }
    let chain = |depth: usize| issue(&authorities[depth], &leaf_issue(&NAMES)).chain;
    assert_eq!(chain(6).len(), 7);
    assert!(judge(&trust, &chain(6), "a.example").is_ok());
    // Out of order, as some servers send them; and without one in the middle.
    let mut mixed = chain(6);
    mixed[1..].reverse();
    assert!(judge(&trust, &mixed, "a.example").is_ok());
    mixed.remove(3);
    assert_eq!(judge(&trust, &mixed, "a.example"), Err(Fault::UnknownIssuer { self_signed: false }));
    assert_eq!(judge(&trust, &chain(7), "a.example"), Err(Fault::PathTooLong { limit: 6 }));
}

#[test]
fn budgets() {
    let root = authority("root");
    let trust = trusting(&root);
    let leaf = issue(&root, &leaf_issue(&NAMES)).chain.remove(0);
    let many = vec![leaf.clone(); CHAIN_MAX];
    assert!(judge(&trust, &many, "a.example").is_ok());
    let more = vec![leaf.clone(); CHAIN_MAX + 1];
    let large = [leaf, vec![0; CHAIN_MAX_BYTES]];
    for trust in [trust, Trust::DangerNobody, Trust::Pins(vec![])] {
        assert_eq!(judge(&trust, &more, "a.example"), Err(Fault::Budget));
        assert_eq!(judge(&trust, &large, "a.example"), Err(Fault::Budget));
    }
}

/// Issuers of one name with different keys: as many paths as permutations.
#[test]
fn a_maze_is_not_walked() {
    let root = authority("maze");
    let trust = trusting(&root);
    let mut chain = issue(&root, &leaf_issue(&NAMES)).chain;
    let turn = || root.subordinate("maze", VALIDITY, KeyKind::P256, KEYS, &mut SystemRandom).unwrap();
    // A CA that has changed its key and its root: three of a name still work.
    chain.extend((0..3).map(|_| turn().certificate().to_vec()));
    assert!(judge(&trust, &chain, "a.example").is_ok());
    // The same one again is no new one.
    chain.push(chain[1].clone());
    assert!(judge(&trust, &chain, "a.example").is_ok());
    chain.push(turn().certificate().to_vec());
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::Budget));

    // The widest that is walked: three names, three of each, each issued by the next.
    let names = ["maze 0", "maze 1", "maze 2"];
    let above = names.map(authority);
    let mut chain = issue(&above[0], &leaf_issue(&NAMES)).chain;
    for (index, name) in names.iter().enumerate() {
        for _ in 0..3 {
            let by = &above[(index + 1) % 3];
            let turn = by.subordinate(name, VALIDITY, KeyKind::P256, KEYS, &mut SystemRandom).unwrap();
            chain.push(turn.certificate().to_vec());
        }
    }
    assert_eq!(chain.len(), CHAIN_MAX);
    let start = std::time::Instant::now();
    let fault = judge(&trust, &chain, "a.example").unwrap_err();
    assert!(matches!(fault, Fault::PathTooLong { .. } | Fault::UnknownIssuer { .. }), "{fault:?}");
    // Milliseconds; the limit leaves room for a slow machine without optimisation.
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn self_signed_ones() {
    let names = ["device.local", "192.0.2.9"];
    let issued = self_signed(&names, KEYS, &mut SystemRandom).unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let given = Trust::WebPki(Roots::from_der(&issued.chain).unwrap());
    for name in names {
        assert!(judge_at(&given, &issued.chain, name, now).is_ok());
    }
    let Err(fault) = judge_at(&trusting(&authority("other")), &issued.chain, "device.local", now) else {
        panic!()
    };
    assert_eq!(fault, Fault::UnknownIssuer { self_signed: true });

    // Renewed with the same key: the pin holds, the certificate does not.
    let identity = issued.identity(KEYS).unwrap();
    let pin = Trust::Pins(vec![Pin::of_spki(identity.spki(), SHA256)]);
    assert!(judge(&pin, &issued.chain, "any.example").is_ok());
    let other = self_signed_with(&leaf_issue(&names), KEYS, &mut SystemRandom).unwrap();
    let found = Pin::of_spki(other.identity(KEYS).unwrap().spki(), SHA256).0;
    assert_eq!(judge(&pin, &other.chain, "any.example"), Err(Fault::PinMismatch { found }));
    // A root of the same name and another key, of the same kind or not, makes no signature invalid.
    assert_eq!(judge(&given, &other.chain, "device.local"), Err(Fault::UnknownIssuer { self_signed: true }));
    let namesake = Issue { key: KeyKind::P384, ..leaf_issue(&names) };
    let namesake = self_signed_with(&namesake, KEYS, &mut SystemRandom).unwrap();
    let p384 = Trust::WebPki(Roots::from_der(&namesake.chain).unwrap());
    assert_eq!(judge(&p384, &other.chain, "device.local"), Err(Fault::UnknownIssuer { self_signed: true }));
    // A signature that does not verify under the certificate's own key either is invalid.
    let mut damaged = other.chain;
    *damaged[0].last_mut().unwrap() ^= 1;
    assert_eq!(judge(&given, &damaged, "device.local"), Err(Fault::SignatureInvalid));
    assert!(Identity::self_signed(&names, KEYS, &mut SystemRandom).is_ok());
}

#[test]
fn a_key_that_is_not_for_signatures() {
    let issued = self_signed(&["peer.test"], KEYS, &mut SystemRandom).unwrap();
    let mut leaf = issued.identity(KEYS).unwrap().chain()[0].clone();
    // keyUsage: digitalSignature becomes keyEncipherment. Nobody's signature counts here.
    let bits = [0x03, 0x02, 0x07, 0x80];
    let place = leaf.windows(4).position(|window| window == bits).expect("a keyUsage");
    assert!(judge(&Trust::DangerNobody, &[leaf.clone()], "peer.test").is_ok());
    leaf[place + 2..place + 4].copy_from_slice(&[0x05, 0x20]);
    assert_eq!(judge(&Trust::DangerNobody, &[leaf], "peer.test").unwrap_err(), Fault::WrongUsage);
}

#[test]
fn a_pre_shared_key_judges_no_certificate() {
    let psk = Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).unwrap();
    let trust = Trust::Psk(psk);
    let issued = self_signed(&["a.example"], KEYS, &mut SystemRandom).unwrap();
    assert_eq!(judge(&trust, &issued.chain, "a.example"), Err(Fault::NotConfigured));
    assert!(format!("{trust:?}").contains("device-7"));
    assert!(!format!("{trust:?}").contains("7, 7"));
}

/// Nobody has vouched for a raw public key: a pin can name it, roots cannot, nor a pre-shared key.
#[test]
fn a_raw_key_is_believed_by_its_pin_alone() {
    let issued = self_signed(&["a.example"], KEYS, &mut SystemRandom).unwrap();
    let identity = issued.identity(KEYS).unwrap();
    let judge = |trust: &Trust| trust.judge_raw_key(identity.spki(), &question(None));
    // Also where the certificate of the same key is one of the roots.
    let roots = Trust::WebPki(Roots::from_der(identity.chain()).unwrap());
    let psk = Trust::Psk(Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).unwrap());
    for trust in [&roots, &psk] {
        assert_eq!(judge(trust), Err(Fault::NotConfigured));
        assert!(!trust.judges_raw_keys());
    }
    let pin = Pin::of_spki(identity.spki(), SHA256);
    assert_eq!(judge(&Trust::Pins(vec![pin])).unwrap().pin, pin.0);
    assert_eq!(judge(&Trust::Pins(vec![Pin([1; 32])])), Err(Fault::PinMismatch { found: pin.0 }));
}
