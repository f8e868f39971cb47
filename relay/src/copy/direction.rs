//! One direction of a relay: its state, and how much it moves before the other direction has its turn.

use std::task::{Context, Poll};

/// Bytes that a direction moves in one poll, and few more: about half a millisecond, in which the other direction and the
/// other tasks of the thread wait.
pub(super) const TURN: u64 = if cfg!(test) { 16 * 1024 } else { 1024 * 1024 };

/// One direction of a relay.
pub(super) struct Direction {
    pub(super) state: State,
    /// Bytes that were moved.
    pub(super) count: u64,
    /// The count at which the turn is over.
    turn_end: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// The sender has ended; the receiver is being given the end.
    Ending,
    /// The receiver has the end.
    Ended,
    /// The receiver takes nothing more: what the sender still sends is read and dropped.
    Dropping,
    /// The receiver is gone; the sender is not read.
    Gone,
}

impl Direction {
    pub(super) fn new() -> Self {
        Self { state: State::Open, count: 0, turn_end: TURN }
    }

    pub(super) fn moved(&mut self, count: usize) {
        self.count = self.count.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// With each poll of the relay a turn begins.
    pub(super) fn begin_turn(&mut self) {
        self.turn_end = self.count.saturating_add(TURN);
    }

    /// Pending once the turn is over; then the task is polled again behind the others.
    pub(super) fn poll_turn(&self, cx: &Context<'_>) -> Poll<()> {
        if self.count < self.turn_end {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
