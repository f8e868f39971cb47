//! The clocks: seconds since 1970 for certificates and tickets, instants for deadlines.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use handclasp_connection::{Config, Context};

use crate::provider::SystemRandom;

/// Seconds since 1970-01-01 UTC.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The end of a time limit that begins now; `None` where there is none, or the clock does not reach
/// so far.
pub(crate) fn deadline_after(limit: Option<Duration>) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}

/// Calls `body` with the configuration, the time and randomness.
pub(crate) fn with_context<R>(config: &Config, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    body(&mut Context { config, now: now(), random: &mut SystemRandom })
}
