//! Which failed handshakes are explained and shown. A stranger can cause any number of them, from many addresses: lines, the
//! time for explanations and memory are all bounded.
//!
//! A series is what looks the same before it is explained: the service, the network of the client, and the number of the
//! fault. Of each series the first failures are explained, and shown if their cause is new in it; then the 10th, 100th …, as
//! [`crate::say::Repeated`] does; the others are counted, and the next line of the series says how many they were. All series
//! together are explained at most [`BURST`] times at once and [`PER_SECOND`] times a second.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use handclasp_relay::Peer;

/// A series that was quiet for so long begins anew.
const INTERVAL: Duration = Duration::from_secs(10);
/// Series that are kept at once.
const SERIES_MAX: usize = 1024;
/// Failures of one series that are explained for the sake of their cause.
const FIRST: u64 = 8;
/// Causes of one series that are shown.
const CAUSES_MAX: usize = 4;
/// Explanations at once.
const BURST: f64 = 40.0;
/// Explanations a second.
const PER_SECOND: f64 = 4.0;

/// What failures have in common before they are explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The name of the service, hashed.
    pub service: u64,
    /// The network of the client.
    pub network: Network,
    /// Number and first part of the fault.
    pub fault: [u8; 2],
}

/// A network: the client and others that one provider or site has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// /24
    V4([u8; 3]),
    /// /56
    V6([u8; 7]),
    Local,
}

impl Network {
    pub fn of(peer: &Peer) -> Self {
        match peer.address().map(|address| address.ip().to_canonical()) {
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            Some(IpAddr::V6(address)) => Self::V6(prefix(address)),
            None => Self::Local,
        }
    }
}

fn prefix(address: Ipv6Addr) -> [u8; 7] {
    let [a, b, c, d, e, f, g, ..] = address.octets();
    [a, b, c, d, e, f, g]
}

struct Series {
    /// When the last line was written, or the last failure explained.
    last: Instant,
    /// Failures of this series.
    events: u64,
    /// Failures that no line has reported yet.
    more: u64,
    /// Numbers of the explanations that were shown.
    causes: Vec<u64>,
}

/// The series of one process.
pub struct Failures {
    series: HashMap<Kind, Series>,
    /// Explanations that may be made now.
    left: f64,
    /// When `left` was counted.
    counted: Instant,
    /// Failures that are in no series, for want of space.
    others: u64,
}

impl Failures {
    pub fn new(now: Instant) -> Self {
        Self { series: HashMap::new(), left: BURST, counted: now, others: 0 }
    }

    /// Whether this failure is to be explained; otherwise it is counted.
    pub fn is_due(&mut self, kind: Kind, now: Instant) -> bool {
        let is_known = self.series.contains_key(&kind);
        if !is_known && self.series.len() >= SERIES_MAX {
            self.forget_quiet(now);
            if self.series.len() >= SERIES_MAX {
                self.others = self.others.saturating_add(1);
                return false;
            }
        }
        let has_left = self.has_left(now);
        let series = self.series.entry(kind).or_insert_with(|| Series::new(now));
        let is_due = series.is_due(now) && has_left;
        match is_due {
            true => self.left -= 1.0,
            false => series.more = series.more.saturating_add(1),
        }
        is_due
    }

    /// Whether the failure that was due is shown, now that its cause is known; how many others were not since the last line.
    pub fn shown(&mut self, kind: Kind, cause: u64, now: Instant) -> Option<u64> {
        let others = std::mem::take(&mut self.others);
        let Some(series) = self.series.get_mut(&kind) else { return Some(others) };
        match series.is_shown(cause) {
            true => {
                series.last = now;
                Some(std::mem::take(&mut series.more).saturating_add(others))
            }
            false => {
                self.others = others;
                series.more = series.more.saturating_add(1);
                None
            }
        }
    }

    /// Whether one more explanation may be made.
    fn has_left(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.counted).as_secs_f64();
        self.left = (self.left + passed * PER_SECOND).min(BURST);
        self.counted = self.counted.max(now);
        self.left >= 1.0
    }

    fn forget_quiet(&mut self, now: Instant) {
        let others = &mut self.others;
        self.series.retain(|_, series| {
            let is_kept = now.saturating_duration_since(series.last) < INTERVAL;
            if !is_kept {
                *others = others.saturating_add(series.more);
            }
            is_kept
        });
    }
}

