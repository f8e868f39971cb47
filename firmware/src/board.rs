//! The board: QEMU's lm3s6965evb, a Stellaris microcontroller with Ethernet. A program for another board
//! replaces this module: a clock, a serial line, a network device, and an end.

pub mod clock;
pub mod ethernet;
mod memory;
pub mod registers;
pub mod serial;
pub mod stack;

use cortex_m::{
    Peripherals,
    peripheral::{NVIC, SCB},
};
use cortex_m_rt::exception;

use crate::{board::ethernet::Ethernet, heap::HEAP};

/// System control: clocks of the peripherals (data sheet, section 5.4).
const RCGC1: usize = 0x400f_e104;
const RCGC2: usize = 0x400f_e108;

/// Starts clock, serial line, heap and network device. Must be called once.
///
/// # Panics
/// When called again.
pub fn start() -> Ethernet {
    let core = Peripherals::take().expect("the board starts once");
    // UART0; GPIO A, Ethernet MAC and PHY.
    registers::write(RCGC1, 1);
    registers::write(RCGC2, 1 | 1 << 28 | 1 << 30);
    HEAP.begin();
    serial::start();
    clock::start(core.SYST);
    #[cfg(feature = "fault-injection")]
    crate::faults::start();
    let ethernet = Ethernet::start();
    stack::paint();
    // SAFETY: `wait` clears the interrupt before it can be taken.
    unsafe { NVIC::unmask(Ethernet::INTERRUPT) };
    ethernet
}

/// Ends the program: resets the board, which QEMU takes as the end where it is run with `-no-reboot`.
pub fn reset() -> ! {
    #[cfg(feature = "fault-injection")]
    crate::faults::next_boot();
    SCB::sys_reset()
}

/// Waits for a frame or for the next tick of the clock, whichever comes first.
pub fn wait() {
    // With interrupts disabled a pending one still ends `wfi`: a frame that comes after the check is seen,
    // and the interrupt needs no handler.
    cortex_m::interrupt::free(|_| {
        if !Ethernet::has_frame() {
            Ethernet::set_interrupt(true);
            cortex_m::asm::wfi();
            Ethernet::set_interrupt(false);
            NVIC::unpend(Ethernet::INTERRUPT);
        }
    });
}

/// The panic handler of every program. Its message is not linked: texts of panics take kilobytes.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    serial::line("panic", &[]);
    reset()
}

/// A fault of the core, as an access outside of memory.
#[exception]
unsafe fn HardFault(_: &cortex_m_rt::ExceptionFrame) -> ! {
    serial::line("hard fault", &[]);
    reset()
}

/// The table of interrupts, which are never taken; cortex-m-rt's own has 32 or 240 entries.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [usize; 1] = [0];
