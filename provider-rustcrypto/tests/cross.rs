//! This provider against the other, wherever both have an algorithm.
use handclasp_crypto::{KeyEncoding, KeyKind, Keys, PublicKey, Verify, conformance};
use handclasp_provider_aws_lc::{self as theirs, SystemRandom};
use handclasp_provider_rustcrypto as ours;

#[test]
fn hash_and_hmac() {
    conformance::hash_cross(ours::SHA256, theirs::SHA256);
    conformance::hash_cross(ours::SHA384, theirs::SHA384);
    conformance::hash_cross(ours::SHA512, theirs::SHA512);
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

#[test]
fn suites_are_the_same() {
    for suite in ours::ALL_SUITES {
        let other = theirs::ALL_SUITES.iter().find(|other| other.id == suite.id).unwrap();
        assert_eq!((other.exchange, other.nonce), (suite.exchange, suite.nonce), "{suite:?}");
        assert_eq!(other.hash.output_len(), suite.hash.output_len(), "{suite:?}");
        assert_eq!(other.aead.seal_limit(), suite.aead.seal_limit(), "{suite:?}");
    }
}
