//! The source of random numbers: the caller's function, or the operating system's.

use core::ffi::c_void;

use handclasp_crypto::{Random, RandomFailed};

/// Fills `length` bytes at `out` with random numbers that nobody can predict. Returns 0 for success; any
/// other value ends the handshake. Called during calls of this library only, by the thread that makes
/// them; it must not call this library.
pub type RandomFunction = Option<extern "C" fn(user: *mut c_void, out: *mut u8, length: usize) -> i32>;

/// A source, as the configuration has it.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) function: RandomFunction,
    pub(crate) user: *mut c_void,
}

// SAFETY: the pointer is only passed to the function, whose documentation says that threads which share a
// configuration call it at once (`hc_config_random`).
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Default for Source {
    fn default() -> Self {
        Self { function: None, user: core::ptr::null_mut() }
    }
}

impl Random for Source {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match self.function {
            Some(function) => match function(self.user, out.as_mut_ptr(), out.len()) {
                0 => Ok(()),
                _ => Err(RandomFailed),
            },
            #[cfg(feature = "std")]
            None => crate::provider::SystemRandom.fill(out),
            #[cfg(not(feature = "std"))]
            None => Err(RandomFailed),
        }
    }
}
