//! Key exchange: RFC 7748 §6.1 and RFC 5903 §8.1, both sides agree, bad shares are refused.

use alloc::{vec, vec::Vec};

use handclasp_codec::NamedGroup;

use super::{Broken, Given, flips, hex};
use crate::{ExchangeError, KeyExchange, Random};

/// What holds for every group: agreement both ways, fresh keys each time, every wrong length
/// refused with both lengths in the error, and what the group's own rules refuse.
pub fn exchange(group: &dyn KeyExchange, random: &mut dyn Random) {
    exchange_cross(group, group, random);

    let first = group.start(random).expect("a key pair");
    let second = group.start(random).expect("a key pair");
    assert_ne!(first.public(), second.public(), "the same key twice");

    let right = first.public().len();
    for length in (0..right + 40).filter(|length| *length != right) {
        let bytes: Vec<u8> = first.public().iter().copied().cycle().take(length).collect();
        let expected = u16::try_from(right).expect("a share below 64 KiB");
        let found = u16::try_from(length).expect("a share below 64 KiB");
        assert_eq!(refusal(group, random, &bytes), ExchangeError::Length { expected, found });
    }
    match group.group() {
        NamedGroup::x25519 => x25519_refusals(group, random),
        NamedGroup::secp256r1 | NamedGroup::secp384r1 | NamedGroup::secp521r1 => {
            ec_refusals(group, first.public(), random);
        }
        other => panic!("no rules are known here for {other}"),
    }
}

/// Two providers agree, whichever begins.
pub fn exchange_cross(left: &dyn KeyExchange, right: &dyn KeyExchange, random: &mut dyn Random) {
    assert_eq!(left.group(), right.group());
    for _ in 0..10 {
        for (left, right) in [(left, right), (right, left)] {
            let ours = left.start(random).expect("a key pair");
            let theirs = right.encapsulate(ours.public(), random).expect("an answer");
            let shared = ours.agree(&theirs.public).expect("a secret");
            assert!(!shared.is_empty());
            assert_eq!(shared.expose(), theirs.shared.expose(), "the sides disagree");
        }
    }
}

/// RFC 7748 §6.1, and that the unused bit of a share is ignored (§5). For providers whose
/// private keys come from `random` as they are.
pub fn x25519_known_answers(group: &dyn KeyExchange) {
    known(group, X25519);
    let [private, _, peer, shared] = X25519[0].map(hex);
    let mut unmasked = peer;
    unmasked[31] |= 0x80;
    let pair = group.start(&mut Given(&private)).expect("a key pair");
    assert_eq!(pair.agree(&unmasked).expect("a secret").expose(), shared, "RFC 7748 §5");
}

/// RFC 5903 §8.1. For providers whose private keys come from `random` as they are.
pub fn p256_known_answers(group: &dyn KeyExchange) {
    known(group, P256);
    // Zero and the order are no private keys: the next draw is taken.
    let [private, public, ..] = P256[0].map(hex);
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let draws = [vec![0; 32], order, vec![0xff; 32], private].concat();
    let pair = group.start(&mut Given(&draws)).expect("the fourth draw is good");
    assert_eq!(pair.public(), public);
    // A source that never delivers a good one is reported, not waited for.
    assert_eq!(group.start(&mut Given(&[0; 32 * 64])).err(), Some(ExchangeError::Ours));
}

fn known(group: &dyn KeyExchange, answers: [[&str; 4]; 2]) {
    for answer in answers {
        let [private, public, peer, shared] = answer.map(hex);
        let pair = group.start(&mut Given(&private)).expect("a key pair");
        assert_eq!(pair.public(), public, "public key");
        assert_eq!(pair.agree(&peer).expect("a secret").expose(), shared, "shared secret");
    }
    assert_eq!(group.start(&mut Broken).err(), Some(ExchangeError::Ours), "a broken source");
}

fn refusal(group: &dyn KeyExchange, random: &mut dyn Random, peer: &[u8]) -> ExchangeError {
    let pair = group.start(random).expect("a key pair");
    let agreed = pair.agree(peer).err().expect("a share that must be refused");
    let answered = group.encapsulate(peer, random).err().expect("a share that must be refused");
    assert_eq!(agreed, answered);
    agreed
}

/// Every share of small order, in every spelling below 2^256 (RFC 7748 §6.1, §7): zeros come
/// out, which TLS refuses (RFC 8446 §7.4.2).
fn x25519_refusals(group: &dyn KeyExchange, random: &mut dyn Random) {
    for share in SMALL_ORDER {
        let mut share = hex(share);
        assert_eq!(refusal(group, random, &share), ExchangeError::Refused, "small order");
        share[31] |= 0x80;
        assert_eq!(refusal(group, random, &share), ExchangeError::Refused, "small order");
    }
}

/// Points off the curve, at infinity, with coordinates beyond the field, in other forms.
fn ec_refusals(group: &dyn KeyExchange, point: &[u8], random: &mut dyn Random) {
    let mut refused = |share: &[u8], why: &str| {
        assert_eq!(refusal(group, random, share), ExchangeError::Refused, "{why}");
    };
    for share in flips(point) {
        refused(&share, "one bit flipped: off the curve, or another form");
    }
    for form in (0..=255).filter(|form| *form != 4) {
        let mut share = point.to_vec();
        share[0] = form;
        refused(&share, "a form that TLS does not know");
    }
    refused(&vec![0; point.len()], "zeros");
    let mut share = vec![0xff; point.len()];
    share[0] = 4;
    refused(&share, "coordinates beyond the field");
    let mut share = vec![0; point.len()];
    share[0] = 4;
    refused(&share, "(0, 0)");
    // x and y exchanged: a point of the curve only by chance of 1 in 2^256.
    let (x, y) = point[1..].split_at((point.len() - 1) / 2);
    refused(&[&[4], y, x].concat(), "x and y exchanged");
}

/// Private key, public key, the peer's, the shared secret; both sides.
const X25519: [[&str; 4]; 2] = {
    const A: &str = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
    const GA: &str = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
    const B: &str = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    const GB: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
    const SHARED: &str = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    [[A, GA, GB, SHARED], [B, GB, GA, SHARED]]
};

/// Private key, public key, the peer's, the shared secret; both sides.
const P256: [[&str; 4]; 2] = {
    const I: &str = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";
    const GI: &str = "04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180\
                      5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3";
    const R: &str = "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53";
    const GR: &str = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63\
                      56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
    const SHARED: &str = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
    [[I, GI, GR, SHARED], [R, GR, GI, SHARED]]
};

/// u-coordinates of small order, below 2^255: 0, 1, two of order 8, p-1, p, p+1.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];
