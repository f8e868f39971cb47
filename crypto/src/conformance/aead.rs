//! AEADs: known answers (GCM specification of McGrew and Viega, RFC 8439 §2.8.2, NIST SP 800-38C,
//! Wycheproof), forgeries, lengths.

use alloc::{boxed::Box, vec, vec::Vec};

use super::{flips, hex, noise};
use crate::{Aead, AeadKey, NotAuthentic, WithIv};

/// AES-128-GCM.
pub fn aes_128_gcm(aead: &dyn Aead) {
    assert_eq!((aead.key_len(), aead.tag_len()), (16, 16));
    battery(aead, AES_128_GCM);
}

/// AES-256-GCM.
pub fn aes_256_gcm(aead: &dyn Aead) {
    assert_eq!((aead.key_len(), aead.tag_len()), (32, 16));
    battery(aead, AES_256_GCM);
}

/// ChaCha20-Poly1305.
pub fn chacha20_poly1305(aead: &dyn Aead) {
    assert_eq!((aead.key_len(), aead.tag_len()), (32, 16));
    battery(aead, CHACHA20_POLY1305);
}

/// AES-128-CCM.
pub fn aes_128_ccm(aead: &dyn Aead) {
    assert_eq!((aead.key_len(), aead.tag_len()), (16, 16));
    battery(aead, AES_128_CCM);
}

/// AES-128-CCM with a tag of 8 bytes.
pub fn aes_128_ccm_8(aead: &dyn Aead) {
    assert_eq!((aead.key_len(), aead.tag_len()), (16, 8));
    battery(aead, AES_128_CCM_8);
}

/// What one provider seals the other opens, and both seal alike.
pub fn aead_cross(left: &dyn Aead, right: &dyn Aead) {
    assert_eq!(left.tag_len(), right.tag_len());
    let tag_len = left.tag_len();
    let (left, right) = (key_of(left), key_of(right));
    let noise = noise(20_000);
    for length in (0..300).chain([1023, 1024, 1025, 16_383, 16_384, 16_385]) {
        let (plaintext, aad) = (&noise[..length], &noise[..length % 40]);
        let mut sealed = seal(&**left, tag_len, &NONCE, aad, plaintext, &[23]);
        assert_eq!(sealed, seal(&**right, tag_len, &NONCE, aad, plaintext, &[23]), "{length} bytes");
        assert_eq!(right.open(&NONCE, aad, &mut sealed), Ok(length + 1), "{length} bytes");
        assert_eq!(sealed[..length], *plaintext, "{length} bytes");
    }
}

const NONCE: [u8; 12] = [0xc3; 12];

fn battery(aead: &dyn Aead, known: &[Known]) {
    known_answers(aead, known);
    renewals(aead);
    key_lengths(aead);
    round_trips(aead);
    forgeries(aead);
    lengths(aead);
    assert!(aead.seal_limit() > 1 << 20, "a limit that a connection would meet at once");
}

/// The suffix of TLS 1.3 is nothing but the end of the plaintext: at every cut the answer is
/// the same.
fn known_answers(aead: &dyn Aead, known: &[Known]) {
    for Known { key, nonce, aad, plaintext, sealed } in known {
        let key = aead.key(&hex(key)).expect("a key of the right length");
        let nonce = hex(nonce).try_into().expect("12 bytes");
        let (aad, plaintext, sealed) = (hex(aad), hex(plaintext), hex(sealed));
        for cut in 0..=plaintext.len() {
            let (front, suffix) = plaintext.split_at(cut);
            let found = seal(&**key, aead.tag_len(), &nonce, &aad, front, suffix);
            assert_eq!(found, sealed, "known answer cut at {cut}");
        }
        let mut opened = sealed;
        assert_eq!(key.open(&nonce, &aad, &mut opened), Ok(plaintext.len()), "known answer");
        assert_eq!(opened[..plaintext.len()], plaintext, "known answer");
    }
}

fn key_lengths(aead: &dyn Aead) {
    for length in 0..80 {
        let key = aead.key(&vec![7; length]);
        assert_eq!(key.is_some(), length == aead.key_len(), "a key of {length} bytes");
    }
}

