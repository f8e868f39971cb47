//! Hash and HMAC: FIPS 180-4, RFC 4231, and HMAC against its definition (RFC 2104 §2). SHA-1 has
//! its HMACs by Python's hmac, over the inputs of RFC 4231.

use alloc::{vec, vec::Vec};

use super::{hex, noise};
use crate::Hash;

/// Place of this hash in the tables below.
fn column(hash: &dyn Hash) -> usize {
    match hash.output_len() {
        32 => 0,
        48 => 1,
        64 => 2,
        20 => 3,
        other => panic!("neither SHA-1 nor a SHA-2 has {other} bytes"),
    }
}

/// Known answers; streaming equals one shot however it is cut; `current` and `fork` leave the
/// first context alone.
pub fn hash(hash: &dyn Hash) {
    let column = column(hash);
    for (message, digests) in HASH {
        assert_eq!(*hash.hash(&[message]), hex(digests[column]), "hash of {} bytes", message.len());
    }
    let million = vec![b'a'; 1_000_000];
    assert_eq!(*hash.hash(&[&million]), hex(MILLION[column]), "hash of a million bytes");

    let message = noise(300);
    let whole = hash.hash(&[&message]);
    assert_eq!(hash.hash(&[]), hash.hash(&[b""]), "no part is an empty message");
    for cut in 0..=message.len() {
        let (front, back) = message.split_at(cut);
        assert_eq!(hash.hash(&[front, b"", back]), whole, "parts cut at {cut}");

        let mut context = hash.start();
        context.update(front);
        assert_eq!(context.current(), hash.hash(&[front]), "current at {cut}");
        let mut other = context.fork();
        other.update(b"another way");
        context.update(back);
        assert_eq!(context.current(), whole, "stream cut at {cut}");
        assert_eq!(other.current(), hash.hash(&[front, b"another way"]), "fork at {cut}");
    }
}

/// RFC 4231; then keys and messages of every length against the definition; parts; and that
/// nothing behind the output is touched.
pub fn hmac(hash: &dyn Hash) {
    let column = column(hash);
    for (key, message, macs) in HMAC {
        assert_eq!(one_shot(hash, &hex(key), &[&hex(message)]), hex(macs[column]), "RFC 4231");
    }

    let noise = noise(1100);
    for key in 0..=200 {
        let (key, message) = (&noise[..key], &noise[key..300]);
        let expected = by_definition(hash, key, message);
        assert_eq!(one_shot(hash, key, &[message]), expected, "a key of {} bytes", key.len());
    }
    // Providers keep short messages on the stack: across their limit.
    let key = &noise[..hash.output_len()];
    for length in 0..noise.len() {
        let message = &noise[..length];
        let expected = by_definition(hash, key, message);
        assert_eq!(one_shot(hash, key, &[message]), expected, "a message of {length} bytes");
        let (front, back) = message.split_at(length / 3);
        assert_eq!(one_shot(hash, key, &[front, b"", back]), expected, "{length} bytes in parts");
    }
    assert_eq!(one_shot(hash, key, &[]), by_definition(hash, key, b""), "no parts");

    let mut out = vec![0xa5; hash.output_len() + 9];
    hash.hmac(key, &[b"message"], &mut out);
    assert!(out.ends_with(&[0xa5; 9]), "bytes behind the output were written");
}

/// Both providers' results are the same.
pub fn hash_cross(left: &dyn Hash, right: &dyn Hash) {
    let noise = noise(700);
    for length in 0..noise.len() {
        let message = &noise[..length];
        assert_eq!(left.hash(&[message]), right.hash(&[message]), "{length} bytes");
        let key = &noise[..length % 150];
        assert_eq!(one_shot(left, key, &[message]), one_shot(right, key, &[message]), "{length} bytes");
    }
}

fn one_shot(hash: &dyn Hash, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![0; hash.output_len()];
    hash.hmac(key, parts, &mut out);
    out
}

/// H(K XOR opad, H(K XOR ipad, text)).
fn by_definition(hash: &dyn Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    let block = if hash.output_len() <= 32 { 64 } else { 128 };
    let mut padded = if key.len() > block { hash.hash(&[key]).to_vec() } else { key.to_vec() };
    padded.resize(block, 0);
    let pad = |byte: u8| padded.iter().map(|key| key ^ byte).collect::<Vec<u8>>();
    let inner = hash.hash(&[&pad(0x36), message]);
    hash.hash(&[&pad(0x5c), &inner]).to_vec()
}

/// FIPS 180-4 examples: message, then SHA-256, SHA-384, SHA-512, SHA-1.
const HASH: &[(&[u8], [&str; 4])] = &[
    (
        b"",
        [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da\
         274edebfe76f65fbd51ad2f14898b95b",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
         47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ],
    ),
    (
        b"abc",
        [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
         8086072ba1e7cc2358baeca134c825a7",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
        ],
    ),
    (
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        [
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6\
         b0455a8520bc4e6f5fe95b1fe3c8452b",
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335\
         96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        ],
    ),
];

/// A million times "a".
const MILLION: [&str; 4] = [
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b\
     07b8b3dc38ecc4ebae97ddd87f3d8985",
    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb\
     de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
];

/// RFC 4231 §4: key, data, then HMAC-SHA-256, -384, -512, -1. Case 5 truncates and stays out.
const HMAC: &[(&str, &str, [&str; 4])] = &[
    (
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "4869205468657265",
        [
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c\
             faea9ea9076ede7f4af152e8b2fa9cb6",
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
             daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            "b617318655057264e28bc0b6fb378c8ef146be00",
        ],
    ),
    (
        "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        [
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
             8e2240ca5e69e2c78b3239ecfab21649",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ],
    ),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\
         dddddddddddddddddddd",
        [
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b\
             2a5ab39dc13814b94e3ab6e101a34f27",
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39\
             bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
        ],
    ),
    (
        "0102030405060708090a0b0c0d0e0f10111213141516171819",
        "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\
         cdcdcdcdcdcdcdcdcdcd",
        [
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e\
             6801dd23c4a7d679ccf8a386c674cffb",
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db\
             a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
        ],
    ),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaa",
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20\
         48617368204b6579204669727374",
        [
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6\
             0c2ef6ab4030fe8296248df163f44952",
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
             6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            "90d0dace1c1bdc957339307803160335bde6df2b",
        ],
    ),
    (
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
         aaaaaaaaaaaaaaaaaaaaaa",
        "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b\
         2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a652064\
         6174612e20546865206b6579206e6565647320746f20626520686173686564206265666f72652062\
         65696e6720757365642062792074686520484d414320616c676f726974686d2e",
        [
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5\
             a678cc31e799176d3860e6110c46523e",
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944\
             b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
            "217e44bb08b6e06a2d6c30f3cb9f537f97c63356",
        ],
    ),
];
