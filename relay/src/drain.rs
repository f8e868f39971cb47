//! The end of a server that lets its connections end.

use std::{future::pending, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Longest time limit: one year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Ends a server gracefully: it accepts no more connections, and those that are open have a time limit to end by
/// themselves. Clones share one state.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
///
/// let drain = handclasp_relay::Drain::new();
/// assert!(!drain.is_started());
/// drain.start(Duration::ZERO);
/// drain.started().await;
/// drain.expired().await;
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Drain {
    /// When connections that still run are ended; `None` until the drain starts.
    end: watch::Sender<Option<Instant>>,
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drain {
    /// A drain that has not started.
    pub fn new() -> Self {
        Self { end: watch::Sender::new(None) }
    }

    /// Starts: no connection is accepted any more, and those that still run after `limit` are ended. Starting again
    /// can only bring the end forward.
    pub fn start(&self, limit: Duration) {
        let now = Instant::now();
        let end = now.checked_add(limit.min(LONGEST)).unwrap_or(now);
        self.end.send_modify(|set| *set = Some(set.map_or(end, |earlier| earlier.min(end))));
    }

    /// Whether it has started.
    pub fn is_started(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Waits for the start.
    pub async fn started(&self) {
        let mut end = self.end.subscribe();
        // The sender is `self`: it outlives this call.
        let _started = end.wait_for(Option::is_some).await;
    }

    /// Runs a phase of a connection; `None` where the time limit ends first, and then the phase is dropped.
    pub async fn limit<F: Future>(&self, phase: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = phase => Some(output),
            () = self.expired() => None,
        }
    }

    /// Waits for the end of the time limit. Connections that still run are to be ended then.
    pub async fn expired(&self) {
        let mut changes = self.end.subscribe();
        loop {
            let end = *changes.borrow_and_update();
            let limit = async {
                match end {
                    Some(end) => sleep_until(end).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = limit => return,
                changed = changes.changed() => if changed.is_err() { pending().await },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_secs(10);
    const LONG: Duration = Duration::from_secs(3600);

    /// How long a connection runs that a drain ends, which is started with these limits, a second apart.
    async fn time(limits: [Duration; 2]) -> Duration {
        let drain = Drain::new();
        let begun = Instant::now();
        let connection = tokio::spawn({
            let drain = drain.clone();
            async move { drain.limit(pending::<()>()).await }
        });
        for limit in limits {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drain.start(limit);
        }
        assert_eq!(connection.await.unwrap(), None);
        begun.elapsed()
    }

    /// A second signal with less time ends what runs; one with more gives no more time.
    #[tokio::test(start_paused = true)]
    async fn starting_again_only_brings_the_end_forward() {
        for (limits, expected) in [
            ([SHORT, LONG], 11),
            ([LONG, SHORT], 12),
            ([LONG, Duration::ZERO], 2),
            ([Duration::MAX, SHORT], 12),
        ] {
            assert_eq!(time(limits).await.as_secs(), expected, "{limits:?}");
        }
    }

    /// A phase that is over when the time limit is has its result.
    #[tokio::test(start_paused = true)]
    async fn a_phase_that_is_over_is_not_cut_off() {
        let drain = Drain::new();
        drain.start(Duration::ZERO);
        drain.expired().await;
        assert_eq!(drain.limit(async { 7 }).await, Some(7));
    }
}
