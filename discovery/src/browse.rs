//! The peers of a service, as they come and go.

use std::{
    fmt,
    time::{Duration, Instant},
};

use mdns_sd::{Receiver, RecvTimeoutError, ServiceEvent};

use crate::{DiscoveryError, Peer, ServiceName, ServiceType, daemon::Daemon};

/// How many peers a [`Browser`] keeps. Those that are announced later are counted and left out.
pub const PEERS_MAX: usize = 256;

/// Announcements that are left out before the search ends: the library keeps each until it expires.
const IGNORED_MAX: u64 = 4096;

/// What has changed on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerEvent {
    /// A name that was not announced before.
    Found(Peer),
    /// Other addresses or pins of a name: its own change, or another machine's announcement of the same name.
    Changed(Peer),
    /// The name was withdrawn, or its announcement has expired.
    Gone(ServiceName),
}

/// A search for the peers of a service, which lasts until it is dropped.
pub struct Browser {
    events: Receiver<ServiceEvent>,
    of_type: ServiceType,
    table: Table,
    /// Stops the search when it is dropped.
    _daemon: Daemon,
}

impl Browser {
    /// Begins to search on all interfaces but loopback.
    ///
    /// # Errors
    /// The thread of multicast DNS cannot be started.
    pub fn start(of_type: &ServiceType) -> Result<Self, DiscoveryError> {
        let daemon = Daemon::start()?;
        let events = daemon.browse(&of_type.domain_name())?;
        Ok(Self { events, of_type: of_type.clone(), table: Table::default(), _daemon: daemon })
    }

    /// Waits for the next change; `None` if there was none within the time.
    ///
    /// # Errors
    /// [`DiscoveryError::TooMany`] for a flood of announcements: the search has ended.
    pub fn next_within(&mut self, time: Duration) -> Result<Option<PeerEvent>, DiscoveryError> {
        let deadline = Instant::now().checked_add(time);
        loop {
            if self.table.ignored > IGNORED_MAX {
                return Err(DiscoveryError::TooMany);
            }
            let left = deadline.map_or(time, |end| end.saturating_duration_since(Instant::now()));
            let event = match self.events.recv_timeout(left) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                // The library ends a search whose events are not read in time.
                Err(RecvTimeoutError::Disconnected) => return Err(DiscoveryError::TooMany),
            };
            if let Some(event) = self.table.event(event, &self.of_type) {
                return Ok(Some(event));
            }
        }
    }

    /// The peers that are announced now, in the order in which they were found.
    pub fn peers(&self) -> &[Peer] {
        &self.table.peers
    }

    /// Announcements that were left out: names that RFC 6763 forbids, and peers above [`PEERS_MAX`].
    pub fn ignored(&self) -> u64 {
        self.table.ignored
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser")
            .field("type", &self.of_type)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

/// The peers that are announced now.
#[derive(Debug, Default)]
struct Table {
    peers: Vec<Peer>,
    ignored: u64,
}

impl Table {
    fn event(&mut self, event: ServiceEvent, of_type: &ServiceType) -> Option<PeerEvent> {
        match event {
            ServiceEvent::ServiceResolved(resolved) => match Peer::announced(&resolved, of_type) {
                Some(peer) => self.announced(peer),
                None => self.ignore(),
            },
            ServiceEvent::ServiceRemoved(_, name) => self.gone(&ServiceName::announced(&name, of_type)?),
            // The begin and end of the search, and names whose records are not there yet.
            _ => None,
        }
    }

    fn announced(&mut self, peer: Peer) -> Option<PeerEvent> {
        if let Some(known) = self.peers.iter_mut().find(|one| one.name == peer.name) {
            let is_changed = *known != peer;
            known.clone_from(&peer);
            return is_changed.then_some(PeerEvent::Changed(peer));
        }
        if self.peers.len() >= PEERS_MAX {
            return self.ignore();
        }
        self.peers.push(peer.clone());
        Some(PeerEvent::Found(peer))
    }

    fn gone(&mut self, name: &ServiceName) -> Option<PeerEvent> {
        let place = self.peers.iter().position(|one| one.name == *name)?;
        Some(PeerEvent::Gone(self.peers.remove(place).name))
    }

    fn ignore(&mut self) -> Option<PeerEvent> {
        self.ignored = self.ignored.saturating_add(1);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::tests::peer;

    #[test]
    fn peers_come_change_and_go() {
        let mut table = Table::default();
        let (hall, moved) = (peer("Hall", 1, &[1]), peer("HALL", 2, &[1]));
        assert_eq!(table.announced(hall.clone()), Some(PeerEvent::Found(hall.clone())));
        assert_eq!(table.announced(hall.clone()), None);
        assert_eq!(table.announced(moved.clone()), Some(PeerEvent::Changed(moved.clone())));
        assert_eq!(table.peers, [moved]);
        let of_type = hall.name.service_type().clone();
        let removed = |name: &str| ServiceEvent::ServiceRemoved(of_type.domain_name(), name.to_owned());
        assert_eq!(table.event(removed("Other._lock._tcp.local."), &of_type), None);
        assert_eq!(
            table.event(removed("Hall._lock._tcp.local."), &of_type),
            Some(PeerEvent::Gone(hall.name))
        );
        assert_eq!((table.peers.len(), table.ignored), (0, 0));
    }

    #[test]
    fn a_flood_of_names_is_counted_and_left_out() {
        let mut table = Table::default();
        for index in 0..PEERS_MAX {
            assert!(table.announced(peer(&format!("peer {index}"), 1, &[])).is_some());
        }
        for index in 0..1000 {
            assert_eq!(table.announced(peer(&format!("flood {index}"), 1, &[])), None);
        }
        assert_eq!((table.peers.len(), table.ignored), (PEERS_MAX, 1000));
        // Peers that are known still change.
        assert!(table.announced(peer("peer 7", 9, &[])).is_some());
    }
}
