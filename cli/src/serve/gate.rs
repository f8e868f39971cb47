//! Bounds on what clients can hold of this machine: connections, handshakes in flight, and both for
//! one address.
//!
//! Over a bound a handshake gives way to the new client: one whose client has said nothing for
//! [`SILENT_GRACE`], since a client of TLS speaks first; else the one that has been unfinished
//! longest, once it has had [`GRACE`]. Connections whose
//! handshake is finished never give way; where they fill the bound, new clients wait, and over the
//! bound of one address they are closed.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr, Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{args::Limits, say::Repeated};

/// How long a handshake is safe from giving way, but for the bound of its own address.
pub const GRACE: Duration = Duration::from_secs(1);

/// The same of one whose client has not sent a byte: its ClientHello comes right behind the end of
/// the TCP handshake, unless a packet was lost.
const SILENT_GRACE: Duration = Duration::from_millis(250);

/// What is open, and what may be.
pub struct Gate {
    limits: Limits,
    open: Mutex<Open>,
    /// A place became free.
    freed: Condvar,
    gave_way: Repeated,
    refused: Repeated,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: usize,
    by_origin: HashMap<Origin, usize>,
    /// Handshakes in flight, oldest first.
    handshakes: BTreeMap<u64, Handshake>,
}

struct Handshake {
    origin: Origin,
    peer: SocketAddr,
    begun: Instant,
    socket: Arc<TcpStream>,
    /// Whether the client has sent a byte.
    has_spoken: Arc<AtomicBool>,
}

impl Handshake {
    /// How long it is still safe from giving way, and whether its client has spoken: the least of
    /// several gives way first.
    fn safe_for(&self) -> (Duration, bool) {
        let has_spoken = self.has_spoken.load(Ordering::Relaxed);
        let grace = if has_spoken { GRACE } else { SILENT_GRACE };
        (grace.saturating_sub(self.begun.elapsed()), has_spoken)
    }
}

/// Whom the bound of one address counts together: an IPv4 address, or an IPv6 /64, which is what
/// one host usually has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Origin(IpAddr);

impl Origin {
    fn of(peer: SocketAddr) -> Self {
        Self(match peer.ip().to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        })
    }
}

/// A client that is in. Its place is free again when this is dropped.
pub struct Position<'g> {
    gate: &'g Gate,
    number: u64,
    origin: Origin,
    finished: bool,
    has_spoken: Arc<AtomicBool>,
}

