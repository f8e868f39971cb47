//! Known-answer tests of legacy protection; whole conversations are decrypted in
//! `reader/tests/decrypted.rs`.

use handclasp_codec::{CipherSuite, ProtocolVersion};

use super::cbc::BlockCipher;
use super::md5::MD5;
use super::*;

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn md5_and_its_hmac() {
    // RFC 1321 §A.5, RFC 2202 §2.
    assert_eq!(MD5.hash(&[b"message", b" digest"]).to_vec(), hex("f96b697d7cb7938d525a2f31aaf161d0"));
    let mut context = MD5.start();
    context.update(b"mess");
    let mut fork = context.fork();
    fork.update(b"age digest");
    assert_eq!(fork.current(), MD5.hash(&[b"message digest"]));
    let mut mac = [0; 16];
    MD5.hmac(&[0x0b; 16], &[b"Hi ", b"There"], &mut mac);
    assert_eq!(mac.to_vec(), hex("9294727a3638bb1c13f48ef8158bfc9d"));
    assert_eq!(MD5.output_len(), 16);
}

#[test]
fn the_prf_before_tls_1_2() {
    // openssl kdf -keylen 60 -kdfopt digest:MD5-SHA1 … TLS1-PRF, a secret of odd length.
    let secret: Vec<u8> = (0..29).collect();
    let mut out = [0; 60];
    Prf::Md5Sha1.fill(&secret, b"key expansion", [b"Seed", b"Seed"], &mut out);
    let expected = concat!(
        "27c07d1a9124614e31ebf8a5b434a3f2f59277a7f1a22b0b9f4e7ce039c3",
        "85939c6fb42c86dc9a1cb431d9aaff81dd6e8cac9bff4c009cbab5b1567a",
    );
    assert_eq!(out.to_vec(), hex(expected));
}

/// The suites of that version that can be opened.
fn opened(version: ProtocolVersion) -> Vec<CipherSuite> {
    let all = (0..=u16::MAX).map(CipherSuite);
    all.filter(|suite| cipher(*suite, version).is_some()).collect()
}

#[test]
fn which_suites() {
    let of12 = opened(ProtocolVersion::TLS_1_2);
    // All of GCM, CCM, CBC with AES and Camellia and 3DES, RC4-128, NULL; no export, ARIA, SEED,
    // IDEA, DES, GOST, Kerberos aside.
    for number in [0x0001, 0x0004, 0x000a, 0x002f, 0x003d, 0x0041, 0x009c, 0x009f, 0x00a8, 0x00af, 0x00c4] {
        assert!(of12.contains(&CipherSuite(number)), "{number:04x}");
    }
    for number in [0xc007, 0xc014, 0xc028, 0xc02b, 0xc0a5, 0xc0a9, 0xc0ae, 0xcca8, 0xccab, 0xd005] {
        assert!(of12.contains(&CipherSuite(number)), "{number:04x}");
    }
    for number in [0x0000, 0x0003, 0x0007, 0x0009, 0x0096, 0x00ff, 0x1301, 0x5600, 0xc03c, 0xc07a, 0x0a0a] {
        assert!(!of12.contains(&CipherSuite(number)), "{number:04x}");
    }
    assert_eq!(opened(ProtocolVersion::TLS_1_0), of12);
    assert!(opened(ProtocolVersion::SSL_3_0).is_empty());

    let mac = |number| match cipher(CipherSuite(number), ProtocolVersion::TLS_1_2) {
        Some((Cipher::Cbc(block, mac), Prf::Tls12(prf))) => (block, mac.output_len(), prf.output_len()),
        _ => panic!("{number:04x}"),
    };
    // The hash of the PRF is SHA-256 unless the suite says SHA-384 (RFC 5246 §5, RFC 5487 §3).
    assert_eq!(mac(0x008c), (BlockCipher::Aes128, 20, 32));
    assert_eq!(mac(0x00ae), (BlockCipher::Aes128, 32, 32));
    assert_eq!(mac(0x00af), (BlockCipher::Aes256, 48, 48));
    assert_eq!(mac(0x008b), (BlockCipher::TripleDes, 20, 32));
    let ccm = cipher(CipherSuite::TLS_PSK_WITH_AES_256_CCM_8, ProtocolVersion::TLS_1_2);
    assert!(matches!(ccm, Some((Cipher::Aead(suite), Prf::Tls12(_))) if suite.protection.key_len() == 32));
    assert_eq!(all_tls13().count(), 5);
    assert!(tls13(CipherSuite::TLS_PSK_WITH_AES_128_CCM).is_none());
}
