//! How deep the stack was used: painted before, searched after.

const PAINT: u32 = 0x5354_414b;

unsafe extern "C" {
    /// The end of .bss and .data, where the stack must not come; from cortex-m-rt's link.x.
    static mut __sheap: u32;
}

/// Paints all that lies between the static data and the stack as it is now. Returns that
/// stack's depth for [`deepest`].
#[inline(never)]
pub fn paint() -> usize {
    let bottom = &raw mut __sheap;
    let here = cortex_m::register::msp::read() as usize - 64;
    let words = (here - bottom as usize) / 4;
    for index in 0..words {
        // SAFETY: free memory between the static data and this function's frame.
        unsafe { bottom.add(index).write_volatile(PAINT) }
    }
    here
}

/// Bytes of stack used below `painted_from` since [`paint`].
#[inline(never)]
pub fn deepest(painted_from: usize) -> usize {
    let bottom = &raw mut __sheap;
    let words = (painted_from - bottom as usize) / 4;
    // SAFETY: as in `paint`; reading only.
    let untouched = (0..words).take_while(|index| unsafe { bottom.add(*index).read_volatile() } == PAINT).count();
    (words - untouched) * 4
}
