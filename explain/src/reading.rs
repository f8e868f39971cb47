//! Reading TLS in one conversation as it happens: records, messages, keys where there are any.
//! Passive: nothing is decided here, and what cannot be read is noted.
//!
//! Called by: `explained`.

use crate::evidence::Evidence;
use crate::happening::Happening;
use crate::story::Story;

/// Reads one conversation.
pub(crate) struct Reading<'e> {
    _evidence: &'e Evidence,
    story: Story,
}

impl<'e> Reading<'e> {
    /// Begins.
    pub fn new(evidence: &'e Evidence, client: String, server: String, begins_late: bool) -> Self {
        Self { _evidence: evidence, story: Story { client, server, begins_late, ..Story::default() } }
    }

    /// Takes the next thing that happened.
    pub fn happened(&mut self, _happening: &Happening<'_>) {}

    /// The story, when the capture has ended or the conversation has.
    pub fn finish(self) -> Story {
        self.story
    }
}
