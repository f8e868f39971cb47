//! A source of random numbers for QEMU, whose board has none.

use handclasp_device::{Random, RandomFailed};

/// **Not random**: SplitMix64 from the seed in the settings. Replace it by the peripheral of your
/// microcontroller: keys made from predictable numbers protect nothing.
pub struct DemoRandom(u64);

impl DemoRandom {
    /// Starts from these bytes.
    pub fn new(seed: &[u8]) -> Self {
        Self(seed.iter().fold(7, |state, byte| (state.rotate_left(8)) ^ u64::from(*byte)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Random for DemoRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(bytes) {
                *to = from;
            }
        }
        Ok(())
    }
}
