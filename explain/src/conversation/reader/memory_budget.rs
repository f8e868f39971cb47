//! What all conversations of a capture may hold together, however many are open and whatever they
//! send: [`ALL`] bytes, and beyond that [`SHARE`] for each that is open. A conversation that would
//! hold more is told as far as it was read.

use std::cell::Cell;

use super::ConversationReader;

/// Bytes of all stories and of all records, messages and transcripts under way. Thousands of real
/// handshakes fit, with chains of 5 KB each.
pub(crate) const ALL: usize = 64 << 20;

/// Bytes that every conversation may hold all the same: a record that is not whole yet, and the
/// beginning of its story.
pub(crate) const SHARE: usize = 32 << 10;

/// How much is held.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    held: Cell<usize>,
}

impl Budget {
    /// Somebody holds so much now, and held so much before.
    pub fn change(&self, before: usize, now: usize) {
        self.held.set(self.held.get().saturating_sub(before).saturating_add(now));
    }

    /// Whether somebody who holds so much must stop.
    pub fn is_spent(&self, own: usize) -> bool {
        own > SHARE && self.held.get() > ALL
    }
}

impl ConversationReader {
    /// Counts what is held, and stops where that is too much.
    pub(super) fn count(&mut self) {
        let held = self.builder.held()
            + self.negotiated.transcript.len()
            + [&self.client, &self.server]
                .map(|direction| direction.stream.held() + direction.reassembler.pending())
                .iter()
                .sum::<usize>();
        self.budget.change(self.counted, held);
        self.counted = held;
        if self.budget.is_spent(held) {
            self.negotiated.forget_transcript();
            self.builder.close();
            for direction in [&mut self.client, &mut self.server] {
                direction.stream.end();
                direction.reassembler.give_up();
            }
        }
    }
}
