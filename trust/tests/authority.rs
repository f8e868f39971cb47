//! Chains issued by our own CA (`handclasp-identity`), and cases that need dates or depths of their own.

mod common;

use common::*;
use handclasp_crypto::KeyKind;
use handclasp_identity::{CertificateParams, Identity, IssuedCertificate, Usage, Validity};
use handclasp_provider_aws_lc::SHA256;
use handclasp_report::CertificateFault as Fault;
use handclasp_report::Evidence;
use handclasp_trust::{CHAIN_MAX, CHAIN_MAX_BYTES, Pin, Psk, PskUse, Roots, Trust, pinned};

const NAMES: [&str; 3] = ["a.example", "192.0.2.7", "2001:db8::7"];

#[test]
fn issued_and_trusted() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
        let root = handclasp_identity::Authority::new("root", VALIDITY, kind).unwrap();
        let trust = trusting(&root);
        for leaf in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
            let issued = issue(&root, &leaf_issue(&NAMES).with_key_kind(leaf));
            for name in NAMES {
                let accepted = judge(&trust, &issued.chain, name).unwrap();
                assert_eq!(accepted.not_after, Some(VALIDITY.not_after));
                assert_eq!(accepted.spki, issued.identity().unwrap().spki());
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
    let at = |validity| issue(&root, &leaf_issue(&NAMES).with_validity(validity)).chain;
    let expired = at(Validity::new(time(NOW - 20), time(NOW - 10)));
    assert_eq!(judge(&trust, &expired, "a.example"), Err(Fault::Expired));
    let dates = |limit, now| Some(Evidence::Dates { limit, now });
    assert_eq!(evidence_at(&trust, &expired, "a.example", NOW), dates(NOW - 10, NOW));
    let future = at(Validity::new(time(NOW + 10), time(NOW + 20)));
    assert_eq!(judge(&trust, &future, "a.example"), Err(Fault::NotYetValid));
    assert_eq!(evidence_at(&trust, &future, "a.example", NOW), dates(NOW + 10, NOW));
    // Both ends are included.
    let moment = at(Validity::new(time(NOW), time(NOW)));
    assert_eq!(judge(&trust, &moment, "a.example").unwrap().not_after, Some(time(NOW)));
    // The wrong way round.
    let never = at(Validity::new(time(NOW + 10), time(NOW - 10)));
    assert_eq!(judge(&trust, &never, "a.example"), Err(Fault::NeverValid { index: 0 }));
    // Expired and of an unknown issuer: what the owner can mend comes first.
    assert_eq!(judge(&trusting(&authority("other")), &expired, "a.example"), Err(Fault::Expired));

    // An intermediate that ends earlier than its leaf.
    let short = Validity::new(VALIDITY.not_before, time(NOW + 5));
    let below = root.subordinate("below", short, KeyKind::P256).unwrap();
    let chain = issue(&below, &leaf_issue(&NAMES)).chain;
    assert_eq!(judge(&trust, &chain, "a.example").unwrap().not_after, Some(time(NOW + 5)));
    assert_eq!(judge_at(&trust, &chain, "a.example", NOW + 6), Err(Fault::Expired));
    assert_eq!(evidence_at(&trust, &chain, "a.example", NOW + 6), dates(NOW + 5, NOW + 6));
    // And one with dates that cannot be: told with its place.
    let never = Validity::new(time(NOW + 10), time(NOW - 10));
    let below = root.subordinate("below", never, KeyKind::P256).unwrap();
    let chain = issue(&below, &leaf_issue(&NAMES)).chain;
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::NeverValid { index: 1 }));
}

