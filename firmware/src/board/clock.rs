//! Time since the start, from SysTick.
//!
//! With QEMU's `-icount shift=0` an instruction takes a nanosecond. The core clock of this board starts at
//! 12.5 MHz, a tick of 80 ns: time is then exactly a count of instructions.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::{SCB, SYST, syst::SystClkSource};
use cortex_m_rt::exception;

/// Ticks of SysTick in a millisecond.
pub const TICKS_PER_MILLISECOND: u32 = 12_500;
/// Instructions in a tick, under QEMU.
pub const INSTRUCTIONS_PER_TICK: u32 = 80;

static MILLISECONDS: AtomicU32 = AtomicU32::new(0);

/// Starts SysTick, with an interrupt every millisecond.
pub(super) fn start(mut ticker: SYST) {
    ticker.set_clock_source(SystClkSource::Core);
    ticker.set_reload(TICKS_PER_MILLISECOND - 1);
    ticker.clear_current();
    ticker.enable_counter();
    ticker.enable_interrupt();
}

/// Milliseconds since the start.
pub fn milliseconds() -> u32 {
    MILLISECONDS.load(Ordering::Relaxed)
}

/// Milliseconds since a start.
pub fn since(start: u32) -> u32 {
    milliseconds().wrapping_sub(start)
}

/// Ticks since the start. Wraps after 343 seconds.
pub fn ticks() -> u32 {
    loop {
        let before = milliseconds();
        let left = SYST::get_current();
        // The counter may have started again before its interrupt is taken.
        let pending = SCB::is_pendst_pending();
        if before == milliseconds() {
            let late = u32::from(pending && left > TICKS_PER_MILLISECOND / 2);
            let whole = before.wrapping_add(late).wrapping_mul(TICKS_PER_MILLISECOND);
            return whole.wrapping_add(TICKS_PER_MILLISECOND - 1 - left);
        }
    }
}

#[exception]
fn SysTick() {
    // Only this handler writes it, so load and store suffice; a Cortex-M0 has no atomic addition.
    let now = milliseconds().wrapping_add(1);
    MILLISECONDS.store(now, Ordering::Relaxed);
    #[cfg(feature = "fault-injection")]
    crate::faults::power_cut(now);
}