impl Gate {
    /// With nothing open.
    pub fn new(limits: Limits) -> Self {
        let (open, freed) = (Mutex::default(), Condvar::new());
        Self { limits, open, freed, gave_way: Repeated::default(), refused: Repeated::default() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a client in, as soon as there is room for it. `None`: its address has all that one
    /// address may have.
    pub fn admit(&self, socket: &Arc<TcpStream>, peer: SocketAddr) -> Option<Position<'_>> {
        let origin = Origin::of(peer);
        let mut open = self.open();
        if open.of(origin) >= self.limits.max_per_address {
            let Some(number) = open.oldest_of(origin) else {
                drop(open);
                self.refused.tell(|| {
                    let most = self.limits.max_per_address;
                    format!("{peer} closed: its address has {most} connections (--max-per-address)")
                });
                return None;
            };
            self.give_way(&mut open, number, "--max-per-address");
        }
        while let Some(flag) = open.is_full(&self.limits) {
            open = self.wait(open, flag, None);
        }
        Some(self.enter(&mut open, socket, origin, peer))
    }

    /// Makes room where the machine has none: waits for a place to become free, for at most as
    /// long as `pause`; the oldest handshake gives way if it has had its time.
    pub fn make_room(&self, pause: Duration, reason: &str) {
        drop(self.wait(self.open(), reason, Some(pause)));
    }

    /// Waits for a change, or until the oldest handshake has had its time and gives way.
    fn wait<'g>(
        &'g self,
        mut open: MutexGuard<'g, Open>,
        reason: &str,
        pause: Option<Duration>,
    ) -> MutexGuard<'g, Open> {
        let next = open.handshakes.iter().map(|(number, handshake)| (*number, handshake.safe_for()));
        // The first of those that are safe for no longer is the oldest.
        let next = next.min_by_key(|(_, safe_for)| *safe_for).map(|(number, (left, _))| (number, left));
        let left = match next {
            Some((number, left)) if left.is_zero() => {
                self.give_way(&mut open, number, reason);
                // What it holds of the machine is free when its thread has seen the end.
                pause
            }
            Some((_, left)) => Some(pause.map_or(left, |pause| pause.min(left))),
            None => pause,
        };
        if left.is_none() && next.is_some() {
            return open;
        }
        match left {
            None => self.freed.wait(open).unwrap_or_else(PoisonError::into_inner),
            Some(left) => self.freed.wait_timeout(open, left).unwrap_or_else(PoisonError::into_inner).0,
        }
    }

    fn enter(
        &self,
        open: &mut Open,
        socket: &Arc<TcpStream>,
        origin: Origin,
        peer: SocketAddr,
    ) -> Position<'_> {
        let number = open.next;
        open.next += 1;
        open.connections += 1;
        *open.by_origin.entry(origin).or_default() += 1;
        let (begun, socket, has_spoken) = (Instant::now(), Arc::clone(socket), Arc::default());
        let handshake = Handshake { origin, peer, begun, socket, has_spoken: Arc::clone(&has_spoken) };
        open.handshakes.insert(number, handshake);
        Position { gate: self, number, origin, finished: false, has_spoken }
    }

    /// Ends a handshake for the sake of others. Its thread sees the end of the transport.
    fn give_way(&self, open: &mut Open, number: u64, reason: &str) {
        let Some(handshake) = open.handshakes.remove(&number) else { return };
        open.left(handshake.origin);
        let _ = handshake.socket.shutdown(Shutdown::Both);
        self.gave_way.tell(|| {
            let (peer, time) = (handshake.peer, handshake.begun.elapsed().as_secs_f64());
            format!(
                "{peer} closed: its handshake, unfinished for {time:.1} s, was dropped in favour of another \
                 client ({reason})"
            )
        });
    }
}

impl Open {
    fn of(&self, origin: Origin) -> usize {
        self.by_origin.get(&origin).copied().unwrap_or_default()
    }

    /// The handshake of this origin that gives way first: a silent one, else the oldest.
    fn oldest_of(&self, origin: Origin) -> Option<u64> {
        let of_origin = self.handshakes.iter().filter(|(_, handshake)| handshake.origin == origin);
        of_origin.min_by_key(|(_, handshake)| handshake.safe_for()).map(|(number, _)| *number)
    }

    /// The flag whose bound is reached.
    fn is_full(&self, limits: &Limits) -> Option<&'static str> {
        if self.connections >= limits.max_connections {
            Some("--max-connections")
        } else {
            (self.handshakes.len() >= limits.max_handshakes).then_some("--max-handshakes")
        }
    }

    /// A connection ended.
    fn left(&mut self, origin: Origin) {
        self.connections = self.connections.saturating_sub(1);
        if let Some(count) = self.by_origin.get_mut(&origin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_origin.remove(&origin);
            }
        }
    }
}

impl Position<'_> {
    /// The handshake is finished: from here on this connection gives way to nobody. `false`: it
    /// has done so already.
    pub fn finish(&mut self) -> bool {
        self.finished = self.gate.open().handshakes.remove(&self.number).is_some();
        self.gate.freed.notify_all();
        self.finished
    }

    /// To be set when the client has sent a byte.
    pub fn has_spoken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.has_spoken)
    }

    /// Whether it gave way to another client.
    pub fn gave_way(&self) -> bool {
        !self.finished && !self.gate.open().handshakes.contains_key(&self.number)
    }
}

impl Drop for Position<'_> {
    fn drop(&mut self) {
        let mut open = self.gate.open();
        if self.finished || open.handshakes.remove(&self.number).is_some() {
            open.left(self.origin);
        }
        drop(open);
        self.gate.freed.notify_all();
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
