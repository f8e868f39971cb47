//! Limits on what clients can hold of this machine: connections, handshakes in flight, and both for one address.
//!
//! Over a limit a handshake gives way to the new client: one whose client has sent nothing for [`SILENT_GRACE`], since
//! a client of TLS speaks first; else the one that has been unfinished longest, once it has had [`GRACE`].
//! Connections whose handshake is complete never give way; where they fill a limit, new clients wait in the backlog of
//! the listener. Over the limit of one address, a silent handshake of that address gives way at once, and one that has
//! had its time; else the new client is closed.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use crate::{LimitKind, Peer, Refusal, origin::Origin, turns::Turns};

/// How long a handshake is safe from giving way, but for the limit of its own address.
const GRACE: Duration = Duration::from_secs(1);

/// The same of one whose client has not sent a byte: its ClientHello comes right behind the end of the TCP handshake,
/// unless a packet was lost.
const SILENT_GRACE: Duration = Duration::from_millis(250);

/// Maximum numbers of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections, with those whose handshake is in flight.
    pub connections: usize,
    /// Handshakes in flight.
    pub handshakes: usize,
    /// Connections of one IPv4 address or IPv6 /64. Less than `handshakes`, so that a single address cannot make
    /// others wait. Clients of UNIX sockets have no address.
    pub per_address: usize,
}

impl Limits {
    /// Limits on connections, on handshakes in flight, and on connections of one address.
    pub fn new(connections: usize, handshakes: usize, per_address: usize) -> Self {
        Self { connections, handshakes, per_address }
    }
}

/// 10,000 connections, 1,500 handshakes, 1,024 of one address. An idle connection is a task of a few kilobytes.
impl Default for Limits {
    fn default() -> Self {
        Self::new(10_000, 1_500, 1_024)
    }
}

/// Admits connections within [`Limits`] and counts them. Clones share the counts, so that several listeners have one limit.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    open: Mutex<Open>,
    turns: Turns,
    /// A slot became free.
    freed: Notify,
    /// The last slot became free.
    emptied: Notify,
}

#[derive(Default)]
struct Open {
    limits: Limits,
    next: u64,
    connections: usize,
    by_origin: HashMap<Origin, usize>,
    /// Handshakes in flight, oldest first.
    handshakes: BTreeMap<u64, Handshake>,
}

struct Handshake {
    origin: Option<Origin>,
    begun: Instant,
    state: Arc<SlotState>,
}

/// What the gate and the task of a client share.
#[derive(Default)]
struct SlotState {
    /// Whether the client has sent a byte.
    has_spoken: Arc<AtomicBool>,
    /// Set when the handshake gives way.
    displaced: OnceLock<Refusal>,
    woken: Notify,
}

impl Handshake {
    /// How long it is still safe from giving way, and whether its client has spoken: the least of several gives way
    /// first.
    fn safe_for(&self, now: Instant) -> (Duration, bool) {
        let has_spoken = self.state.has_spoken.load(Ordering::Relaxed);
        let grace = if has_spoken { GRACE } else { SILENT_GRACE };
        (grace.saturating_sub(now.saturating_duration_since(self.begun)), has_spoken)
    }
}

/// The slot of an admitted client in the counts of a [`Gate`]; dropping it frees the slot.
pub struct Slot {
    gate: Gate,
    number: u64,
    origin: Option<Origin>,
    state: Arc<SlotState>,
    is_finished: bool,
}

