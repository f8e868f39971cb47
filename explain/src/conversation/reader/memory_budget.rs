//! The memory of all conversations of a capture: [`ALL`] bytes, and beyond that [`SHARE`] for each open
//! one. A conversation that exceeds both is read no further.

use std::cell::Cell;

use super::ConversationReader;

/// Limit on the bytes of all conversations: events, incomplete records and messages, transcripts. Enough
/// for thousands of handshakes with certificate chains of 5 KB.
pub(crate) const ALL: usize = 64 << 20;

/// Bytes that each conversation may hold regardless: an incomplete record and its first events.
pub(crate) const SHARE: usize = 32 << 10;

/// The bytes in use.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    held: Cell<usize>,
}

impl Budget {
    /// Replaces a contribution of `before` bytes by `now` bytes.
    pub fn change(&self, before: usize, now: usize) {
        self.held.set(self.held.get().saturating_sub(before).saturating_add(now));
    }

    /// Whether a conversation that holds `own` bytes must stop.
    pub fn is_spent(&self, own: usize) -> bool {
        own > SHARE && self.held.get() > ALL
    }
}

impl ConversationReader {
    /// Updates the contribution of this conversation, and stops reading if the budget is spent.
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
            self.negotiated.drop_transcript();
            self.builder.close();
            for direction in [&mut self.client, &mut self.server] {
                direction.stream.end();
                direction.reassembler.take_incomplete();
            }
        }
    }
}
