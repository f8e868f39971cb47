//! Randomness for hosts: AWS-LC's generator, seeded by the operating system.

use handclasp_crypto::{Random, RandomFailed};

/// The library's generator, one per thread internally; this value has no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomFailed)
    }
}
