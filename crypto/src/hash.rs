//! Hash functions, and HMAC over them (RFC 2104).

use alloc::boxed::Box;
use core::fmt;

/// A hash function and its HMAC.
pub trait Hash: Send + Sync {
    /// Bytes of output: 32, 48 or 64; 20 for SHA-1.
    fn output_len(&self) -> usize;

    /// Starts hashing.
    fn start(&self) -> Box<dyn HashContext>;

    /// Hashes `parts`, concatenated.
    fn hash(&self, parts: &[&[u8]]) -> Digest;

    /// HMAC of `parts`, concatenated, under a key of any length. `out` has
    /// [`Hash::output_len`] bytes; whatever more it has stays untouched.
    fn hmac(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8]);
}

/// A hash under way.
pub trait HashContext: Send + Sync {
    /// Hashes more.
    fn update(&mut self, bytes: &[u8]);
    /// The hash so far; hashing can go on.
    fn current(&self) -> Digest;
    /// A second one that goes its own way from here.
    fn fork(&self) -> Box<dyn HashContext>;
}

/// A hash value in place. Not a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Digest {
    /// Bytes of SHA-512.
    pub const MAX: usize = 64;

    /// A copy of these bytes, cut to [`Digest::MAX`].
    pub fn new(bytes: &[u8]) -> Self {
        let length = bytes.len().min(Self::MAX);
        let mut digest = Self { bytes: [0; Self::MAX], length: u8::try_from(length).unwrap_or(0) };
        digest.bytes[..length].copy_from_slice(&bytes[..length]);
        digest
    }
}

impl core::ops::Deref for Digest {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_bytes_it_was_made_of() {
        let bytes = [0x3c; Digest::MAX + 1];
        for length in 0..=Digest::MAX {
            assert_eq!(*Digest::new(&bytes[..length]), bytes[..length]);
        }
        assert_eq!(Digest::new(&bytes).len(), Digest::MAX);
        assert_ne!(Digest::new(&[0]), Digest::new(&[0, 0]));
        assert_eq!(alloc::format!("{:?}", Digest::new(&[0, 0xab])), "00ab");
    }
}
