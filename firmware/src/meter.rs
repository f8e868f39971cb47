//! What a side's calls take: stack at most, and instructions.

use cortex_m::peripheral::{SYST, syst::SystClkSource};

use crate::{
    heap::{Account, HEAP},
    stack,
};

/// Under QEMU's `-icount shift=0` an instruction takes a nanosecond; this board's core clock
/// starts as 200 MHz / 16, a tick of 80 ns.
const INSTRUCTIONS_PER_TICK: u32 = 80;

/// SysTick counts down in 24 bits: more than a billion instructions between two readings.
const TICKS: u32 = 0x00ff_ffff;

/// What the calls of one side took so far.
#[derive(Clone, Copy, Default)]
pub struct Taken {
    /// Bytes of stack at most.
    pub stack: usize,
    /// Instructions, exact to some 80 for each call. Without `-icount` they mean nothing.
    pub instructions: u32,
}

/// Measures the calls of two sides.
pub struct Meter {
    client: Taken,
    server: Taken,
}

impl Meter {
    /// Starts SysTick.
    pub fn new(mut ticker: SYST) -> Self {
        ticker.set_clock_source(SystClkSource::Core);
        ticker.set_reload(TICKS);
        ticker.clear_current();
        ticker.enable_counter();
        Self { client: Taken::default(), server: Taken::default() }
    }

    /// Does `work` at the expense of `account`.
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

    /// What the calls of `account` took so far.
    pub fn of(&self, account: Account) -> Taken {
        match account {
            Account::Client => self.client,
            Account::Server => self.server,
        }
    }

    /// Starts counting afresh.
    pub fn forget(&mut self) {
        self.client = Taken::default();
        self.server = Taken::default();
    }
}

/// In a frame of its own, so that what the work keeps on the stack lies below the paint.
#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}
