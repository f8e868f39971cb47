//! X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem §4): the sides agree, shares have the lengths they
//! must have, each half is judged by its own rules.

use alloc::vec::Vec;

use handclasp_codec::NamedGroup;

use super::{Broken, exchange_cross, hex};
use crate::{Encapsulated, ExchangeError, KeyExchange, Random, Secret};

/// Bytes of the client's share, of the server's, and of the secret.
const CLIENT_SHARE: usize = 1184 + 32;
const SERVER_SHARE: usize = 1088 + 32;
const SHARED: usize = 32 + 32;

/// Where in the client's share the coefficients end, of 12 bits each (FIPS 203 §4.2.1).
const COEFFICIENTS: usize = 1152;

/// Everything that is visible from outside; known answers are the provider's own test, since
/// its keys do not come from `random`.
pub fn x25519mlkem768(group: &dyn KeyExchange, random: &mut dyn Random) {
    assert_eq!(group.group(), NamedGroup::X25519MLKEM768);
    exchange_cross(group, group, random);
    assert_eq!(group.start(&mut Broken).err(), Some(ExchangeError::Ours), "a broken source");

    let first = group.start(random).expect("a key pair");
    let second = group.start(random).expect("a key pair");
    assert_eq!(first.public().len(), CLIENT_SHARE);
    let (mlkem, x25519) = first.public().split_at(CLIENT_SHARE - 32);
    let (other_mlkem, other_x25519) = second.public().split_at(CLIENT_SHARE - 32);
    assert!(mlkem != other_mlkem && x25519 != other_x25519, "the same key twice");

    let client = first.public().to_vec();
    assert_eq!(group.encapsulate(&client, &mut Broken).err(), Some(ExchangeError::Ours), "a broken source");
    let [one, two] = [(); 2].map(|()| group.encapsulate(&client, random).expect("an answer"));
    assert_eq!((one.public.len(), one.shared.len()), (SERVER_SHARE, SHARED));
    assert_ne!(halves(&one.shared), halves(&two.shared), "the same secret twice");

    lengths(group, &client, &one.public, random);
    bad_client_shares(group, &client, random);
    bad_server_shares(group, random);
}

fn halves(secret: &Secret) -> (&[u8], &[u8]) {
    secret.expose().split_at(32)
}

/// Each side tells what length it had wanted; each other's share would be wrong, too.
fn lengths(group: &dyn KeyExchange, client: &[u8], server: &[u8], random: &mut dyn Random) {
    let number = |length: usize| u16::try_from(length).expect("a share below 64 KiB");
    for length in (0..1300_usize).filter(|length| length % 7 == 0 || length.abs_diff(1150) < 70) {
        let found = number(length);
        let bytes: Vec<u8> = client.iter().copied().cycle().take(length).collect();
        if length != CLIENT_SHARE {
            let error = ExchangeError::Length { expected: number(CLIENT_SHARE), found };
            assert_eq!(group.encapsulate(&bytes, random).err(), Some(error));
        }
        let bytes: Vec<u8> = server.iter().copied().cycle().take(length).collect();
        if length != SERVER_SHARE {
            let error = ExchangeError::Length { expected: number(SERVER_SHARE), found };
            assert_eq!(group.start(random).expect("a key pair").agree(&bytes).err(), Some(error));
        }
    }
}

/// A server checks the encapsulation key (FIPS 203 §7.2): each coefficient is below 3329. It
/// refuses shares of X25519 that yield zeros.
fn bad_client_shares(group: &dyn KeyExchange, client: &[u8], random: &mut dyn Random) {
    for place in [0, 3, 381, 384, 768, COEFFICIENTS - 3] {
        for coefficient in [3329_u16, 3330, 4000, 4095] {
            let mut share = client.to_vec();
            let [low, high] = coefficient.to_le_bytes();
            share[place] = low;
            share[place + 1] = (share[place + 1] & 0xf0) | high;
            let found = group.encapsulate(&share, random).err();
            assert_eq!(found, Some(ExchangeError::Refused), "coefficient {coefficient} at {place}");
        }
    }
    let mut share = client.to_vec();
    share[CLIENT_SHARE - 32..].fill(0);
    assert_eq!(group.encapsulate(&share, random).err(), Some(ExchangeError::Refused), "zeros");
}

/// A client gets no error for a wrong ciphertext (FIPS 203 §6.3): half of the secret becomes
/// another, the other half stays.
fn bad_server_shares(group: &dyn KeyExchange, random: &mut dyn Random) {
    for place in [0, 1, 500, 960, 1087] {
        let pair = group.start(random).expect("a key pair");
        let Encapsulated { mut public, shared } =
            group.encapsulate(pair.public(), random).expect("an answer");
        public[place] ^= 0x10;
        let found = pair.agree(&public).expect("a secret");
        assert_ne!(halves(&found).0, halves(&shared).0, "a wrong ciphertext, the same secret");
        assert_eq!(halves(&found).1, halves(&shared).1, "X25519 has nothing to do with it");
    }
    for small_order in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    ] {
        let pair = group.start(random).expect("a key pair");
        let mut answer = group.encapsulate(pair.public(), random).expect("an answer").public;
        answer.truncate(SERVER_SHARE - 32);
        answer.extend(hex(small_order));
        assert_eq!(pair.agree(&answer).err(), Some(ExchangeError::Refused), "small order");
    }
}
