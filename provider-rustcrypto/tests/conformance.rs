//! Runs the conformance tests of `handclasp-crypto` on every algorithm of this provider.
use handclasp_crypto::{KeyKind, conformance};
use handclasp_provider_aws_lc::SystemRandom;
use handclasp_provider_rustcrypto as provider;

#[test]
fn hash() {
    for hash in [provider::SHA256, provider::SHA384, provider::SHA512, provider::SHA1] {
        conformance::hash(hash);
    }
}

#[test]
fn hmac() {
    for hash in [provider::SHA256, provider::SHA384, provider::SHA512, provider::SHA1] {
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
fn aes_128_ccm() {
    conformance::aes_128_ccm(provider::AES_128_CCM);
}

#[test]
fn aes_128_ccm_8() {
    conformance::aes_128_ccm_8(provider::AES_128_CCM_8);
}

#[test]
fn cbc() {
    conformance::cbc(provider::AES_128_CBC);
    conformance::cbc(provider::AES_256_CBC);
}

#[test]
fn cbc_etm() {
    conformance::cbc_etm(provider::AES_128_CBC_SHA);
    conformance::cbc_etm(provider::AES_256_CBC_SHA);
    conformance::cbc_etm(provider::AES_128_CBC_SHA256);
    conformance::cbc_etm(provider::AES_256_CBC_SHA384);
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
fn p256_known_answers() {
    conformance::p256_known_answers(provider::SECP256R1);
}

#[test]
fn verify() {
    conformance::verify(provider::VERIFY);
}

#[test]
fn keys() {
    let kinds = [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519];
    conformance::keys(provider::KEYS, &kinds, provider::VERIFY, &mut SystemRandom);
    kinds.iter().for_each(|kind| conformance::generation_needs_random(provider::KEYS, *kind));
    let (one, verify) = ([KeyKind::Ed25519], [provider::ED25519]);
    conformance::keys(provider::KEYS_ED25519, &one, &verify, &mut SystemRandom);
}

#[test]
fn suites() {
    let lists = [
        provider::ALL_SUITES,
        provider::ECDHE_PSK_SUITES,
        provider::CCM_SUITES,
        provider::CCM_8_SUITES,
        provider::CBC_ETM_SUITES,
    ];
    conformance::suites(&lists.concat());
    // Policies take ALL_SUITES whole, so a suite must not be added to it by accident.
    assert_eq!(provider::ALL_SUITES.len(), 12);
    assert!(lists[..4].concat().iter().all(|suite| !suite.needs_encrypt_then_mac()));
    assert!(provider::CBC_ETM_SUITES.iter().all(|suite| suite.needs_encrypt_then_mac()));
}

/// Every scheme has a known signature, which is one of the published ones.
#[test]
fn known_signatures() {
    let published = include_str!("../../crypto/vectors/signatures.txt");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for verify in provider::VERIFY {
        let known = verify.known_signature().expect("one of each scheme");
        let line = format!(
            "good {:?} {:?} {} {} {}",
            verify.scheme(),
            verify.key(),
            hex(known.public_key),
            hex(known.message),
            hex(known.signature)
        );
        assert!(published.lines().any(|published| published == line), "{line}");
        assert!(verify.verify(known.public_key, known.message, known.signature).is_ok(), "{line}");
    }
}
