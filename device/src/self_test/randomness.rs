//! The source of random numbers. No test can tell good numbers from bad ones; a source that is off, stuck or
//! starts again with each call is noticed (NIST SP 800-90B §4.4.1 counts repetitions likewise).

use handclasp_crypto::Random;

use crate::BootError;

const BLOCKS: usize = 4;
/// Bytes of a block: two equal ones are no accident.
const BLOCK: usize = 16;

pub(super) fn test(random: &mut dyn Random) -> Result<(), BootError> {
    let mut blocks = [[0; BLOCK]; BLOCKS];
    for block in &mut blocks {
        random.fill(block).map_err(|_| BootError::RandomFailed)?;
    }
    for (index, block) in blocks.iter().enumerate() {
        if block.iter().all(|byte| Some(byte) == block.first()) {
            return Err(BootError::RandomConstant);
        }
        if blocks.iter().skip(index.saturating_add(1)).any(|other| other == block) {
            return Err(BootError::RandomRepeats);
        }
    }
    Ok(())
}
