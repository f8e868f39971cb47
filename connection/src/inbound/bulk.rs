//! Several records lent out together, and the buffer that has grown for them.

use core::ops::Range;

use handclasp_report::FaultCode;

use super::{Inbound, Record};

/// Bytes that a buffer with the beginning of a record keeps: two records of any length.
const ENOUGH: usize = 32 * 1024;

impl Inbound {
    /// Lends the content of another application record as well, moved to the end of what is lent out.
    pub(crate) fn lend_more(&mut self, content: Range<usize>) {
        let end = self.content.end.saturating_add(content.len());
        self.buffer.copy_within(content, self.content.end);
        self.content.end = end;
    }

    /// Whether content is lent out and nothing was decrypted behind it that is not.
    pub(crate) fn may_lend_more(&self) -> bool {
        self.behind.is_empty() && !self.readable().is_empty()
    }

    /// Keeps a record or fault for [`Inbound::next_record`] until the content before it is consumed.
    pub(crate) fn keep_behind(&mut self, next: Result<Record, FaultCode>) {
        self.behind.keep(next);
    }

    /// Gives back what the buffer grew by beyond what the rest of a record needs.
    pub(crate) fn shrink(&mut self) {
        let kept = ENOUGH.max(self.filled.saturating_sub(self.start));
        if kept < self.buffer.len() && self.content.is_empty() && self.behind.is_empty() {
            self.move_to_front();
            self.content = 0..0;
            self.buffer.truncate(kept);
            self.buffer.shrink_to_fit();
        }
    }
}
