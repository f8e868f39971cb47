//! Deterministic numbers. QEMU's board has no random generator, and measuring needs none; a product uses
//! its peripheral here.

use handclasp_crypto::{Random, RandomFailed};

/// SplitMix64 from a fixed start.
pub struct NotRandom(pub u64);

impl Random for NotRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
