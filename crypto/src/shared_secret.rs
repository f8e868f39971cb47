//! A secret that several servers share, as it comes out of a file, a store or an array: where that was
//! never filled in, everybody knows it.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::{Random, RandomFailed};

/// At least 32 secret bytes that are not all the same; wiped when dropped, never printed.
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<Vec<u8>>);

/// Why these bytes are not taken for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeakSecret {
    /// Fewer than [`SharedSecret::LEAST`].
    Short {
        /// Bytes found.
        found: usize,
    },
    /// All bytes are the same: memory that was never filled in, or a placeholder.
    Constant {
        /// That byte.
        byte: u8,
    },
}

impl SharedSecret {
    /// Bytes that a secret must have.
    pub const LEAST: usize = 32;

    /// A copy of these bytes; the caller's are the caller's to wipe.
    ///
    /// # Errors
    /// Fewer than [`SharedSecret::LEAST`] bytes, or all of them the same.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeakSecret> {
        let (first, rest) = bytes.split_first().ok_or(WeakSecret::Short { found: 0 })?;
        if bytes.len() < Self::LEAST {
            return Err(WeakSecret::Short { found: bytes.len() });
        }
        // Every byte is looked at, whatever it is.
        let differs = rest.iter().fold(0, |differs, byte| differs | (byte ^ first));
        match differs {
            0 => Err(WeakSecret::Constant { byte: *first }),
            _ => Ok(Self(Zeroizing::new(Vec::from(bytes)))),
        }
    }

    /// Random bytes, which no other server has.
    ///
    /// # Errors
    /// Randomness failed, also by giving the same byte 32 times.
    pub fn random(random: &mut dyn Random) -> Result<Self, RandomFailed> {
        let mut bytes = Zeroizing::new([0; Self::LEAST]);
        random.fill(&mut *bytes)?;
        Self::from_bytes(&*bytes).map_err(|_| RandomFailed)
    }

    /// The bytes. Named so that every use is easy to find.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret")
    }
}

impl fmt::Display for WeakSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { found } => {
                write!(f, "a secret has at least {} bytes, this one has {found}", SharedSecret::LEAST)
            }
            Self::Constant { byte } => {
                write!(f, "every byte of this secret is {byte:#04x}: it was never filled in")
            }
        }
    }
}

impl core::error::Error for WeakSecret {}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_is_short_or_constant_is_refused() {
        for byte in 0..=u8::MAX {
            let error = SharedSecret::from_bytes(&[byte; 32]).err();
            assert_eq!(error, Some(WeakSecret::Constant { byte }));
            assert_eq!(SharedSecret::from_bytes(&[byte; 80]).err(), error);
        }
        let mut bytes = [0; 33];
        bytes[32] = 1;
        assert_eq!(
            SharedSecret::from_bytes(&bytes).map(|secret| secret.expose().to_vec()),
            Ok(bytes.to_vec())
        );
        for found in [0, 1, 31] {
            assert_eq!(SharedSecret::from_bytes(&bytes[..found]).err(), Some(WeakSecret::Short { found }));
        }
    }

    #[test]
    fn it_is_not_printed() {
        let bytes: Vec<u8> = (0..32).collect();
        assert_eq!(format!("{:?}", SharedSecret::from_bytes(&bytes)), "Ok(SharedSecret)");
    }

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
            out.iter_mut().for_each(|byte| *byte = self.0);
            Ok(())
        }
    }

    #[test]
    fn a_source_that_is_stuck_makes_no_secret() {
        assert!(
            SharedSecret::random(&mut Fixed(0)).is_err() && SharedSecret::random(&mut Fixed(255)).is_err()
        );
    }
}
