//! Measures the calls of one side: peak stack, and instructions.

use cortex_m::peripheral::{SYST, syst::SystClkSource};

use crate::{
    heap::{Account, HEAP},
    stack,
};

/// With QEMU's `-icount shift=0` an instruction takes a nanosecond. The core clock of this board starts
/// at 200 MHz / 16, a tick of 80 ns.
const INSTRUCTIONS_PER_TICK: u32 = 80;

/// SysTick counts down from 24 bits: over a billion instructions between two readings.
const TICKS: u32 = 0x00ff_ffff;

/// Resources that the calls of one side used so far.
#[derive(Clone, Copy, Default)]
pub struct Taken {
    /// Peak stack in bytes.
    pub stack: usize,
    /// Instructions, accurate to about 80 per call. Meaningless without `-icount`.
    pub instructions: u32,
}

/// Measures the calls of both sides.
pub struct Meter {
    client: Taken,
    server: Taken,
}

impl Meter {
    /// Starts SysTick and returns a meter.
    pub fn new(mut ticker: SYST) -> Self {
        ticker.set_clock_source(SystClkSource::Core);
        ticker.set_reload(TICKS);
        ticker.clear_current();
        ticker.enable_counter();
        Self { client: Taken::default(), server: Taken::default() }
    }

    /// Runs `work` and charges it to `account`.
    pub fn run<R>(&mut self, account: Account, work: impl FnOnce() -> R) -> R {
        HEAP.charge(account);
        let painted_from = stack::paint();
        let before = SYST::get_current();
        let value = apart(work);
        let after = SYST::get_current();
        let stack = stack::depth(painted_from);

        let taken = match account {
            Account::Client => &mut self.client,
            Account::Server => &mut self.server,
        };
        taken.stack = taken.stack.max(stack);
        taken.instructions += (before.wrapping_sub(after) & TICKS) * INSTRUCTIONS_PER_TICK;
        value
    }

    /// Returns the resources that the calls of `account` used so far.
    pub fn of(&self, account: Account) -> Taken {
        match account {
            Account::Client => self.client,
            Account::Server => self.server,
        }
    }

    /// Resets all counters.
    pub fn forget(&mut self) {
        self.client = Taken::default();
        self.server = Taken::default();
    }
}

/// Runs in its own stack frame, so that the stack of the work lies below the painted area's start.
#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}