impl Gate {
    /// A gate with all slots free.
    pub fn new(limits: Limits) -> Self {
        let open = Mutex::new(Open { limits, ..Open::default() });
        Self(Arc::new(Inner { open, turns: Turns::default(), freed: Notify::new(), emptied: Notify::new() }))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present limits.
    pub fn limits(&self) -> Limits {
        self.open().limits
    }

    /// Other limits from now on. Connections above them stay.
    pub fn set_limits(&self, limits: Limits) {
        self.open().limits = limits;
        self.0.freed.notify_one();
    }

    /// Connections that are open, with those whose handshake is in flight.
    pub fn connections(&self) -> usize {
        self.open().connections
    }

    /// Whether half of the permitted handshakes are in flight, or more: time to make clients prove that they answer
    /// before anything is computed for them.
    pub fn is_busy(&self) -> bool {
        let Open { handshakes, limits, .. } = &*self.open();
        handshakes.len().saturating_mul(2) >= limits.handshakes
    }

    /// Waits until nothing is open.
    pub async fn empty(&self) {
        loop {
            let emptied = self.0.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.connections() == 0 {
                return;
            }
            emptied.await;
        }
    }

    /// Admits a client as soon as there is a slot for it.
    ///
    /// # Errors
    /// Its address has all that one address may have.
    pub async fn admit(&self, client: &Peer) -> Result<Slot, Refusal> {
        self.admit_from(Origin::of(client)).await
    }

    /// Admits a client behind a proxy as soon as there is a slot for it. It counts for no address until
    /// [`Slot::belongs_to`] names its own.
    pub async fn admit_proxied(&self) -> Result<Slot, Refusal> {
        self.admit_from(None).await
    }

    async fn admit_from(&self, origin: Option<Origin>) -> Result<Slot, Refusal> {
        loop {
            let full = {
                let mut open = self.open();
                open.free_slot_for(origin)?;
                match open.full() {
                    None => return Ok(self.enter(&mut open, origin)),
                    Some(full) => full,
                }
            };
            self.wait(full, None).await;
        }
    }

    /// For a machine without a descriptor or memory for one more client: waits for a slot to become free, for at most
    /// as long as `pause`; the oldest handshake gives way if it has had its time.
    pub async fn free_slot(&self, pause: Duration, full: LimitKind) {
        self.wait(full, Some(pause)).await;
    }

    /// Waits for a change, or until the oldest handshake has had its time and gives way.
    async fn wait(&self, full: LimitKind, pause: Option<Duration>) {
        let freed = self.0.freed.notified();
        tokio::pin!(freed);
        freed.as_mut().enable();
        let left = {
            let mut open = self.open();
            // A slot that became free before this call is seen here, not by `freed`.
            if pause.is_none() && open.full().is_none() {
                return;
            }
            match (open.next_to_go(), pause) {
                (Some((number, left)), pause) if left.is_zero() => {
                    open.give_way(number, full);
                    // What it holds of the machine is free when its task has ended.
                    match pause {
                        None => return,
                        pause => pause,
                    }
                }
                (Some((_, left)), pause) => Some(pause.map_or(left, |pause| pause.min(left))),
                (None, pause) => pause,
            }
        };
        match left {
            None => freed.await,
            Some(left) => drop(timeout(left, freed).await),
        }
    }

    fn enter(&self, open: &mut Open, origin: Option<Origin>) -> Slot {
        let number = open.next;
        open.next = open.next.wrapping_add(1);
        open.connections = open.connections.saturating_add(1);
        open.came(origin);
        let state = Arc::<SlotState>::default();
        open.handshakes
            .insert(number, Handshake { origin, begun: Instant::now(), state: Arc::clone(&state) });
        Slot { gate: self.clone(), number, origin, state, is_finished: false }
    }
}

impl Open {
    fn of(&self, origin: Option<Origin>) -> usize {
        origin.and_then(|origin| self.by_origin.get(&origin)).copied().unwrap_or_default()
    }

    /// Frees a slot for one more client of this origin.
    fn free_slot_for(&mut self, origin: Option<Origin>) -> Result<(), Refusal> {
        if self.of(origin) < self.limits.per_address {
            return Ok(());
        }
        // A handshake that is going on is worth more than one that begins: a flood from one address costs no more
        // signatures than the limit and the time permit.
        let number =
            self.displaceable(origin).ok_or(Refusal::PerAddress { limit: self.limits.per_address })?;
        self.give_way(number, LimitKind::PerAddress);
        Ok(())
    }

