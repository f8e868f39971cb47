//! Which certificates make a path, for the verifier of devices: order, anchors, time, limits.

mod forge;

use forge::{judge::*, *};
use handclasp_report::CertificateFault as Fault;
use handclasp_report::Evidence;
use handclasp_trust::{
    CHAIN_MAX, Name, Role,
    chain::{Anchor, ChainOptions, ChainTime, ChainVerifier},
};

const UNKNOWN: Fault = Fault::UnknownIssuer { self_signed: false };

fn both(world: &World, chain: &[Vec<u8>]) -> (Option<Fault>, Option<Fault>) {
    (why(world.device(chain, Role::Server)), why(world.host(chain, Role::Server)))
}

#[test]
fn certificates_that_are_not_the_issuer_are_skipped() {
    let world = World::new();
    let [leaf, between] = &world.chain(&world.good_leaf(), &world.good_between())[..] else { panic!() };
    let other = Forged::authority("other", "root", &world.leaf).sign(&world.root);
    let v1 = Forged { version: vec![], extensions: vec![], ..world.good_between() }.sign(&world.root);
    let root = world.anchor.clone();
    let broken = vec![0x30, 1];
    // The same name, another key: what a CA sends while it changes its key.
    let renewed = Forged::authority("between", "root", &world.leaf).sign(&world.root);
    for chain in [
        vec![leaf, between],
        vec![leaf, between, &root],
        vec![leaf, between, &broken],
        vec![leaf, between, between],
        vec![leaf, leaf, between],
        vec![leaf, &other, between],
        vec![leaf, &root, between],
        vec![leaf, &v1, between],
        vec![leaf, &renewed, between],
        vec![leaf, &broken, between],
    ] {
        let chain: Vec<_> = chain.into_iter().cloned().collect();
        assert_eq!(both(&world, &chain), (None, None), "{chain:02x?}");
    }
    for (chain, fault) in [
        (vec![leaf], UNKNOWN),
        (vec![leaf, &root], UNKNOWN),
        (vec![leaf, &broken], Fault::Malformed { index: 1 }),
        (vec![leaf, &renewed], Fault::SignatureInvalid),
        (vec![leaf, &broken, &renewed], Fault::SignatureInvalid),
        (vec![between, leaf], Fault::CaUsedAsLeaf),
    ] {
        let chain: Vec<_> = chain.into_iter().cloned().collect();
        assert_eq!(both(&world, &chain), (Some(fault), Some(fault)));
    }
}

/// RFC 8446 §4.4.2: each certificate certifies the one before. Hosts, which have the chain whole, accept
/// any order.
#[test]
fn the_order_is_that_of_the_path() {
    let world = World::new();
    let upper = Key::new();
    let leaf = world.good_leaf().sign(&world.between);
    let between = Forged::authority("between", "upper", &world.between).sign(&upper);
    let upper = Forged::authority("upper", "root", &upper).sign(&world.root);
    let sorted = [leaf.clone(), between.clone(), upper.clone()];
    assert_eq!(both(&world, &sorted), (None, None));
    assert_eq!(both(&world, &[leaf.clone(), upper.clone(), between.clone()]), (Some(UNKNOWN), None));
    // A constraint on the length counts intermediates below.
    for (length, fault) in [(1, None), (0, Some(Fault::ConstraintViolated))] {
        let upper_key = Key::new();
        let value = sequence(&[&[1, 1, 0xff], &[2, 1, length]]);
        let upper = Forged::authority("upper", "root", &upper_key).with(BASIC_CONSTRAINTS, true, value);
        let between = Forged::authority("between", "upper", &world.between).sign(&upper_key);
        let chain = [leaf.clone(), between, upper.sign(&world.root)];
        assert_eq!(both(&world, &chain), (fault, fault), "length {length}");
    }
}

