//! This provider against the other, wherever both have an algorithm.
use handclasp_crypto::{
    KeyEncoding, KeyKind, Keys, Protection, PublicKey, SignError, Suite, Verify, conformance,
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
}

#[test]
fn keys_and_signatures() {
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P256_SHA256);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P256_SHA256);
    both_ways(ours::KEYS, theirs::KEYS, theirs::ECDSA_P256_SHA384);
    both_ways(theirs::KEYS, ours::KEYS, ours::ECDSA_P256_SHA512);
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
}

/// A key that one makes, the other loads and finds the same; one signs, the other verifies.
fn both_ways(maker: &dyn Keys, other: &dyn Keys, verifier: &dyn Verify) {
    for _ in 0..10 {
        let der = maker.generate(KeyKind::P256, &mut SystemRandom).unwrap();
        let key = maker.load(KeyEncoding::Pkcs8, &der).unwrap();
        let same = other.load(KeyEncoding::Pkcs8, &der).unwrap();
        assert_eq!(key.public_key(), same.public_key());

        let signature = key.sign(verifier.scheme(), b"message", &mut SystemRandom).unwrap();
        let public = PublicKey::from_spki(same.public_key()).unwrap();
        verifier.verify(public.bits, b"message", &signature).unwrap();
    }
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
