//! SHA-2 and SHA-1 (FIPS 180-4), HMAC (RFC 2104).

use alloc::boxed::Box;
use core::marker::PhantomData;

use handclasp_crypto::{Digest, Hash, HashContext};
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::optimization_barrier;

/// SHA-256.
pub static SHA256: &dyn Hash = &Sha::<Sha256>(PhantomData);

/// SHA-384.
pub static SHA384: &dyn Hash = &Sha::<Sha384>(PhantomData);

/// SHA-512. No cipher suite uses it; signatures and certificates do.
pub static SHA512: &dyn Hash = &Sha::<Sha512>(PhantomData);

/// SHA-1, only for the HMAC of records, where collisions do not matter (RFC 6194 §3.3).
#[cfg(feature = "cbc")]
pub static SHA1: &dyn Hash = &Sha::<sha1::Sha1>(PhantomData);

/// A hash function of RustCrypto.
struct Sha<D>(PhantomData<fn() -> D>);

impl<D> Hash for Sha<D>
where
    D: sha2::Digest + EagerHash + Clone + Send + Sync + 'static,
{
    fn output_len(&self) -> usize {
        <D as sha2::Digest>::output_size()
    }

    fn start(&self) -> Box<dyn HashContext> {
        Box::new(Context(D::new()))
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut context = D::new();
        parts.iter().for_each(|part| sha2::Digest::update(&mut context, part));
        Digest::new(&context.finalize())
    }

    fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        Self::hmac_into(key, parts, out);
        // The states of SHA-384 and SHA-512 have words of 64 bits.
        match self.output_len() {
            ..=32 => overwrite_stack::<OF_HMAC>(),
            _ => overwrite_stack::<{ OF_HMAC * 2 }>(),
        }
    }
}

impl<D> Sha<D>
where
    D: EagerHash,
{
    /// In a frame of its own, so that the library's copies of key and output lie where [`overwrite_stack`]
    /// writes.
    #[inline(never)]
    fn hmac_into(key: &[u8], parts: &[&[u8]], out: &mut [u8]) {
        // HMAC accepts keys of every length (RFC 2104 §2); the error exists for other MACs.
        let Ok(mut mac) = Hmac::<D>::new_from_slice(key) else { return };
        parts.iter().for_each(|part| mac.update(part));
        out.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
    }
}

/// Bytes of the stack that an HMAC with a hash of 32-bit words takes in the library's frames, at most.
const OF_HMAC: usize = 1024;

/// Overwrites the stack below the caller's frame. The library takes its state by value, pads the key on the
/// stack and returns the output by value. Such bytes reach the heap: a state that is smaller than the largest
/// one of its table takes them along into its box, which is freed unwiped.
#[inline(never)]
fn overwrite_stack<const SIZE: usize>() {
    let zeros = [0u8; SIZE];
    optimization_barrier(&zeros);
}

/// An unfinished hash.
struct Context<D>(D);

impl<D> HashContext for Context<D>
where
    D: sha2::Digest + Clone + Send + Sync + 'static,
{
    fn update(&mut self, bytes: &[u8]) {
        sha2::Digest::update(&mut self.0, bytes);
    }

    fn current(&self) -> Digest {
        Digest::new(&self.0.clone().finalize())
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self(self.0.clone()))
    }
}
