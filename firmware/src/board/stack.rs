//! How deep the stack has been: it is painted at the start and searched later. It grows down towards the
//! static data; QEMU does not fault where a stack grows into them, so that the paint is also the check.

const PAINT: u32 = 0x5354_414b;

/// Bytes below the stack pointer that `paint` leaves for its own use and for an interrupt.
const MARGIN: usize = 128;

unsafe extern "C" {
    /// End of .data, .bss and .uninit, which the stack must not reach; defined in cortex-m-rt's link.x.
    static mut __sheap: u32;
    /// The start of the stack, at the end of the RAM.
    static _stack_start: u32;
}

/// Paints the memory between the static data and the current stack.
#[inline(never)]
pub(super) fn paint() {
    let bottom = &raw mut __sheap;
    let here = cortex_m::register::msp::read() as usize - MARGIN;
    for index in 0..(here - bottom as usize) / 4 {
        // SAFETY: memory between the static data, which ends at __sheap, and MARGIN bytes below the
        // stack pointer; it is unused, and a leaf function such as this one and the handler of the clock
        // need less than MARGIN.
        unsafe { bottom.add(index).write_volatile(PAINT) }
    }
}

/// Returns the peak of the stack in bytes since the start of the program.
///
/// # Panics
/// If the stack has reached the static data.
#[inline(never)]
pub fn peak() -> usize {
    let bottom = &raw const __sheap;
    let size = &raw const _stack_start as usize - bottom as usize;
    let untouched = (0..size / 4).take_while(|index| {
        // SAFETY: within the RAM between the static data and the start of the stack.
        let word = unsafe { bottom.add(*index).read_volatile() };
        word == PAINT
    });
    let untouched = untouched.count() * 4;
    assert!(untouched > 0);
    size - untouched
}