/// `openssl x509 -fingerprint -sha256` hashes the whole certificate.
#[test]
fn a_fingerprint_in_place_of_a_pin_is_reported_as_that() {
    let chain = issue(&authority("root"), &leaf_issue(&NAMES)).chain;
    let right = Trust::DangerNobody.verify_chain(&chain, &options(None)).unwrap().pin;
    let fingerprint = Trust::Pins(vec![Pin([7; 32]), Pin::of_spki(&chain[0].as_ref().into())]);
    let told = fingerprint.verify_chain(&chain, &options(None));
    assert_eq!(told, Err(Fault::PinIsFingerprint.with(Evidence::Pin(right.0))));
    // Of another certificate it says nothing.
    let other = issue(&authority("root"), &leaf_issue(&NAMES)).chain;
    assert_eq!(fault(fingerprint.verify_chain(&other, &options(None))), Err(Fault::PinMismatch));
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
    let roots = Roots::from_der(&[ours.certificate().clone()]).unwrap();
    let both = roots.and(Roots::from_der(&[namesake.certificate().clone()]).unwrap());
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
        let chain = issue(&root, &leaf_issue(&NAMES).with_usage(usage)).chain;
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
        let below = above.subordinate(&name, VALIDITY, KeyKind::P256).unwrap();
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
    let large = [leaf, vec![0; CHAIN_MAX_BYTES].into()];
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
    let turn = || root.subordinate("maze", VALIDITY, KeyKind::P256).unwrap();
    // A CA that has changed its key and its root: three of a name still work.
    chain.extend((0..3).map(|_| turn().certificate().clone()));
    assert!(judge(&trust, &chain, "a.example").is_ok());
    // The same one again is no new one.
    chain.push(chain[1].clone());
    assert!(judge(&trust, &chain, "a.example").is_ok());
    chain.push(turn().certificate().clone());
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::Budget));

    // The widest that is walked: three names, three of each, each issued by the next.
    let names = ["maze 0", "maze 1", "maze 2"];
    let above = names.map(authority);
    let mut chain = issue(&above[0], &leaf_issue(&NAMES)).chain;
    for (index, name) in names.iter().enumerate() {
        for _ in 0..3 {
            let by = &above[(index + 1) % 3];
            let turn = by.subordinate(name, VALIDITY, KeyKind::P256).unwrap();
            chain.push(turn.certificate().clone());
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
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&names)).unwrap();
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
    let identity = issued.identity().unwrap();
    let pin = Trust::Pins(vec![Pin::of_spki(&identity.spki())]);
    assert!(judge(&pin, &issued.chain, "any.example").is_ok());
    let other = IssuedCertificate::self_signed(&leaf_issue(&names)).unwrap();
    let found = Pin::of_spki(&other.identity().unwrap().spki()).0;
    assert_eq!(judge(&pin, &other.chain, "any.example"), Err(Fault::PinMismatch));
    assert_eq!(evidence_at(&pin, &other.chain, "any.example", NOW), Some(Evidence::Pin(found)));
    // A root of the same name and another key, of the same kind or not, makes no signature invalid.
    assert_eq!(judge(&given, &other.chain, "device.local"), Err(Fault::UnknownIssuer { self_signed: true }));
    let namesake = leaf_issue(&names).with_key_kind(KeyKind::P384);
    let namesake = IssuedCertificate::self_signed(&namesake).unwrap();
    let p384 = Trust::WebPki(Roots::from_der(&namesake.chain).unwrap());
    assert_eq!(judge(&p384, &other.chain, "device.local"), Err(Fault::UnknownIssuer { self_signed: true }));
    // A signature that does not verify under the certificate's own key either is invalid.
    let mut damaged = [other.chain[0].to_vec()];
    *damaged[0].last_mut().unwrap() ^= 1;
    assert_eq!(judge(&given, &damaged, "device.local"), Err(Fault::SignatureInvalid));
    assert!(Identity::self_signed(&names).is_ok());
}

#[test]
fn a_key_that_is_not_for_signatures() {
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["peer.test"])).unwrap();
    let mut leaf = issued.identity().unwrap().chain()[0].to_vec();
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
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a.example"])).unwrap();
    assert_eq!(judge(&trust, &issued.chain, "a.example"), Err(Fault::NotConfigured));
    assert!(format!("{trust:?}").contains("device-7"));
    assert!(!format!("{trust:?}").contains("7, 7"));
}

/// Nobody has vouched for a raw public key: a pin can name it, roots cannot, nor a pre-shared key.
#[test]
fn a_raw_key_is_trusted_by_its_pin_only() {
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a.example"])).unwrap();
    let identity = issued.identity().unwrap();
    let judge = |trust: &Trust| trust.verify_raw_key(&identity.spki(), &options(None));
    // Also where the certificate of the same key is one of the roots.
    let roots = Trust::WebPki(Roots::from_der(identity.chain()).unwrap());
    let psk = Trust::Psk(Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).unwrap());
    for trust in [&roots, &psk] {
        assert_eq!(judge(trust), Err(Fault::NotConfigured.into()));
        assert!(!trust.accepts_raw_keys());
    }
    let pin = Pin::of_spki(&identity.spki());
    assert_eq!(judge(&Trust::Pins(vec![pin])).unwrap().pin, pin);
    assert_eq!(judge(&Trust::Pins(vec![Pin([1; 32])])), Err(Fault::PinMismatch.with(Evidence::Pin(pin.0))));
}

/// The functions for devices and `Trust::Pins` agree, on certificates and raw keys.
#[test]
fn pins_without_web_pki_give_the_same_verdicts() {
    let issued = issue(&authority("an authority"), &leaf_issue(&["pinned.test"]));
    let leaf = &issued.chain[0];
    let spki = Trust::DangerNobody.verify_chain(&[leaf], &options(None)).unwrap().spki;
    let right = Pin::of_spki(&spki);
    let fingerprint = Pin(SHA256.hash(&[leaf])[..].try_into().unwrap());
    let mut cut = leaf.to_vec();
    cut.pop();
    for pins in [vec![], vec![Pin([7; 32])], vec![Pin([7; 32]), right], vec![fingerprint]] {
        let trust = Trust::Pins(pins.clone());
        for der in [&leaf[..], &cut, b""] {
            let device = pinned::verify_certificate(der, &pins, SHA256);
            assert_eq!(device, trust.verify_chain(&[der], &options(None)), "{pins:?}");
            assert_eq!(device.is_ok(), pins.contains(&right) && der.len() == leaf.len());
        }
        let device = pinned::verify_raw_key(&spki, &pins, SHA256);
        assert_eq!(device, trust.verify_raw_key(&spki, &options(None)), "{pins:?}");
        assert_eq!(device.is_ok(), pins.contains(&right));
    }
}
