//! The buffer of a thread, which all its relays share: none of them keeps bytes in it while it waits.

use std::cell::RefCell;

/// The plaintext of eight records, as much as the queue of a connection takes at once; of one in unit tests, whose turns
/// are short.
const SIZE: usize = if cfg!(test) { 16 * 1024 } else { 128 * 1024 };

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; SIZE].into());
}

/// Calls a function with the buffer of this thread. Calls do not nest.
pub(crate) fn with<R>(function: impl FnOnce(&mut [u8]) -> R) -> R {
    BUFFER.with_borrow_mut(|buffer| function(buffer))
}
