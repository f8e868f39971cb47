//! The announcements of one peer. Several machines may announce one name: all of them are returned, those with a
//! known key first, and the handshake decides.

use std::time::{Duration, Instant};

use handclasp_trust::Pin;
use mdns_sd::{RecvTimeoutError, ServiceEvent};

use crate::{DiscoveryError, Peer, ServiceName, daemon::Daemon};

/// Different announcements of one name that are kept.
const CANDIDATES_MAX: usize = 16;

/// Names for the error if none is found.
const OTHERS_MAX: usize = 5;

/// How long others may answer after one with a known key. Answers to one query come within 120 ms of it (RFC 6762 §6).
const SETTLE_KNOWN: Duration = Duration::from_millis(300);

/// The same where no key is known: another machine may announce the name as well.
const SETTLE: Duration = Duration::from_millis(600);

/// The same where keys are known and none of them was announced: a machine answers once a second (RFC 6762 §6), so
/// that its answer may have gone to another one just before.
const SETTLE_UNKNOWN: Duration = Duration::from_millis(1500);

/// Searches for the peer of this name, and for one of any name with a pin among `known`: a peer may have been
/// renamed since its name was taken. All different announcements are returned, those with a known pin first. None of
/// them proves anything: connect to one after the other, and let the handshake decide.
///
/// # Errors
/// None was announced within the time, or multicast DNS cannot be used.
pub fn resolve(name: &ServiceName, known: &[Pin], timeout: Duration) -> Result<Vec<Peer>, DiscoveryError> {
    let daemon = Daemon::start()?;
    let of_type = name.service_type();
    let events = daemon.browse(&of_type.domain_name())?;
    let begun = Instant::now();
    let mut candidates = Candidates { name, known, peers: Vec::new(), others: Vec::new() };
    let mut first = None;
    loop {
        let limit = match first {
            None => timeout,
            Some(first) => candidates.settle().saturating_add(first).min(timeout),
        };
        let left = limit.saturating_sub(begun.elapsed());
        match events.recv_timeout(left) {
            Ok(ServiceEvent::ServiceResolved(resolved)) => {
                if let Some(peer) = Peer::announced(&resolved, of_type) {
                    candidates.announced(peer);
                }
                if first.is_none() && !candidates.peers.is_empty() {
                    first = Some(begun.elapsed());
                }
            }
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) if candidates.peers.is_empty() => {
                return Err(DiscoveryError::TooMany);
            }
            Err(_) => return candidates.result(timeout),
        }
        // A flood must not keep the search from its end.
        if begun.elapsed() > limit {
            return candidates.result(timeout);
        }
    }
}

/// Announcements of a name, or with a known key.
struct Candidates<'a> {
    name: &'a ServiceName,
    known: &'a [Pin],
    peers: Vec<Peer>,
    others: Vec<ServiceName>,
}

impl Candidates<'_> {
    fn announced(&mut self, peer: Peer) {
        if peer.name != *self.name && !peer.claims_any(self.known) {
            if self.others.len() < OTHERS_MAX && !self.others.contains(&peer.name) {
                self.others.push(peer.name);
            }
            return;
        }
        // An announcement comes in parts: the later one has more addresses.
        let is_same = |one: &Peer| {
            one.name == peer.name
                && one.pins == peer.pins
                && one.addresses.iter().all(|address| peer.addresses.contains(address))
        };
        if let Some(one) = self.peers.iter_mut().find(|one| is_same(one)) {
            *one = peer;
        } else if self.peers.len() < CANDIDATES_MAX {
            self.peers.push(peer);
        } else if peer.claims_any(self.known)
            // Others must not crowd out the one with a known key.
            && let Some(one) = self.peers.iter_mut().find(|one| !one.claims_any(self.known))
        {
            *one = peer;
        }
    }

    /// How long others may still answer.
    fn settle(&self) -> Duration {
        match self.peers.iter().any(|peer| peer.claims_any(self.known)) {
            true => SETTLE_KNOWN,
            false if self.known.is_empty() => SETTLE,
            false => SETTLE_UNKNOWN,
        }
    }

    fn result(mut self, within: Duration) -> Result<Vec<Peer>, DiscoveryError> {
        if self.peers.is_empty() {
            return Err(DiscoveryError::NotFound { name: self.name.clone(), within, others: self.others });
        }
        self.peers.sort_by_key(|peer| (!peer.claims_any(self.known), peer.name != *self.name));
        Ok(self.peers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::tests::peer;

    fn found(known: &[u8], announced: &[Peer]) -> Result<Vec<Peer>, DiscoveryError> {
        let name = ServiceName::parse("Hall._lock._tcp").unwrap();
        let known: Vec<Pin> = known.iter().map(|byte| Pin([*byte; 32])).collect();
        let mut candidates = Candidates { name: &name, known: &known, peers: Vec::new(), others: Vec::new() };
        announced.iter().for_each(|peer| candidates.announced(peer.clone()));
        candidates.result(Duration::from_secs(3))
    }

    #[test]
    fn the_known_key_is_first_whatever_its_name() {
        let rogue = peer("Hall", 66, &[6]);
        let ours = peer("Hall", 1, &[1]);
        let renamed = peer("Hall (2)", 1, &[1]);
        let other = peer("Other", 2, &[2]);
        assert_eq!(found(&[1], &[rogue.clone(), ours.clone()]).unwrap(), [ours.clone(), rogue.clone()]);
        let all = [other.clone(), rogue.clone(), renamed.clone(), ours.clone()];
        assert_eq!(found(&[1], &all).unwrap(), [ours.clone(), renamed.clone(), rogue.clone()]);
        // Without a known key only the name counts.
        assert_eq!(found(&[], &all).unwrap(), [rogue, ours]);
        let error = found(&[], &[other, renamed]).unwrap_err();
        let DiscoveryError::NotFound { others, .. } = &error else { panic!("{error}") };
        assert_eq!(others.len(), 2);
        assert!(
            error
                .to_string()
                .contains("Others were announced: \"Other._lock._tcp\", \"Hall (2)._lock._tcp\"")
        );
    }

    #[test]
    fn a_flood_of_one_name_is_bounded_and_does_not_hide_the_known_key() {
        let mut flood: Vec<Peer> = (0..250).map(|last| peer("Hall", last, &[last, 6])).collect();
        flood.push(peer("Hall", 251, &[255]));
        let candidates = found(&[255], &flood).unwrap();
        assert_eq!(candidates.len(), CANDIDATES_MAX);
        assert_eq!(candidates[0], peer("Hall", 251, &[255]));
    }

    #[test]
    fn parts_of_one_announcement_are_one_candidate() {
        let mut more = peer("Hall", 1, &[1]);
        more.addresses.push("[2001:db8::1]:4433".parse().unwrap());
        assert_eq!(found(&[], &[peer("Hall", 1, &[1]), more.clone()]).unwrap(), [more]);
    }
}
