//! SHA-2 and SHA-1 (FIPS 180-4), HMAC (RFC 2104).

use aws_lc_rs::{digest, hmac};
use handclasp_crypto::{Digest, Hash, HashContext};
use zeroize::optimization_barrier;

/// SHA-256.
pub static SHA256: &dyn Hash = &Sha { digest: &digest::SHA256, hmac: hmac::HMAC_SHA256 };

/// SHA-384.
pub static SHA384: &dyn Hash = &Sha { digest: &digest::SHA384, hmac: hmac::HMAC_SHA384 };

/// SHA-512. No cipher suite uses it; signatures and certificates do.
pub static SHA512: &dyn Hash = &Sha { digest: &digest::SHA512, hmac: hmac::HMAC_SHA512 };

/// SHA-1, only for the HMAC of records, where collisions do not matter (RFC 6194 §3.3).
#[cfg(feature = "cbc")]
pub static SHA1: &dyn Hash =
    &Sha { digest: &digest::SHA1_FOR_LEGACY_USE_ONLY, hmac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY };

/// A hash function of aws-lc-rs.
struct Sha {
    digest: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
}

/// Most bytes hashed in one call from the stack; nearly every HMAC input of TLS fits.
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
            self.hmac_of_context(key, parts, out);
            overwrite_stack::<OF_HMAC>();
        }
    }
}

impl Sha {
    /// HMAC (RFC 2104 §2) as two one-shot hashes, if the input fits on the stack. The library's HMAC
    /// context is built, copied and cleaned for each use, which costs more than hashing the few blocks
    /// of a key schedule. Returns `false` if the input does not fit.
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
        let mut outer = [0u8; digest::MAX_BLOCK_LEN + digest::MAX_OUTPUT_LEN];
        let end = pad(&mut outer, key, block, 0x5c);
        let hash = outer.get_mut(end..).unwrap_or_default();
        self.digest_into(inner.get(..length).unwrap_or_default(), hash);
        let length = end + self.output_len();
        self.digest_into(outer.get(..length).unwrap_or_default(), out);

        // Both blocks contain the key.
        inner.fill(0);
        optimization_barrier(&inner);
        outer.fill(0);
        optimization_barrier(&outer);
        overwrite_stack::<OF_HASH>();
        true
    }

    /// HMAC of any input, by the library's context.
    #[inline(never)]
    fn hmac_of_context(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        let key = hmac::Key::new(self.hmac, key);
        let mut context = hmac::Context::with_key(&key);
        parts.iter().for_each(|part| context.update(part));
        put(out, context.sign().as_ref());
    }

    /// A hash, written to the start of `out`. In a frame of its own, so that the library's copies of the
    /// hash lie where [`overwrite_stack`] writes.
    #[inline(never)]
    fn digest_into(&self, bytes: &[u8], out: &mut [u8]) {
        put(out, digest::digest(self.digest, bytes).as_ref());
    }
}

/// Bytes of the stack that a hash takes in the library's frames, at most.
const OF_HASH: usize = 512;

/// The same for an HMAC.
const OF_HMAC: usize = 2048;

/// Overwrites the stack below the caller's frame. The library returns a hash by value and leaves copies
/// where its frames were. Such bytes reach the heap: a state that is smaller than the largest one of its
/// table takes them along into its box, which is freed unwiped.
#[inline(never)]
fn overwrite_stack<const SIZE: usize>() {
    let zeros = [0u8; SIZE];
    optimization_barrier(&zeros);
}

/// Fills `place` with the key, padded with zeros to a block, XOR `byte`; returns the length of the
/// block.
fn pad(place: &mut [u8], key: &[u8], block: usize, byte: u8) -> usize {
    let place = place.get_mut(..block).unwrap_or_default();
    place.fill(byte);
    place.iter_mut().zip(key).for_each(|(to, from)| *to ^= from);
    block
}

/// Writes `bytes` to the start of `out` and leaves the rest unchanged.
fn put(out: &mut [u8], bytes: &[u8]) {
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
}

/// An unfinished hash.
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
