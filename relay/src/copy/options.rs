//! Options of a relay.

use std::time::Duration;

/// Options of a relay: its idle limit.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct CopyOptions {
    /// Ends a relay that has not moved a byte for this long.
    pub idle_limit: Option<Duration>,
}

impl CopyOptions {
    /// Ends relays that have not moved a byte for this long.
    #[must_use]
    pub fn idle_limit(mut self, limit: Option<Duration>) -> Self {
        self.idle_limit = limit;
        self
    }
}
