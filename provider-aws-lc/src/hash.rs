//! SHA-2 and SHA-1 (FIPS 180-4), HMAC (RFC 2104).

use aws_lc_rs::{digest, hmac};
use handclasp_crypto::{Digest, Hash, HashContext};
use zeroize::optimization_barrier;

/// SHA-256.
pub static SHA256: &dyn Hash = &Sha { digest: &digest::SHA256, hmac: hmac::HMAC_SHA256 };

/// SHA-384.
pub static SHA384: &dyn Hash = &Sha { digest: &digest::SHA384, hmac: hmac::HMAC_SHA384 };

/// SHA-512. No suite of TLS uses it; signatures and certificates do.
pub static SHA512: &dyn Hash = &Sha { digest: &digest::SHA512, hmac: hmac::HMAC_SHA512 };

/// SHA-1, for the HMAC of records alone, where collisions matter nothing (RFC 6194 §3.3).
#[cfg(feature = "cbc")]
pub static SHA1: &dyn Hash =
    &Sha { digest: &digest::SHA1_FOR_LEGACY_USE_ONLY, hmac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY };

/// One of the library's hash functions.
struct Sha {
    digest: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
}

/// Bytes hashed in one call from the stack; nearly all that TLS feeds to HMAC fits.
const INLINE: usize = 512;

impl Hash for Sha {
    fn output_len(&self) -> usize {
        self.digest.output_len()
    }

    fn start(&self) -> Box<dyn HashContext> {
        Box::new(Context(digest::Context::new(self.digest)))
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        if let [whole] = parts {
            return Digest::new(digest::digest(self.digest, whole).as_ref());
        }
        let mut context = digest::Context::new(self.digest);
        parts.iter().for_each(|part| context.update(part));
        Digest::new(context.finish().as_ref())
    }

    fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        if !self.hmac_inline(key, parts, out) {
            let key = hmac::Key::new(self.hmac, key);
            let mut context = hmac::Context::with_key(&key);
            parts.iter().for_each(|part| context.update(part));
            put(out, context.sign().as_ref());
        }
    }
}

impl Sha {
    /// RFC 2104 §2 in two one-shot hashes, when it all fits on the stack: the library's HMAC
    /// context is built, copied and cleaned for each use, which costs more than hashing the few
    /// blocks that a key schedule asks for. `false` when it does not fit.
    fn hmac_inline(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) -> bool {
        let block = self.digest.block_len();
        let length = parts.iter().fold(block, |sum, part| sum.saturating_add(part.len()));
        if key.len() > block || length > INLINE {
            return false;
        }

        let mut inner = [0u8; INLINE];
        let mut end = pad(&mut inner, key, block, 0x36);
        for part in parts {
            if let Some(place) = inner.get_mut(end..end + part.len()) {
                place.copy_from_slice(part);
            }
            end += part.len();
        }
        let hash = digest::digest(self.digest, inner.get(..length).unwrap_or_default());

        let mut outer = [0u8; digest::MAX_BLOCK_LEN + digest::MAX_OUTPUT_LEN];
        let end = pad(&mut outer, key, block, 0x5c);
        let length = end + self.output_len();
        if let Some(place) = outer.get_mut(end..length) {
            place.copy_from_slice(hash.as_ref());
        }
        let hash = digest::digest(self.digest, outer.get(..length).unwrap_or_default());
        put(out, hash.as_ref());

        // The key stood in both. `Digest` of the library cannot be wiped from here; it held no
        // more than what `out` holds.
        inner.fill(0);
        optimization_barrier(&inner);
        outer.fill(0);
        optimization_barrier(&outer);
        true
    }
}

/// The key, filled to a block with zeros, XOR `byte`; returns the block's length.
fn pad(place: &mut [u8], key: &[u8], block: usize, byte: u8) -> usize {
    let place = place.get_mut(..block).unwrap_or_default();
    place.fill(byte);
    place.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
    block
}

/// Writes the front of `out`; what lies behind stays untouched.
fn put(out: &mut [u8], bytes: &[u8]) {
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

/// A hash under way.
struct Context(digest::Context);

impl HashContext for Context {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn current(&self) -> Digest {
        Digest::new(self.0.clone().finish().as_ref())
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self(self.0.clone()))
    }
}
