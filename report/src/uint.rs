//! Numbers of an odd size, so that a fault is 8 bytes.

use core::fmt;

/// An unsigned number of `N` bytes, big-endian and without alignment; `N` is at most 8.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uint<const N: usize>([u8; N]);

impl<const N: usize> Uint<N> {
    /// `N`, which counts bytes.
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "N is at most 8")]
    pub(crate) const BYTES: u32 = N as u32;
    /// Zero.
    pub const ZERO: Self = Self([0; N]);
    /// The largest number of `N` bytes.
    pub const MAX: Self = Self([u8::MAX; N]);

    /// This number, or [`Uint::MAX`] if it is larger.
    pub fn saturating(number: u64) -> Self {
        Self::new(number).unwrap_or(Self::MAX)
    }

    /// This number; `None` if it needs more than `N` bytes.
    pub fn new(number: u64) -> Option<Self> {
        let bytes = number.to_be_bytes();
        let (front, number) = bytes.split_last_chunk()?;
        front.iter().all(|byte| *byte == 0).then_some(Self(*number))
    }

    /// The number.
    #[inline]
    pub fn get(self) -> u64 {
        self.0.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

impl From<u16> for Uint<2> {
    fn from(number: u16) -> Self {
        Self(number.to_be_bytes())
    }
}

impl<const N: usize> fmt::Display for Uint<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl<const N: usize> fmt::Debug for Uint<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_fit_come_back_and_others_do_not() {
        for number in [0, 1, 255, 256, 0xff_fffe, 0xff_ffff] {
            assert_eq!(Uint::<3>::new(number).map(Uint::get), Some(number));
            assert_eq!(Uint::<3>::saturating(number).get(), number);
        }
        for number in [0x100_0000, u64::MAX] {
            assert_eq!(Uint::<3>::new(number), None);
            assert_eq!(Uint::<3>::saturating(number), Uint::MAX);
        }
        assert_eq!(Uint::<3>::MAX.get(), 0xff_ffff);
        assert_eq!(Uint::from(0x0102_u16).get(), 0x0102);
        assert_eq!(Uint::<8>::new(u64::MAX).map(Uint::get), Some(u64::MAX));
    }
}
