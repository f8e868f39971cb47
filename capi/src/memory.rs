//! Where memory comes from, chosen when the library is built:
//!
//! | feature | memory | running out of it |
//! |---|---|---|
//! | `std` | malloc and free | the process ends, as the operating system decides |
//! | `arena` | a block that the program hands over once | `HC_MEMORY`, see `require` |
//! | `hooks` | functions of the program | `HC_MEMORY`, see `require` |
//!
//! Rust's collections cannot report that an allocation failed: they end the program. So each call that
//! may allocate asks first whether [`RESERVE`] bytes are free in one piece, and changes nothing if not.

#[cfg(all(not(feature = "std"), feature = "arena"))]
mod arena;
#[cfg(any(test, all(not(feature = "std"), feature = "hooks", not(feature = "arena"))))]
mod hooks;

#[cfg(all(not(feature = "std"), feature = "arena"))]
pub use arena::*;

use crate::codes::Code;
#[cfg(not(feature = "std"))]
use crate::codes::HC_MEMORY;

/// Bytes that must be free in one piece before a call that may allocate. A call that receives a record
/// of 2 KB allocates less than this; larger records and messages need memory as they come.
#[cfg(not(feature = "std"))]
const RESERVE: usize = 3072;

/// Refuses a call that could run out of memory.
#[cfg(feature = "std")]
#[expect(clippy::unnecessary_wraps, reason = "devices refuse")]
pub(crate) fn require() -> Result<(), Code> {
    Ok(())
}

/// Refuses a call that could run out of memory.
#[cfg(not(feature = "std"))]
pub(crate) fn require() -> Result<(), Code> {
    let mut probe = alloc::vec::Vec::<u8>::new();
    probe.try_reserve_exact(RESERVE).map_err(|_| HC_MEMORY)?;
    // The compiler could otherwise leave out an allocation that is not used.
    core::hint::black_box(&mut probe);
    Ok(())
}
