//! Random numbers of the operating system.

use handclasp_crypto::{Random, RandomFailed};

/// The random number generator of the operating system, by the crate `getrandom`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        getrandom::fill(out).map_err(|_| RandomFailed)
    }
}
