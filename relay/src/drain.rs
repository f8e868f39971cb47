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
