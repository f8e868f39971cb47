//! Access to memory-mapped registers, by address as in the data sheet.

/// Reads the register at `address`.
#[inline(always)]
pub fn read(address: usize) -> u32 {
    // SAFETY: the callers pass addresses of registers of this board, which are aligned and readable.
    unsafe { (address as *const u32).read_volatile() }
}

/// Writes the register at `address`.
#[inline(always)]
pub fn write(address: usize, value: u32) {
    // SAFETY: the callers pass addresses of registers of this board; what is written to them configures
    // the device and moves bytes of the network, and never makes it write to memory.
    unsafe { (address as *mut u32).write_volatile(value) }
}
