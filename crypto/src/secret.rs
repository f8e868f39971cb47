//! Key material: wiped when dropped, neither cloned, nor printed, nor compared by `==`.

use subtle::ConstantTimeEq;
use zeroize::optimization_barrier;

/// Up to [`Secret::MAX`] bytes of key material in place.
pub struct Secret {
    bytes: [u8; Self::MAX],
    length: usize,
}

impl Secret {
    /// The longest secret: the x-coordinate of P-521 (hash outputs have at most 64 bytes).
    pub const MAX: usize = 66;

    /// `length` zero bytes, cut to [`Secret::MAX`]; RFC 8446 §7.1 uses such as missing input.
    pub fn zero(length: usize) -> Self {
        Self { bytes: [0; Self::MAX], length: length.min(Self::MAX) }
    }

    /// A copy of these bytes; `None` when there are more than [`Secret::MAX`].
    pub fn copy_from(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::zero(bytes.len());
        if secret.length != bytes.len() {
            return None;
        }
        secret.expose_mut().copy_from_slice(bytes);
        Some(secret)
    }

    /// A copy whose wiping is its holder's business too. Named so that it is easy to find.
    pub fn duplicate(&self) -> Self {
        Self { bytes: self.bytes, length: self.length }
    }

    /// The bytes. Named so that every use is easy to find.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The bytes, to be filled.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // One memset and a barrier that keeps it, where `Zeroize` stores byte by byte: key
        // schedules make and drop these by the dozen.
        self.bytes = [0; Self::MAX];
        optimization_barrier(&self.bytes);
    }
}

/// Compares in constant time; lengths are no secret.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}
