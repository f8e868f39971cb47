//! Measures stack depth: the stack is painted first and searched later.

const PAINT: u32 = 0x5354_414b;

/// Bytes below the stack pointer that `paint` leaves for its own use.
const MARGIN: usize = 64;

unsafe extern "C" {
    /// End of .data, .bss and .uninit, which the stack must not reach; defined in cortex-m-rt's link.x.
    static mut __sheap: u32;
}

/// Paints the memory between the static data and the current stack. Returns its start, for [`depth`].
#[inline(never)]
pub fn paint() -> usize {
    let bottom = &raw mut __sheap;
    let here = cortex_m::register::msp::read() as usize - MARGIN;
    let words = (here - bottom as usize) / 4;
    for index in 0..words {
        // SAFETY: memory between the static data, which ends at __sheap, and MARGIN bytes below the
        // stack pointer; it is unused, and a leaf function such as this one needs less than MARGIN.
        unsafe { bottom.add(index).write_volatile(PAINT) }
    }
    here
}

/// Returns the bytes of stack used below `painted_from` since [`paint`].
#[inline(never)]
pub fn depth(painted_from: usize) -> usize {
    let bottom = &raw const __sheap;
    let words = (painted_from - bottom as usize) / 4;
    let untouched = (0..words).take_while(|index| {
        // SAFETY: within the memory that `paint` wrote; whatever was written since is no longer live.
        let word = unsafe { bottom.add(*index).read_volatile() };
        word == PAINT
    });
    (words - untouched.count()) * 4
}