fn round_trips(aead: &dyn Aead) {
    let key = key_of(aead);
    let noise = noise(16_640);
    for length in (0..600).chain([4096, 16_384, 16_640]) {
        let plaintext = &noise[..length];
        let mut sealed = seal(&**key, aead.tag_len(), &NONCE, b"header", plaintext, &[22]);
        assert_eq!(key.open(&NONCE, b"header", &mut sealed), Ok(length + 1), "{length} bytes");
        assert_eq!(sealed[..length], *plaintext, "{length} bytes");
        assert_eq!(sealed[length], 22, "{length} bytes");
    }
}

fn forgeries(aead: &dyn Aead) {
    let key = key_of(aead);
    let aad = noise(13);
    for length in [0, 1, 15, 16, 17, 48] {
        let sealed = seal(&**key, aead.tag_len(), &NONCE, &aad, &noise(length), &[]);
        let refused = |key: &dyn AeadKey, nonce: &[u8; 12], aad: &[u8], record: &[u8]| {
            key.open(nonce, aad, &mut record.to_vec()) == Err(NotAuthentic)
        };
        for forged in flips(&sealed) {
            assert!(refused(&**key, &NONCE, &aad, &forged), "a bit of the record was flipped");
        }
        for forged in flips(&aad) {
            assert!(refused(&**key, &NONCE, &forged, &sealed), "a bit of the header was flipped");
        }
        for forged in flips(&NONCE) {
            let nonce = forged.try_into().expect("12 bytes");
            assert!(refused(&**key, &nonce, &aad, &sealed), "a bit of the nonce was flipped");
        }
        for forged in flips(&noise(aead.key_len())) {
            let other = aead.key(&forged).expect("a key of the right length");
            assert!(refused(&**other, &NONCE, &aad, &sealed), "a bit of the key was flipped");
        }
        for end in 0..sealed.len() {
            assert!(refused(&**key, &NONCE, &aad, &sealed[..end]), "truncated to {end} bytes");
        }
        for end in 0..aad.len() {
            assert!(refused(&**key, &NONCE, &aad[..end], &sealed), "header truncated to {end} bytes");
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(refused(&**key, &NONCE, &aad, &longer), "one byte more");
        let other = seal(&**key, aead.tag_len(), &NONCE, &aad, &noise(length + 1), &[]);
        let swapped = [&sealed[..length], &other[length + 1..]].concat();
        assert!(refused(&**key, &NONCE, &aad, &swapped), "another record's tag");
    }
}

/// A key in another's place is that key, and one of a wrong length leaves the old one.
fn renewals(aead: &dyn Aead) {
    let bytes = noise(2 * aead.key_len());
    let (first, second) = bytes.split_at(aead.key_len());
    let sealed = |key: &dyn AeadKey| seal(key, aead.tag_len(), &NONCE, b"header", b"content", &[23]);
    let mut key = aead.key(first).expect("a key of the right length");
    let before = sealed(&**key);
    assert!(key.renew(&bytes).is_err() && key.renew(&first[1..]).is_err());
    assert_eq!(sealed(&**key), before, "the old key is gone");
    assert!(key.renew(second).is_ok());
    let fresh = aead.key(second).expect("a key of the right length");
    assert_eq!(sealed(&**key), sealed(&**fresh));
    assert_ne!(sealed(&**key), before);
}

/// `out` must fit exactly.
fn lengths(aead: &dyn Aead) {
    let key = key_of(aead);
    for (plaintext, suffix) in [(0, 0), (0, 1), (1, 0), (16, 1), (100, 3)] {
        let right = plaintext + suffix + aead.tag_len();
        for length in 0..right + 20 {
            let mut out = vec![0; length];
            let sealed = key.seal(&NONCE, b"", &noise(plaintext), &noise(suffix), &mut out);
            assert_eq!(sealed.is_ok(), length == right, "{plaintext} + {suffix} bytes into {length}");
        }
    }
}

fn key_of(aead: &dyn Aead) -> Box<WithIv<dyn AeadKey>> {
    aead.key(&noise(aead.key_len())).expect("a key of the right length")
}

fn seal(
    key: &dyn AeadKey,
    tag_len: usize,
    nonce: &[u8; 12],
    aad: &[u8],
    plaintext: &[u8],
    suffix: &[u8],
) -> Vec<u8> {
    let mut out = vec![0; plaintext.len() + suffix.len() + tag_len];
    key.seal(nonce, aad, plaintext, suffix, &mut out).expect("lengths that fit");
    out
}

struct Known {
    key: &'static str,
    nonce: &'static str,
    aad: &'static str,
    plaintext: &'static str,
    /// Ciphertext and tag.
    sealed: &'static str,
}

/// Test cases 1, 2 and 4.
const AES_128_GCM: &[Known] = &[
    Known {
        key: "00000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        plaintext: "",
        sealed: "58e2fccefa7e3061367f1d57a4e7455a",
    },
    Known {
        key: "00000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        plaintext: "00000000000000000000000000000000",
        sealed: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
    },
    Known {
        key: "feffe9928665731c6d6a8f9467308308",
        nonce: "cafebabefacedbaddecaf888",
        aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        sealed: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                 21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091\
                 5bc94fbc3221a5db94fae95ae7121a47",
    },
];

/// Test cases 13, 14 and 16.
const AES_256_GCM: &[Known] = &[
    Known {
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        plaintext: "",
        sealed: "530f8afbc74536b9a963b4f1c4cb738b",
    },
    Known {
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        plaintext: "00000000000000000000000000000000",
        sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    },
    Known {
        key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        nonce: "cafebabefacedbaddecaf888",
        aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
                 76fc6ece0f4e1768cddf8853bb2d551b",
    },
];

/// Wycheproof, AES-CCM with nonces of 12 bytes, cases 1 and 51.
const AES_128_CCM: &[Known] = &[
    Known {
        key: "bedcfb5a011ebc84600fcb296c15af0d",
        nonce: "438a547a94ea88dce46c6c85",
        aad: "",
        plaintext: "",
        sealed: "25d1a38495a7dea45bda049705627d10",
    },
    Known {
        key: "2c9b9ff47d742c4ab224e9ca1ed57c4c",
        nonce: "917962caf3932441c259282f",
        aad: "72175bdfdb4a23e97fdcbd263baf4316",
        plaintext: "b542c2f3f81670ddf74f15184ab7de17e057cde9eef92babdb837500774c19",
        sealed: "320ae0c11e92d10d5bf5485c854b2d8f6318e33f16b520cffd35ada381c967\
                 a4866908e664ee140c6ae2b9d2ab8416",
    },
];

/// NIST SP 800-38C example 3; Wycheproof case 366.
const AES_128_CCM_8: &[Known] = &[
    Known {
        key: "404142434445464748494a4b4c4d4e4f",
        nonce: "101112131415161718191a1b",
        aad: "000102030405060708090a0b0c0d0e0f10111213",
        plaintext: "202122232425262728292a2b2c2d2e2f3031323334353637",
        sealed: "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
    },
    Known {
        key: "c08339a6f80b84e201e3d6030cdb3f02",
        nonce: "1cbf2ca31330abe749db588b",
        aad: "b535a847dfc962012d913a4076f58f9f",
        plaintext: "4f9fd6ad1656cce99af7469960073a241569ce32dad558111b50306053a0b6",
        sealed: "c91d4c8bf7fdba49b87001fc3ec95f455ba32bc05ba336bc3d58f4ad08b5bc34d622fe4ba3cac5",
    },
];

/// RFC 8439 §2.8.2.
const CHACHA20_POLY1305: &[Known] = &[Known {
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    aad: "50515253c0c1c2c3c4c5c6c7",
    plaintext: "4c616469657320616e642047656e746c656d656e206f662074686520636c6173\
                73206f66202739393a204966204920636f756c64206f6666657220796f75206f\
                6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73\
                637265656e20776f756c642062652069742e",
    sealed: "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6\
             3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36\
             92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc\
             3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
}];
