//! The heap.

use alloc::{vec, vec::Vec};
use core::hint::black_box;

use crate::BootError;

/// Bytes of a block: more than the small sizes that allocators treat apart.
const BLOCK: usize = 192;

/// Writes to blocks, frees them, and asks for zeroed ones: an allocator must not hand out old contents.
pub(super) fn test() -> Result<(), BootError> {
    test_with(|| vec![0; BLOCK])
}

/// With the caller's way to zeroed memory.
pub(super) fn test_with(zeroed: impl Fn() -> Vec<u8>) -> Result<(), BootError> {
    // The compiler knows what `vec![0; n]` holds; `black_box` makes it look.
    let dirty: [Vec<u8>; 2] = [black_box(vec![0xa5; BLOCK]), black_box(vec![0x5a; BLOCK])];
    if dirty.iter().zip([0xa5, 0x5a]).any(|(block, byte)| block.iter().any(|found| *found != byte)) {
        return Err(BootError::Memory);
    }
    drop(black_box(dirty));
    let zeroed: [Vec<u8>; 2] = [black_box(zeroed()), black_box(zeroed())];
    match zeroed.iter().flatten().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(BootError::Memory),
    }
}
