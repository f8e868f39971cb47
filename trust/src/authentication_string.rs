//! Fingerprints for people: the words of a pin, and the short authentication string of a connection.
//!
//! Words are those of BIP 39 (2048 English words, 11 bits each), which differ in their first four letters.

use alloc::{
    string::{String, ToString as _},
    vec::Vec,
};
use core::fmt;

use bip39::Language;
use handclasp_crypto::Hash;

use crate::Pin;

/// Bits that a word stands for.
const BITS: usize = 11;

/// Words of a pin: 132 bits. To pass for a pinned peer, an attacker needs a key with the same words, which
/// takes 2^132 attempts.
const PIN_WORDS: usize = 12;

/// Words of a short authentication string: 66 bits.
const STRING_WORDS: usize = 6;

/// What the input of the hash starts with.
const LABEL: &[u8] = b"handclasp authentication string\0";

/// The first `count` words of some bytes, 11 bits each, the most significant bit first.
fn words(bytes: &[u8], count: usize) -> Vec<&'static str> {
    let list = Language::English.word_list();
    let bits: Vec<usize> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |shift| usize::from((byte >> shift) & 1)))
        .collect();
    let index = |bits: &[usize]| bits.iter().fold(0, |sum, bit| (sum << 1) | bit);
    bits.chunks_exact(BITS).take(count).filter_map(|bits| list.get(index(bits)).copied()).collect()
}

impl Pin {
    /// The fingerprint as twelve English words, to be read aloud or compared by eye. They stand for the first
    /// 132 of its 256 bits.
    pub fn words(&self) -> String {
        words(&self.0, PIN_WORDS).join(" ")
    }
}

/// A short authentication string: what two people compare over another channel to know that their
/// devices are connected to each other, and to no third.
///
/// It is of both keys and of keying material that the connection exports, so that an attacker between the
/// two has one connection with each and two strings. Six words or twenty digits stand for 66 bits: the
/// attacker chooses their own key shares as the handshake goes on, and could try as many as there is time
/// for. A string of four digits would be found in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticationString([u8; 32]);

impl AuthenticationString {
    /// Of the keying material, and of the keys that client and server showed, if they did. `sha256` must be
    /// SHA-256.
    pub fn new(exported: &[u8; 32], client: Option<Pin>, server: Option<Pin>, sha256: &dyn Hash) -> Self {
        let part = |pin: Option<Pin>| match pin {
            Some(pin) => [&[1], &pin.0[..]].concat(),
            None => Vec::from([0]),
        };
        let digest = sha256.hash(&[LABEL, exported, &part(client), &part(server)]);
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }

    /// Six words.
    pub fn words(&self) -> String {
        words(&self.0, STRING_WORDS).join(" ")
    }

    /// Twenty digits in groups of five, for languages and displays that the words do not suit.
    pub fn digits(&self) -> String {
        // 16 bytes, so that the remainder is as good as uniform.
        let number = self.0.iter().take(16).fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
        let digits: Vec<char> =
            alloc::format!("{:020}", number % 100_000_000_000_000_000_000).chars().collect();
        let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
        groups.join(" ")
    }
}

/// The words.
impl fmt::Display for AuthenticationString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl fmt::Debug for AuthenticationString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthenticationString").field(&self.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use handclasp_provider_aws_lc::SHA256;

    use super::*;

    #[test]
    fn words_are_eleven_bits_each() {
        // Vectors of BIP 39: 0x00… and 0xff…, the first eleven words; 0x7f… begins with "legal".
        assert_eq!(Pin([0; 32]).words(), ["abandon"; 12].join(" "));
        assert_eq!(Pin([0xff; 32]).words(), ["zoo"; 12].join(" "));
        assert!(Pin([0x7f; 32]).words().starts_with("legal winner thank year wave sausage worth useful"));
    }

    #[test]
    fn a_string_is_of_both_keys_and_of_the_connection() {
        let (one, two) = (Some(Pin([1; 32])), Some(Pin([2; 32])));
        let of =
            |exported, client, server| AuthenticationString::new(&[exported; 32], client, server, SHA256);
        let ours = of(0, one, two);
        assert_eq!(ours, of(0, one, two));
        for other in [of(1, one, two), of(0, two, one), of(0, None, two), of(0, one, None), of(0, None, None)]
        {
            assert_ne!(ours.words(), other.words());
            assert_ne!(ours.digits(), other.digits());
        }
        assert_eq!(ours.words().split(' ').count(), 6);
        assert_eq!(ours.digits().len(), 23);
        assert!(ours.digits().split(' ').all(|group| group.len() == 5));
    }
}
