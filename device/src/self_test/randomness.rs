//! The source of random numbers. No test can tell good numbers from bad ones; a source that is off, stuck or
//! starts again with each call is noticed (NIST SP 800-90B §4.4.1 counts repetitions likewise).

use handclasp_crypto::Random;

use crate::BootError;

/// Bytes of a block: two equal ones are no accident.
const BLOCK: usize = 16;

pub(super) fn test(random: &mut dyn Random) -> Result<(), BootError> {
    let mut blocks = [[0; BLOCK]; 2];
    for block in &mut blocks {
        random.fill(block).map_err(|_| BootError::RandomFailed)?;
    }
    let [first, second] = blocks;
    match first {
        [one, rest @ ..] if rest == [one; BLOCK - 1] => Err(BootError::RandomConstant),
        _ if first == second => Err(BootError::RandomRepeats),
        _ => Ok(()),
    }
}