#[test]
fn signatures_are_those_of_the_issuer() {
    let world = World::new();
    let good = world.chain(&world.good_leaf(), &world.good_between());
    for index in 0..good.len() {
        let mut forged = good.clone();
        *forged[index].last_mut().unwrap() ^= 1;
        assert_eq!(both(&world, &forged), (Some(Fault::SignatureInvalid), Some(Fault::SignatureInvalid)));
    }
    // SHA-1, which is not accepted.
    let sha1 = tlv(0x30, b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01");
    let weak = |one: Forged| Forged { inner_algorithm: sha1.clone(), outer_algorithm: sha1.clone(), ..one };
    for chain in [
        world.chain(&weak(world.good_leaf()), &world.good_between()),
        world.chain(&world.good_leaf(), &weak(world.good_between())),
    ] {
        assert_eq!(both(&world, &chain), (Some(Fault::WeakSignature), Some(Fault::WeakSignature)));
    }
}

#[test]
fn without_a_clock_only_the_end_is_judged() {
    let world = World::new();
    let dated = |from: &str, until: &str| Forged {
        validity: sequence(&[&generalized(from), &generalized(until)]),
        ..world.good_leaf()
    };
    let now = ChainTime::Now(time(NOW));
    let built = ChainTime::AtLeast(time(NOW));
    // NOW is 2027-01-15, 08:00:00.
    let dates = |limit| Evidence::Dates { limit, now: NOW };
    let expired = Fault::Expired.with(dates(NOW - 1));
    let early = Fault::NotYetValid.with(dates(NOW + 1));
    for (leaf, by_clock, by_build) in [
        (dated("20270115080000Z", "20270115080000Z"), None, None),
        (dated("20260101000000Z", "20270115075959Z"), Some(expired), Some(expired)),
        (dated("20270115080001Z", "20280101000000Z"), Some(early), None),
        (
            dated("20990101000000Z", "21000101000000Z"),
            Some(Fault::NotYetValid.with(dates(4_070_908_800))),
            None,
        ),
    ] {
        let chain = world.chain(&leaf, &world.good_between());
        assert_eq!(world.device_at(&chain, Role::Server, now).err(), by_clock);
        assert_eq!(world.device_at(&chain, Role::Server, built).err(), by_build);
    }
    // The earliest end on the path is returned.
    let short = Forged {
        validity: sequence(&[&generalized("20200101000000Z"), &generalized("20270115080000Z")]),
        ..world.good_between()
    };
    let chain = world.chain(&world.good_leaf(), &short);
    assert_eq!(world.device(&chain, Role::Server).unwrap().not_after, Some(time(NOW)));
}

#[test]
fn roles_and_names() {
    let world = World::new();
    let client = world.good_leaf().without(SUBJECT_ALT_NAME);
    let chain = world.chain(&client, &world.good_between());
    assert!(world.device(&chain, Role::Client).is_ok(), "a client needs no name");
    let chain = world.chain(&world.good_leaf(), &world.good_between());
    let anchors = [Anchor::from_certificate(&world.anchor).unwrap()];
    let verdict = |name: Option<&str>, role| {
        let (verify, sha256) = (handclasp_provider_aws_lc::VERIFY, handclasp_provider_aws_lc::SHA256);
        let options = ChainOptions::new(&anchors, role, ChainTime::Now(time(NOW)), verify, sha256);
        let name = name.map(|name| Name::parse(name).unwrap());
        let options = options.with_name(name.as_ref());
        let mut verifier = ChainVerifier::new();
        chain.iter().for_each(|one| verifier.certificate(&options, one).unwrap());
        why(verifier.finish(&options))
    };
    assert_eq!(verdict(None, Role::Server), Some(Fault::NoExpectedName));
    assert_eq!(verdict(Some("A.Test."), Role::Server), None);
    assert_eq!(verdict(Some("192.0.2.7"), Role::Server), None);
    assert_eq!(verdict(Some("a.test"), Role::Client), None);
    for name in ["b.test", "192.0.2.8", "leaf", "test", "::ffff:192.0.2.7"] {
        assert_eq!(verdict(Some(name), Role::Server), Some(Fault::NameMismatch { names: 2 }), "{name}");
    }
    assert_eq!(verdict(Some("b.test"), Role::Client), Some(Fault::NameMismatch { names: 2 }));
}

#[test]
fn anchors_are_a_name_and_a_key() {
    let world = World::new();
    let chain = world.chain(&world.good_leaf(), &world.good_between());
    let (spki, other) = (world.root.spki(), world.leaf.spki());
    let root = name("root");
    let verdict = |anchors: &[Anchor<'_>], chain: &[Vec<u8>]| {
        let (verify, sha256) = (handclasp_provider_aws_lc::VERIFY, handclasp_provider_aws_lc::SHA256);
        let options = ChainOptions::new(anchors, Role::Server, ChainTime::Now(time(NOW)), verify, sha256);
        let name = a_test(Role::Server);
        let options = options.with_name(name.as_ref());
        let mut verifier = ChainVerifier::new();
        chain.iter().try_for_each(|one| verifier.certificate(&options, one))?;
        verifier.finish(&options)
    };
    let good = Anchor::new(&root, &spki);
    let wrong = Anchor::new(&root, &other);
    assert!(verdict(&[good], &chain).is_ok());
    assert!(verdict(&[wrong, good], &chain).is_ok(), "two roots of one name");
    assert_eq!(why(verdict(&[wrong], &chain)), Some(Fault::SignatureInvalid));
    assert_eq!(why(verdict(&[], &chain)), Some(UNKNOWN));
    assert_eq!(why(verdict(&[good], &[])), Some(Fault::Malformed { index: 0 }));
    // An intermediate may be an anchor: the leaf is enough.
    let between = (name("between"), world.between.spki());
    assert!(verdict(&[Anchor::new(&between.0, &between.1)], &chain[..1]).is_ok());
    // A self-signed leaf that is marked as a CA: only if it is the certificate given, byte for byte.
    let both = Forged::leaf("self", &world.leaf);
    let mut own = Forged { subject: name("self"), ..both };
    own = own.with(BASIC_CONSTRAINTS, true, sequence(&[&[1, 1, 0xff]]));
    let (own, again) = (own.sign(&world.leaf), own.sign(&world.leaf));
    let given = Anchor::from_certificate(&own).unwrap();
    assert!(verdict(&[given], std::slice::from_ref(&own)).is_ok());
    assert_eq!(why(verdict(&[given], &[again])), Some(Fault::CaUsedAsLeaf));
    assert_eq!(why(verdict(&[good], &[own])), Some(Fault::UnknownIssuer { self_signed: true }));
}

#[test]
fn work_is_bounded() {
    let world = World::new();
    let good = world.chain(&world.good_leaf(), &world.good_between());
    // Certificates and bytes, whether they are needed or not.
    let many: Vec<_> = std::iter::repeat_n(&good[1], CHAIN_MAX).cloned().collect();
    assert_eq!(both(&world, &[&good[..1], &many].concat()), (Some(Fault::Budget), Some(Fault::Budget)));
    assert_eq!(both(&world, &[&good[..1], &many[1..]].concat()), (None, None));
    let large = vec![0; handclasp_trust::CHAIN_MAX_BYTES];
    assert_eq!(both(&world, &[&good[..], &[large]].concat()), (Some(Fault::Budget), Some(Fault::Budget)));
    // Signatures: roots of the name, none of which signed.
    let leaf = [Forged::leaf("root", &world.leaf).sign(&world.root)];
    let others: Vec<_> =
        std::iter::repeat_with(|| Forged::authority("root", "root", &Key::new())).take(10).collect();
    let others: Vec<_> = others.iter().map(|one| one.sign(&world.between)).collect();
    let now = ChainTime::Now(time(NOW));
    let mut roots: Vec<&[u8]> = others.iter().map(|one| &one[..]).collect();
    roots.insert(9, &world.anchor);
    assert!(device(&roots, &leaf, Role::Server, now).is_ok(), "the tenth");
    roots.swap(9, 10);
    assert!(device(&roots, &leaf, Role::Server, now).is_err(), "the eleventh");
    // Intermediates.
    let keys: Vec<_> = std::iter::repeat_with(Key::new).take(7).collect();
    let chain_of = |count: usize| {
        let level = |index: usize| format!("level {index}");
        let mut chain = vec![Forged::leaf(&level(1), &world.leaf).sign(&keys[0])];
        for index in 1..count {
            let one = Forged::authority(&level(index), &level(index + 1), &keys[index - 1]);
            chain.push(one.sign(&keys[index]));
        }
        chain.push(Forged::authority(&level(count), "root", &keys[count - 1]).sign(&world.root));
        chain
    };
    assert_eq!(both(&world, &chain_of(6)), (None, None));
    let fault = Some(Fault::PathTooLong { limit: 6 });
    assert_eq!(both(&world, &chain_of(7)), (fault, fault));
}
