//! A source of numbers for demonstrations on boards whose generator has no driver yet.

use handclasp_crypto::{Random, RandomFailed};

/// Numbers that look random and can be computed by everybody (SplitMix64). A party that knows the seed reads and
/// changes every connection: for emulators and first steps, never for a product. Its name is in the program
/// that uses it, and it exists with the feature `demo` only.
#[derive(Debug)]
pub struct DemoRandom(u64);

impl DemoRandom {
    /// The same seed gives the same numbers: the seed is to differ at each start.
    pub fn danger_not_random(seed: u64) -> Self {
        Self(seed)
    }
}

impl Random for DemoRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.iter_mut().zip(mixed.to_le_bytes()).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first output for the seed 1234567 (the reference implementation's, rosettacode.org).
        let mut first = [0; 8];
        DemoRandom::danger_not_random(1_234_567).fill(&mut first).unwrap();
        assert_eq!(u64::from_le_bytes(first), 6_457_827_717_110_365_317);
    }
}
