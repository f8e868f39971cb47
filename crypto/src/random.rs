//! Randomness is an argument: of the operating system on hosts, of a peripheral on devices.

/// A cryptographically secure source.
pub trait Random {
    /// Fills `out` completely.
    ///
    /// # Errors
    /// The source cannot deliver; nothing may be built on `out` then.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed>;
}

/// The source of randomness did not deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomFailed;