impl Series {
    fn new(now: Instant) -> Self {
        Self { last: now, events: 0, more: 0, causes: Vec::new() }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.last) >= INTERVAL {
            (self.last, self.events) = (now, 0);
            self.causes.clear();
        }
        self.events = self.events.saturating_add(1);
        self.events <= FIRST && self.causes.len() < CAUSES_MAX || self.is_a_power_of_ten()
    }

    fn is_a_power_of_ten(&self) -> bool {
        10_u64.pow(self.events.ilog10()) == self.events
    }

    fn is_shown(&mut self, cause: u64) -> bool {
        let is_new = !self.causes.contains(&cause) && self.causes.len() < CAUSES_MAX;
        if is_new {
            self.causes.push(cause);
        }
        is_new || self.is_a_power_of_ten()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn kind(address: &str, fault: u8) -> Kind {
        let address: SocketAddr = format!("{address}:1").parse().expect("an address");
        Kind { service: 0, network: Network::of(&address.into()), fault: [fault, 0] }
    }

    /// The count of others with each line.
    fn lines(failures: &mut Failures, kinds: impl Iterator<Item = Kind>, now: Instant) -> Vec<u64> {
        kinds
            .filter_map(|kind| failures.is_due(kind, now).then(|| failures.shown(kind, 7, now)).flatten())
            .collect()
    }

    #[test]
    fn the_first_is_shown_and_the_others_are_counted() {
        let now = Instant::now();
        let mut failures = Failures::new(now);
        let same = kind("192.0.2.7", 1);
        let shown = lines(&mut failures, (0..10_004).map(|_| same), now);
        // Of the failures 1, 10, 100, …
        assert_eq!(shown, [0, 8, 89, 899, 8_999]);
        let later = now + INTERVAL;
        assert_eq!(lines(&mut failures, [same].into_iter(), later), [4]);
    }

    #[test]
    fn a_neighbour_is_of_the_same_series_and_another_network_fault_or_service_is_not() {
        let now = Instant::now();
        let mut failures = Failures::new(now);
        let kinds = [
            kind("192.0.2.7", 1),
            kind("192.0.2.8", 1),
            kind("192.0.3.7", 1),
            kind("192.0.2.7", 2),
            kind("[2001:db8::1]", 1),
            kind("[2001:db8:0:ff::1]", 1),
            kind("[2001:db8:0:100::1]", 1),
            Kind { service: 1, ..kind("192.0.2.7", 1) },
        ];
        assert_eq!(lines(&mut failures, kinds.into_iter(), now), [0; 6]);
    }

    #[test]
    fn another_cause_of_the_same_fault_is_shown() {
        let now = Instant::now();
        let mut failures = Failures::new(now);
        let same = kind("192.0.2.7", 1);
        let causes = [1, 2, 1, 3, 4, 5];
        let shown: Vec<_> = causes
            .iter()
            .map(|cause| failures.is_due(same, now).then(|| failures.shown(same, *cause, now)).flatten())
            .collect();
        assert_eq!(shown, [Some(0), Some(0), None, Some(1), Some(0), None]);
    }

    #[test]
    fn strangers_from_everywhere_make_few_lines_and_take_little_memory() {
        let now = Instant::now();
        let mut failures = Failures::new(now);
        let from_everywhere = (0..200_000_u32).map(|number| {
            let [_, b, c, d] = number.to_be_bytes();
            let address = Ipv6Addr::from([0x20, 0x01, 0x0d, 0xb8, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
            Kind { service: 0, network: Network::V6(prefix(address)), fault: [1, 0] }
        });
        let shown = lines(&mut failures, from_everywhere, now);
        assert_eq!(shown.len() as f64, BURST);
        assert_eq!(failures.series.len(), SERIES_MAX);
        // A minute later others can be seen again, and how many there were.
        let later = now + Duration::from_secs(60);
        let shown = lines(&mut failures, [kind("192.0.2.7", 1)].into_iter(), later);
        assert_eq!(shown, [200_000 - BURST as u64]);
    }
}
