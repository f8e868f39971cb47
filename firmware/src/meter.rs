//! What the calls of the TLS stack take: instructions in all, and the longest single call, during which
//! nothing else runs: the network is not polled.

use crate::{
    board::{
        clock::{self, INSTRUCTIONS_PER_TICK},
        serial, stack,
    },
    heap::HEAP,
};

/// Counts calls. Instructions are exact to 80 a call, under QEMU with `-icount shift=0`.
#[derive(Default)]
pub struct Meter {
    ticks: u32,
    longest: u32,
}

impl Meter {
    /// Runs a call of the TLS stack and counts it, if its result says that it did something.
    pub fn run<R>(&mut self, call: impl FnOnce() -> R, counts: impl FnOnce(&R) -> bool) -> R {
        let before = clock::ticks();
        let value = call();
        let taken = clock::ticks().wrapping_sub(before);
        if counts(&value) {
            self.ticks = self.ticks.wrapping_add(taken);
            self.longest = self.longest.max(taken);
        }
        value
    }

    /// Prints the figures so far over the serial line; memory is counted from the start of the program.
    pub fn print(&self) {
        let heap = HEAP.count();
        let instructions = |ticks: u32| ticks.wrapping_mul(INSTRUCTIONS_PER_TICK) as usize;
        serial::line(
            "figures",
            &[
                ("heap", heap.peak),
                ("idle", heap.now),
                ("allocations", heap.allocations),
                ("stack", stack::peak()),
                ("instructions", instructions(self.ticks)),
                ("longest", instructions(self.longest)),
            ],
        );
    }
}
