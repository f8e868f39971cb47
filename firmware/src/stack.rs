//! How deep the stack was used: painted before, searched after.

const PAINT: u32 = 0x5354_414b;

/// What is left unpainted below the stack pointer as `paint` reads it, for its own use.
const MARGIN: usize = 64;

unsafe extern "C" {
    /// The end of .data, .bss and .uninit, where the stack must not come; from cortex-m-rt's
    /// link.x.
    static mut __sheap: u32;
}

/// Paints all that lies between the static data and the stack as it is now. Returns where
/// that begins, for [`depth`].
#[inline(never)]
pub fn paint() -> usize {
    let bottom = &raw mut __sheap;
    let here = cortex_m::register::msp::read() as usize - MARGIN;
    let words = (here - bottom as usize) / 4;
    for index in 0..words {
        // SAFETY: memory between the static data, which ends at __sheap, and MARGIN bytes
        // below the stack pointer; nothing lives there, and a leaf function such as this
        // takes less than MARGIN.
        unsafe { bottom.add(index).write_volatile(PAINT) }
    }
    here
}

/// Bytes of stack used below `painted_from` since [`paint`].
#[inline(never)]
pub fn depth(painted_from: usize) -> usize {
    let bottom = &raw const __sheap;
    let words = (painted_from - bottom as usize) / 4;
    let untouched = (0..words).take_while(|index| {
        // SAFETY: inside of what `paint` wrote; whatever wrote there since is no longer live.
        let word = unsafe { bottom.add(*index).read_volatile() };
        word == PAINT
    });
    (words - untouched.count()) * 4
}
