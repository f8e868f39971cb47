//! The battery that every provider passes before anything is built on it: known answers of the
//! RFCs and NIST, and what a protocol relies on besides: forgeries refused, lengths that do
//! not fit refused, one message cut in any way gives one result.
//!
//! A function panics with the reason when the provider fails; it is test code.

mod aead;
mod cbc;
mod derive;
mod exchange;
mod hash;
mod hybrid;
mod keys;
mod suites;
mod verify;

pub use aead::{aead_cross, aes_128_ccm, aes_128_ccm_8, aes_128_gcm, aes_256_gcm, chacha20_poly1305};
pub use cbc::{cbc, cbc_etm};
pub use derive::{hkdf_sha256, hkdf_sha384, prf_sha256, prf_sha384};
pub use exchange::{exchange, exchange_cross, p256_known_answers, x25519_known_answers};
pub use hash::{hash, hash_cross, hmac};
pub use hybrid::x25519mlkem768;
pub use keys::{generation_needs_random, keys};
pub use suites::suites;
pub use verify::verify;

use alloc::vec::Vec;

use crate::{Random, RandomFailed};

/// Bytes from hexadecimal.
///
/// # Panics
/// On anything else: a vector is damaged.
pub fn hex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a vector is damaged");
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty(), "a vector is damaged");
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high) << 4 | digit(*low)).expect("a vector is damaged"))
        .collect()
}

/// A source that delivers these bytes once: a known answer's private key.
struct Given<'a>(&'a [u8]);

impl Random for Given<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let (now, later) = self.0.split_at_checked(out.len()).ok_or(RandomFailed)?;
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

/// A source that is broken.
struct Broken;

impl Random for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

/// `count` bytes without a pattern that an algorithm could hide behind.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    core::iter::repeat_with(|| {
        // xorshift32
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

/// Every way to flip one bit of `bytes`.
fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len() * 8).map(move |bit| {
        let mut flipped = Vec::from(bytes);
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
