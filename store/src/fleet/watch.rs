//! The task beside the handshakes.

use std::{
    sync::Weak,
    time::{Duration, Instant},
};

use super::{Inner, StoreEvent, operation::Operation};
use crate::{Change, RecordKind, Store, StoreError};

/// How often the store is asked whether it answers, and connected to where it does not. With the time limit
/// of an operation this is the time after which a connection that died counts as one, less than a second.
const TICK: Duration = Duration::from_millis(250);

/// How long connecting may take, a TLS handshake included.
const CONNECT: Duration = Duration::from_secs(2);

/// How often ticket keys are read where no change is notified.
const KEYS: Duration = Duration::from_secs(5);

/// Runs until the fleet is dropped.
pub(super) async fn run<S: Store>(fleet: Weak<Inner<S>>) {
    let mut keys_read = Instant::now();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let Some(inner) = fleet.upgrade() else { return };
        tokio::select! {
            change = inner.store.changed() => inner.apply(change).await,
            _ = ticks.tick() => {
                inner.tick().await;
                let period = inner.options.ticket_period.mul_f32(0.25);
                if keys_read.elapsed() >= KEYS.min(period) {
                    keys_read = Instant::now();
                    let _ = inner.refresh_keys().await;
                }
            }
        }
    }
}

impl<S: Store> Inner<S> {
    /// Asks the store, or connects to it.
    async fn tick(&self) {
        if self.health().is_up() {
            let _ = self.call(Operation::Ping, self.store.ping()).await;
            let settled = self.health().settled();
            if let Some(after) = settled {
                (self.observer)(&StoreEvent::Back { after });
            }
            return;
        }
        self.connect().await;
        let is_stale = self.health().turned_stale(self.options.stale);
        if is_stale {
            self.forget_keys().await;
            (self.observer)(&StoreEvent::Stale);
        }
    }

    /// Connects, and reads what was missed. A proxy in front of the store may answer for it, so that the store counts as
    /// back when it has returned the ticket keys, too.
    pub(super) async fn connect(&self) {
        match self.within(CONNECT, self.store.ping()).await {
            Ok(()) => {
                self.cache().doubt();
                if !matches!(self.read_keys().await, Err(StoreError::Unavailable(_))) {
                    self.health().rose();
                }
            }
            Err(why) => self.away(&why.to_string()),
        }
    }

    async fn apply(&self, change: Change) {
        match change {
            Change::Record(RecordKind::TicketKey, _) => {
                let _ = self.refresh_keys().await;
            }
            Change::Record(kind, name) => self.cache().forget(kind, &name),
            Change::Everything => {
                self.cache().doubt();
                let _ = self.refresh_keys().await;
            }
        }
    }
}
