//! CBC alone (NIST SP 800-38A appendix F), and with encrypt-then-MAC (RFC 7366): known answers,
//! forgeries, lengths.

use alloc::{boxed::Box, vec, vec::Vec};

use super::{flips, hex, noise};
use crate::{BLOCK, Cbc, CbcEtm, CbcEtmKey, CbcKey, NotAuthentic, RecordId};

/// AES-128-CBC or AES-256-CBC: the answers; cut anywhere, the last block before the cut is the
/// IV behind it; what is encrypted is decrypted.
pub fn cbc(cbc: &dyn Cbc) {
    let (key, ciphertext) = match cbc.key_len() {
        16 => AES_128_CBC,
        32 => AES_256_CBC,
        other => panic!("no AES has a key of {other} bytes"),
    };
    let key = cbc.key(&hex(key)).expect("a key of the right length");
    let iv = core::array::from_fn(|place| u8::try_from(place).expect("16 bytes"));
    let plaintext = hex(PLAINTEXT);
    assert_eq!(encrypt(&*key, &iv, &plaintext), hex(ciphertext), "known answer");

    for length in (0..80).map(|blocks| blocks * BLOCK).chain([16_384]) {
        let plaintext = noise(length);
        let whole = encrypt(&*key, &iv, &plaintext);
        let cut = length / 2 / BLOCK * BLOCK;
        let front = encrypt(&*key, &iv, &plaintext[..cut]);
        let next = front.last_chunk().copied().unwrap_or(iv);
        assert_eq!([front, encrypt(&*key, &next, &plaintext[cut..])].concat(), whole, "{length} bytes cut");

        let mut blocks = whole;
        key.decrypt(&iv, blocks.as_chunks_mut().0);
        assert_eq!(blocks, plaintext, "{length} bytes decrypted");
    }
    for length in 0..80 {
        assert_eq!(cbc.key(&vec![7; length]).is_some(), length == cbc.key_len(), "a key of {length} bytes");
    }
}

fn encrypt(key: &dyn CbcKey, iv: &[u8; BLOCK], plaintext: &[u8]) -> Vec<u8> {
    let mut bytes = plaintext.to_vec();
    key.encrypt(iv, bytes.as_chunks_mut().0);
    bytes
}

/// A cipher and a MAC, encrypt-then-MAC.
pub fn cbc_etm(cbc: &dyn CbcEtm) {
    let known = CBC_ETM.iter().find(|(key, mac, _)| (*key, *mac) == (cbc.key_len(), cbc.mac_len()));
    let (_, _, sealed) = known.expect("a pair that some suite has");
    let numbers = |from: u8, length: usize| (from..).take(length).collect::<Vec<u8>>();
    let key = cbc.key(&numbers(0x40, cbc.key_len()), &numbers(0x80, cbc.mac_len()));
    let key = key.expect("keys of the right length");
    assert_eq!(seal(&*key, &RECORD, CONTENT), hex(sealed), "known answer");
    assert_eq!(open(&*key, &RECORD, &hex(sealed)).as_deref(), Ok(CONTENT), "known answer");

    for length in (0..300).chain([16_383, 16_384]) {
        let content = noise(length);
        let sealed = seal(&*key, &RECORD, &content);
        assert!(sealed.len() > length + BLOCK + cbc.mac_len());
        assert!(sealed.len() <= key.sealed_max(length));
        assert_eq!(open(&*key, &RECORD, &sealed).as_ref(), Ok(&content), "{length} bytes");
    }
    key_lengths(cbc);
    forgeries(cbc);
    lengths(&*key);
    assert!(cbc.seal_limit() > 1 << 20, "a limit that a connection would meet at once");
}

fn key_lengths(cbc: &dyn CbcEtm) {
    for (key, mac) in (0..40).flat_map(|key| (0..70).map(move |mac| (key, mac))) {
        let right = (key, mac) == (cbc.key_len(), cbc.mac_len());
        assert_eq!(cbc.key(&vec![7; key], &vec![7; mac]).is_some(), right, "keys of {key} and {mac} bytes");
    }
}

