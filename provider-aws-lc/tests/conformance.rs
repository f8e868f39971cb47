//! The battery of `handclasp-crypto` over everything this provider has.
use handclasp_crypto::{KeyKind, Random, conformance};
use handclasp_provider_aws_lc as provider;
use provider::SystemRandom;

#[test]
fn hash() {
    for hash in [provider::SHA256, provider::SHA384, provider::SHA512] {
        conformance::hash(hash);
    }
}

#[test]
fn hmac() {
    for hash in [provider::SHA256, provider::SHA384, provider::SHA512] {
        conformance::hmac(hash);
    }
}

#[test]
fn hkdf() {
    conformance::hkdf_sha256(provider::SHA256);
    conformance::hkdf_sha384(provider::SHA384);
}

#[test]
fn prf() {
    conformance::prf_sha256(provider::SHA256);
    conformance::prf_sha384(provider::SHA384);
}

#[test]
fn aes_128_gcm() {
    conformance::aes_128_gcm(provider::AES_128_GCM);
}

#[test]
fn aes_256_gcm() {
    conformance::aes_256_gcm(provider::AES_256_GCM);
}

#[test]
fn chacha20_poly1305() {
    conformance::chacha20_poly1305(provider::CHACHA20_POLY1305);
}

#[test]
fn exchange() {
    for group in provider::GROUPS {
        conformance::exchange(*group, &mut SystemRandom);
    }
}

#[test]
fn x25519_known_answers() {
    conformance::x25519_known_answers(provider::X25519);
}

#[test]
fn verify() {
    conformance::verify(provider::VERIFY);
}

#[test]
fn keys() {
    conformance::keys(provider::KEYS, &KeyKind::ALL, provider::VERIFY, &mut SystemRandom);
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519] {
        conformance::generation_needs_random(provider::KEYS, kind);
    }
}

#[test]
fn suites() {
    conformance::suites(provider::ALL_SUITES);
}

#[test]
fn random() {
    let mut drawn = [[0; 32]; 64];
    for out in &mut drawn {
        SystemRandom.fill(out).unwrap();
    }
    drawn.sort_unstable();
    assert!(drawn.windows(2).all(|pair| pair[0] != pair[1]), "32 bytes came twice");
    // Every place is written: one that stays zero in 64 draws is not.
    assert!((0..32).all(|place| drawn.iter().any(|bytes| bytes[place] != 0)));
}
