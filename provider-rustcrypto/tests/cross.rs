//! This provider against the other, wherever both have an algorithm.
use handclasp_crypto::{
    KeyEncoding, KeyError, KeyKind, Keys, Protection, PublicKey, SignError, Suite, Verify, conformance,
};
use handclasp_provider_aws_lc::{self as theirs, SystemRandom};
use handclasp_provider_rustcrypto as ours;

#[test]
fn hash_and_hmac() {
    conformance::hash_cross(ours::SHA256, theirs::SHA256);
    conformance::hash_cross(ours::SHA384, theirs::SHA384);
    conformance::hash_cross(ours::SHA512, theirs::SHA512);
    conformance::hash_cross(ours::SHA1, theirs::SHA1);
}

#[test]
fn aead() {
    conformance::aead_cross(ours::AES_128_GCM, theirs::AES_128_GCM);
    conformance::aead_cross(ours::AES_256_GCM, theirs::AES_256_GCM);
    conformance::aead_cross(ours::CHACHA20_POLY1305, theirs::CHACHA20_POLY1305);
}

#[test]
fn exchange() {
    conformance::exchange_cross(ours::X25519, theirs::X25519, &mut SystemRandom);
    conformance::exchange_cross(ours::SECP256R1, theirs::SECP256R1, &mut SystemRandom);
    conformance::exchange_cross(ours::SECP384R1, theirs::SECP384R1, &mut SystemRandom);
}

#[test]
fn keys_and_signatures() {
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P256_SHA256);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P256_SHA256);
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P256_SHA384);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P256_SHA512);
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P384_SHA384);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P384_SHA384);
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P384_SHA256);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P384_SHA512);
}

#[test]
fn keys_with_one_hash() {
    both_ways(theirs::KEYS, ours::KEYS_SHA256, ours::ECDSA_P256_SHA256);
    both_ways(ours::KEYS_SHA256, theirs::KEYS, theirs::ECDSA_P256_SHA256);
    let der = ours::KEYS_SHA256.generate(KeyKind::P256, &mut SystemRandom).unwrap();
    let key = ours::KEYS_SHA256.load(KeyEncoding::Pkcs8, &der).unwrap();
    let other = ours::ECDSA_P256_SHA384.scheme();
    assert_eq!(key.schemes(), [ours::ECDSA_P256_SHA256.scheme()]);
    assert_eq!(key.sign(other, b"message", &mut SystemRandom), Err(SignError::Scheme(other)));
    let larger = ours::KEYS.generate(KeyKind::P384, &mut SystemRandom).unwrap();
    let loaded = ours::KEYS_SHA256.load(KeyEncoding::Pkcs8, &larger);
    assert_eq!(loaded.err(), Some(KeyError::Unsupported));
}

/// A key that one makes, the other loads and finds the same; one signs, the other verifies.
fn both_ways(maker: &dyn Keys, other: &dyn Keys, verifier: &dyn Verify) {
    for _ in 0..10 {
        let der = maker.generate(verifier.key(), &mut SystemRandom).unwrap();
        let key = maker.load(KeyEncoding::Pkcs8, &der).unwrap();
        let same = other.load(KeyEncoding::Pkcs8, &der).unwrap();
        assert_eq!(key.public_key(), same.public_key());

        let signature = key.sign(verifier.scheme(), b"message", &mut SystemRandom).unwrap();
        let public = PublicKey::from_spki(same.public_key()).unwrap();
        verifier.verify(public.bits, b"message", &signature).unwrap();
    }
}

/// Whatever the other provider signs, by every scheme of RSA and of both curves, verifies here; and
/// what is altered is refused by both.
#[test]
fn signatures_of_the_other_provider() {
    for kind in [KeyKind::Rsa, KeyKind::P256, KeyKind::P384] {
        let der = theirs::KEYS.generate(kind, &mut SystemRandom).unwrap();
        let key = theirs::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap();
        let public = PublicKey::from_spki(key.public_key()).unwrap();
        let of = |list: &[&'static dyn Verify], scheme| {
            list.iter().copied().find(|one| one.key() == kind && one.scheme() == scheme).unwrap()
        };
        for scheme in key.schemes().iter().copied() {
            let both = [of(ours::VERIFY, scheme), of(theirs::VERIFY, scheme)];
            for length in [0_u8, 1, 64, 200] {
                let message = vec![length; usize::from(length)];
                let signature = key.sign(scheme, &message, &mut SystemRandom).unwrap();
                let mut altered = signature.clone();
                altered[usize::from(length) % signature.len()] ^= 1;
                for verify in both {
                    assert_eq!(verify.verify(public.bits, &message, &signature), Ok(()), "{scheme}");
                    assert!(verify.verify(public.bits, &message, &altered).is_err(), "{scheme}");
                }
            }
        }
    }
}

/// What both verify, this provider verifies under the same number; beyond it are P-521, Ed25519 and
/// id-RSASSA-PSS.
#[test]
fn verifications_are_the_others() {
    let beyond = [KeyKind::P521, KeyKind::Ed25519, KeyKind::RsaPss];
    let names = |list: &[&dyn Verify]| {
        let known = list.iter().filter(|one| !beyond.contains(&one.key()));
        known.map(|one| (one.scheme(), one.key())).collect::<Vec<_>>()
    };
    assert_eq!(names(ours::VERIFY), names(theirs::VERIFY));
}

/// All that can be told of it from outside.
fn protection(suite: &Suite) -> (usize, usize, Option<(usize, u64)>) {
    let protection = &suite.protection;
    let aead = match protection {
        Protection::Aead { aead, .. } => Some((aead.tag_len(), aead.seal_limit())),
        Protection::CbcEtm(_) => None,
    };
    (protection.key_len(), protection.iv_or_mac_key_len(), aead)
}

#[test]
fn suites_are_the_same() {
    let lists = [
        (ours::ALL_SUITES, theirs::ALL_SUITES),
        (ours::ECDHE_PSK_SUITES, theirs::ECDHE_PSK_SUITES),
        (ours::CCM_SUITES, theirs::CCM_SUITES),
        (ours::CCM_8_SUITES, theirs::CCM_8_SUITES),
        (ours::CBC_ETM_SUITES, theirs::CBC_ETM_SUITES),
    ];
    assert!(lists.iter().all(|(ours, theirs)| ours.len() == theirs.len()));
    for (suite, other) in lists.iter().flat_map(|(ours, theirs)| ours.iter().zip(*theirs)) {
        assert_eq!(other.id, suite.id);
        assert_eq!((other.exchange, protection(other)), (suite.exchange, protection(suite)), "{suite:?}");
        assert_eq!(other.hash.output_len(), suite.hash.output_len(), "{suite:?}");
    }
}