fn forgeries(cbc: &dyn CbcEtm) {
    let (key, mac) = (noise(cbc.key_len()), noise(cbc.mac_len()));
    let made = |key: &[u8], mac: &[u8]| cbc.key(key, mac).expect("keys of the right length");
    let ours = made(&key, &mac);
    let refused = |key: &dyn CbcEtmKey, record: &RecordId, sealed: &[u8]| {
        open(key, record, sealed) == Err(NotAuthentic)
    };
    for length in [0, 1, 15, 16, 17, 48] {
        let content = noise(length);
        let sealed = seal(&*ours, &RECORD, &content);
        for forged in flips(&sealed) {
            assert!(refused(&*ours, &RECORD, &forged), "a bit of the record was flipped");
        }
        for forged in flips(&RECORD) {
            let record = forged.try_into().expect("as many bytes");
            assert!(refused(&*ours, &record, &sealed), "a bit of number or header was flipped");
        }
        for forged in flips(&mac) {
            assert!(refused(&*made(&key, &forged), &RECORD, &sealed), "a bit of the MAC's key was flipped");
        }
        for forged in flips(&key) {
            // Authentic, yet another content: only here the padding may be right by chance.
            let found = open(&*made(&forged, &mac), &RECORD, &sealed);
            assert_ne!(found, Ok(content.clone()), "a bit of the cipher's key was flipped");
        }
        for end in 0..sealed.len() {
            assert!(refused(&*ours, &RECORD, &sealed[..end]), "truncated to {end} bytes");
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(refused(&*ours, &RECORD, &longer), "one byte more");
    }
}

/// `out` must fit exactly.
fn lengths(key: &dyn CbcEtmKey) {
    for content in [0, 1, 15, 16, 100] {
        let right = key.sealed_len(content);
        for length in 0..right + 40 {
            let sealed = key.seal(&RECORD, &noise(content), &mut vec![0; length]);
            assert_eq!(sealed.is_ok(), length == right, "{content} bytes into {length}");
        }
    }
}

fn seal(key: &dyn CbcEtmKey, record: &RecordId, content: &[u8]) -> Vec<u8> {
    let mut out = vec![0xee; key.sealed_len(content.len())];
    key.seal(record, content, &mut out).expect("lengths that fit");
    out
}

fn open(key: &dyn CbcEtmKey, record: &RecordId, sealed: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
    let mut bytes: Box<[u8]> = sealed.into();
    key.open(record, &mut bytes).map(|place| bytes[place].to_vec())
}

/// Key and ciphertext of NIST SP 800-38A F.2.1.
const AES_128_CBC: (&str, &str) = (
    "2b7e151628aed2a6abf7158809cf4f3c",
    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
     73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
);

/// Key and ciphertext of NIST SP 800-38A F.2.5.
const AES_256_CBC: (&str, &str) = (
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
     39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
);

/// The plaintext of NIST SP 800-38A appendix F.
const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                         30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

/// A number that no byte of may be lost, application data, TLS 1.2.
const RECORD: RecordId = [1, 2, 3, 4, 5, 6, 7, 8, 23, 3, 3];
const CONTENT: &[u8] = b"encrypt, then authenticate";

/// Bytes of the key, of the MAC, and what becomes of the two above under the keys 40 41 42 … and
/// 80 81 82 …; computed by Python's hmac and the package `cryptography`.
const CBC_ETM: [(usize, usize, &str); 4] = [
    (
        16,
        20,
        "7a48f1c4b39a3688729d3a5160f51d564d49dfdf331d53acff5d62ceba69e434\
         cb9ebe6ee98472c0b5e91d503b42c92f7150df319a97434ba6c46c7953d5b907\
         aaf0a13e",
    ),
    (
        32,
        20,
        "76aeca6a0f5abf16c618aa2ca0e8859575dc005eecab7b9f8e6eaf001cf09523\
         769909055d5ad24a89fc9cdbeeeb128a524fea0d998cbc6e21709b2eabb2931a\
         7d6e6ff0",
    ),
    (
        16,
        32,
        "7a48f1c4b39a3688729d3a5160f51d564d49dfdf331d53acff5d62ceba69e434\
         cb9ebe6ee98472c0b5e91d503b42c92f882a95fa4bc4639dbb7ac76475cadc40\
         433f95cc0599c69d08753a47de3c1102",
    ),
    (
        32,
        48,
        "76aeca6a0f5abf16c618aa2ca0e8859575dc005eecab7b9f8e6eaf001cf09523\
         769909055d5ad24a89fc9cdbeeeb128af8db2bb56743f14bb3e214b00c46f746\
         39134205fea2acb5da78196b1e4d7b8313583bfa52432ad697a8218f228d2b54",
    ),
];