    /// Counts one more connection of an origin.
    fn came(&mut self, origin: Option<Origin>) {
        if let Some(origin) = origin {
            let count = self.by_origin.entry(origin).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// The handshake of this origin that gives way to another one of the same: a silent one, however young, else the
    /// oldest that has had its time.
    fn displaceable(&self, origin: Option<Origin>) -> Option<u64> {
        let now = Instant::now();
        let of_origin = self.handshakes.iter().filter(|(_, handshake)| handshake.origin == origin);
        let safe_for = of_origin.map(|(number, handshake)| (*number, handshake.safe_for(now)));
        let first = safe_for.min_by_key(|(_, (left, has_spoken))| (*has_spoken, *left));
        first.filter(|(_, (left, has_spoken))| !has_spoken || left.is_zero()).map(|(number, _)| number)
    }

    /// The handshake that gives way first, and how long it is still safe.
    fn next_to_go(&self) -> Option<(u64, Duration)> {
        let now = Instant::now();
        let all = self.handshakes.iter().map(|(number, handshake)| (*number, handshake.safe_for(now)));
        // The first of those that are safe for no longer is the oldest.
        all.min_by_key(|(_, safe_for)| *safe_for).map(|(number, (left, _))| (number, left))
    }

    /// The limit that is reached.
    fn full(&self) -> Option<LimitKind> {
        if self.connections >= self.limits.connections {
            Some(LimitKind::Connections)
        } else {
            (self.handshakes.len() >= self.limits.handshakes).then_some(LimitKind::Handshakes)
        }
    }

    /// Ends a handshake for the sake of others; its task is woken and closes the connection.
    fn give_way(&mut self, number: u64, limit: LimitKind) {
        let Some(handshake) = self.handshakes.remove(&number) else { return };
        self.left(handshake.origin);
        let age = Instant::now().saturating_duration_since(handshake.begun);
        let _first = handshake.state.displaced.set(Refusal::Displaced { limit, age });
        handshake.state.woken.notify_one();
    }

    /// A connection ended.
    fn left(&mut self, origin: Option<Origin>) {
        self.connections = self.connections.saturating_sub(1);
        let Some(origin) = origin else { return };
        if let Some(count) = self.by_origin.get_mut(&origin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_origin.remove(&origin);
            }
        }
    }
}

impl Slot {
    /// Marks the handshake as complete: from here on this connection keeps its slot. `false`: the slot was lost before.
    pub fn finish(&mut self) -> bool {
        let was_in_flight = self.gate.open().handshakes.remove(&self.number).is_some();
        self.is_finished |= was_in_flight;
        if was_in_flight {
            self.gate.0.freed.notify_one();
        }
        self.is_finished
    }

    /// Counts a client that [`Gate::admit_proxied`] admitted for its own address.
    ///
    /// # Errors
    /// Its address has all that one address may have, or its handshake has given way already.
    pub fn belongs_to(&mut self, client: &Peer) -> Result<(), Refusal> {
        let mut open = self.gate.open();
        if let Some(refusal) = self.state.displaced.get() {
            return Err(*refusal);
        }
        let origin = Origin::of(client);
        open.free_slot_for(origin)?;
        open.came(origin);
        if let Some(handshake) = open.handshakes.get_mut(&self.number) {
            handshake.origin = origin;
        }
        self.origin = origin;
        Ok(())
    }

    /// The turns in which the handshakes of the gate compute.
    pub(crate) fn turns(&self) -> Turns {
        self.gate.0.turns.clone()
    }

    /// To be set when the client has sent a byte.
    pub fn has_spoken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.state.has_spoken)
    }

    /// Waits until the handshake has to give way to another client: the connection is to be closed then.
    pub async fn displaced(&self) -> Refusal {
        loop {
            if let Some(refusal) = self.displacement() {
                return refusal;
            }
            self.state.woken.notified().await;
        }
    }

    /// Why the handshake gave way, if it did.
    pub fn displacement(&self) -> Option<Refusal> {
        self.state.displaced.get().copied()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.gate.open();
        if self.is_finished || open.handshakes.remove(&self.number).is_some() {
            open.left(self.origin);
        }
        let is_empty = open.connections == 0;
        drop(open);
        self.gate.0.freed.notify_one();
        if is_empty {
            self.gate.0.emptied.notify_waiters();
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("connections", &self.connections()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("is_finished", &self.is_finished).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
