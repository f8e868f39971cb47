//! The published answers behind the checksums of the self-test. Sources: FIPS 180-4, RFC
//! 4231, NIST SP 800-38C and RFC 6979, and OpenSSL 3.0 where those have none.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{EcdsaSignature, KeyEncoding, KeyKind, PublicKey};
use handclasp_provider_aws_lc as other;

use super::super::*;

/// Of "abc", of "a" (FIPS 180-4), and the HMAC of RFC 4231 §4.3.
const HASHES: [[&str; 3]; 3] = [
    [
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        "54a59b9f22b0b80880d8427e548b7c23abd873486e1f035dce9cd697e85175033caa88e6d57bc35efae0b5afd3145f31",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    ],
    [
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ],
];

const AEADS: [&str; 7] = [
    // AES-128-GCM
    "49368e16adbd572ff1787d46c08b58d8bf4646457c049809c05a838109f8080f6a2d7bc2cfcd8e1a",
    // AES-256-GCM
    "591b1ff272b43204868ffc7bc7d521993526b6fa32247c3c7de12a5670e570d8cae624a16df09c08",
    // ChaCha20-Poly1305
    "37401c602414d653a044cba1c80175baca482b920f33a6eb419f5bc9b01b31c3fe406bdf82813416",
    // AES-128-CCM
    "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5c87ae488918de93f17dd3e4934347f44",
    // AES-256-CCM
    "04f883aeb3bd0730eaf50bb6de4fa2212034e4e41b0e75e59bba3f3a107f3239bd63902923f80371",
    // AES-128-CCM_8: SP 800-38C, example 3
    "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
    // AES-256-CCM_8
    "04f883aeb3bd0730eaf50bb6de4fa2212034e4e41b0e75e52b48c8766f7e7649",
];

/// Public key and secret.
const GROUPS: [(&str, &str); 3] = [
    (
        "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",
        "bc99792f51a623ba9b71de87ced3186acc18f3f684e95942e2745a39ffe8384e",
    ),
    (
        "0468ec7cf08cd4106e43b14de895426522bd0a45150c027e45c7953434d747e7bae3af39a88ebbee8679bb61e7845c3a89cb9b5a3237c3fdb0b0587dbaf415118d",
        "b837383f5bd2436fb780bddeded7246e1651682f4f17603b59a345ccfe563596",
    ),
    (
        "040f3b4e71292f2de3a7c7befb785008417858f3cffe8192345e11735f4e75ed8a20218bddfd9c6656943b2db8cabf2e40b3348bbbecff8a7b144d73259b20018e9f44f4dac25be0069344c0c70ef4ba5d830080a52f8a05a423b6e83b93e8923e",
        "7d07702df06d07a3fa980d7de49b1002e3e941853330003f02376440f71e07c05ec8c741fcf23b03ed80b4cb51b93484",
    ),
];

/// RFC 6979 §A.2.5: r and s.
const SIGNATURE: (&str, &str) = (
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
);

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn checksums_are_those_of_published_answers() {
    for ([abc, a, hmac], (output_len, known)) in HASHES.into_iter().zip(hashes::KNOWN) {
        let mut mac = bytes(hmac);
        assert_eq!(mac.len(), output_len);
        mac.resize(64, 0);
        assert_eq!(checksum(&[&bytes(abc), &bytes(a), &mac]), known);
    }
    assert_eq!(AEADS.map(|sealed| checksum(&[&bytes(sealed)])), protection::AEADS);
    for ((public, secret), (group, known)) in GROUPS.into_iter().zip(agreement::KNOWN) {
        assert_eq!(checksum(&[&bytes(public), &bytes(secret)]), known, "{group:?}");
    }
    let (r, s) = (bytes(SIGNATURE.0), bytes(SIGNATURE.1));
    let signature = EcdsaSignature { r: &r, s: &s }.to_der();
    assert_eq!(checksum(&[&signature]), signing::SIGNATURE);
    // It is the signature of the known key: the other provider verifies it.
    let key = other::KEYS.load(KeyEncoding::Pkcs8, signing::KEY).unwrap();
    let public = PublicKey::from_spki(key.public_key()).unwrap();
    let verify = other::VERIFY
        .iter()
        .find(|one| one.scheme() == SignatureScheme::ecdsa_secp256r1_sha256 && one.key() == KeyKind::P256);
    assert_eq!(verify.unwrap().verify(public.bits, b"sample", &signature), Ok(()));
}
