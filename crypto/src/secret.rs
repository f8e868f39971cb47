//! Key material: wiped when dropped, neither cloned, nor printed, nor compared by `==`.

use alloc::boxed::Box;

use subtle::ConstantTimeEq;
use zeroize::optimization_barrier;

/// Up to [`Secret::MAX`] bytes of key material in place.
///
/// Moving one copies its bytes and leaves the old ones behind, unwiped: in a state that is moved, in
/// a `Vec` that grows, in a box that is emptied. One that lives longer than a call stays where it was
/// written, in a box whose pointer moves; see [`Secret::set`] and [`Secret::boxed`].
pub struct Secret {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl Secret {
    /// The longest secret: the x-coordinate of P-521 (hash outputs have at most 64 bytes).
    pub const MAX: usize = 66;

    /// `length` zero bytes, cut to [`Secret::MAX`]; RFC 8446 §7.1 uses such as missing input.
    pub fn zero(length: usize) -> Self {
        let length = u8::try_from(length.min(Self::MAX)).unwrap_or_default();
        Self { bytes: [0; Self::MAX], length }
    }

    /// A copy of these bytes; `None` when there are more than [`Secret::MAX`].
    pub fn copy_from(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::zero(bytes.len());
        if secret.len() != bytes.len() {
            return None;
        }
        secret.expose_mut().copy_from_slice(bytes);
        Some(secret)
    }

    /// A copy whose wiping is its holder's business too. Named so that it is easy to find.
    pub fn duplicate(&self) -> Self {
        Self { bytes: self.bytes, length: self.length }
    }

    /// A copy in a box of its own, whose pointer may move.
    pub fn boxed(&self) -> Box<Self> {
        let mut copy = Box::new(Self::zero(0));
        copy.set(self.expose());
        copy
    }

    /// Writes these bytes in place of the present ones; more than [`Secret::MAX`] are cut.
    pub fn set(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..Self::MAX).unwrap_or(bytes);
        *self = Self::zero(bytes.len());
        self.expose_mut().copy_from_slice(bytes);
    }

    /// Wipes it; it is empty then.
    pub fn wipe(&mut self) {
        *self = Self::zero(0);
    }

    /// The bytes. Named so that every use is easy to find.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or_default()
    }

    /// The bytes, to be filled.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        let length = self.len();
        self.bytes.get_mut(..length).unwrap_or_default()
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        usize::from(self.length)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_keeps_what_fits_and_refuses_what_does_not() {
        for length in 0..=Secret::MAX {
            let bytes = [0x5a; Secret::MAX];
            let secret = Secret::copy_from(&bytes[..length]).expect("it fits");
            assert_eq!((secret.expose(), secret.len()), (&bytes[..length], length));
            assert_eq!(secret.is_empty(), length == 0);
            assert_eq!(secret.duplicate().expose(), secret.expose());
            assert_eq!(secret.boxed().expose(), secret.expose());
        }
        assert!(Secret::copy_from(&[0; Secret::MAX + 1]).is_none());
        assert_eq!(Secret::zero(usize::MAX).len(), Secret::MAX);
    }

    #[test]
    fn bytes_are_set_in_place() {
        let mut secret = Secret::zero(3);
        secret.set(&[7; Secret::MAX]);
        assert_eq!(secret.expose(), [7; Secret::MAX]);
        secret.set(&[1, 2]);
        assert_eq!((secret.expose(), secret.bytes[2]), (&[1, 2][..], 0));
        secret.wipe();
        assert!(secret.is_empty() && secret.bytes.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn equality_sees_every_bit_and_the_length() {
        let left = [0xa5; 40];
        assert!(equal(&left, &left));
        assert!(equal(b"", b""));
        assert!(!equal(&left, &left[..39]));
        for bit in 0..left.len() * 8 {
            let mut right = left;
            right[bit / 8] ^= 1 << (bit % 8);
            assert!(!equal(&left, &right), "bit {bit}");
        }
    }
}
