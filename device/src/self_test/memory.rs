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
    let dirty = [black_box(vec![0xa5; BLOCK]), black_box(vec![0x5a; BLOCK])];
    let [first, second] = &dirty;
    let keeps = holds(first, 0xa5) && holds(second, 0x5a);
    drop(dirty);
    match keeps && holds(&black_box(zeroed()), 0) {
        true => Ok(()),
        false => Err(BootError::Memory),
    }
}

fn holds(block: &[u8], byte: u8) -> bool {
    block.iter().all(|found| *found == byte)
}
