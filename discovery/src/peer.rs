//! One announcement, bounded and checked.

use std::net::{IpAddr, SocketAddr};

use handclasp_trust::Pin;
use mdns_sd::{ResolvedService, ScopedIp};

use crate::{ServiceName, ServiceType, address, pins};

/// What a peer announces, or another machine in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// Its name.
    pub name: ServiceName,
    /// Where it says that it listens, in the order in which to try; at most eight. Addresses that cannot be another
    /// machine (loopback, groups) are left out.
    pub addresses: Vec<SocketAddr>,
    /// The pins that it says are of its keys, at most [`PINS_MAX`](crate::PINS_MAX). They are a claim: only a
    /// handshake proves a key.
    pub pins: Vec<Pin>,
}

impl Peer {
    pub(crate) fn announced(announced: &ResolvedService, of_type: &ServiceType) -> Option<Self> {
        let addresses = announced.addresses.iter().map(|one| (one.to_ip_addr(), scope(one)));
        let pins = announced.get_property_val(pins::KEY).flatten();
        Self::new(&announced.fullname, of_type, announced.port, addresses, pins)
    }

    /// The peer of the parts of an announcement; `None` for a name that RFC 6763 forbids.
    fn new(
        full_name: &str,
        of_type: &ServiceType,
        port: u16,
        addresses: impl Iterator<Item = (IpAddr, u32)>,
        pins: Option<&[u8]>,
    ) -> Option<Self> {
        let name = ServiceName::announced(full_name, of_type)?;
        let addresses = addresses.filter_map(|(one, scope)| address::dialable(one, scope, port)).collect();
        let pins = pins.map(pins::parse).unwrap_or_default();
        Some(Self { name, addresses: address::ordered(addresses), pins })
    }

    /// Whether it announces one of these pins.
    pub fn claims_any(&self, pins: &[Pin]) -> bool {
        self.pins.iter().any(|pin| pins.contains(pin))
    }
}

/// The index of the interface by which an address of IPv6 was announced.
fn scope(address: &ScopedIp) -> u32 {
    match address {
        ScopedIp::V6(address) => address.scope_id().index,
        _ => 0,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An announcement of `NAME._lock._tcp` at 10.0.0.LAST with these pins.
    pub(crate) fn peer(name: &str, last: u8, pins: &[u8]) -> Peer {
        let of_type = ServiceType::parse("_lock._tcp").unwrap();
        let value = pins::value(&pins.iter().map(|byte| Pin([*byte; 32])).collect::<Vec<_>>());
        let addresses = [(IpAddr::from([10, 0, 0, last]), 0)].into_iter();
        let full_name = format!("{name}._lock._tcp.local.");
        Peer::new(&full_name, &of_type, 4433, addresses, Some(value.as_bytes())).unwrap()
    }

    #[test]
    fn an_announcement_is_bounded() {
        let one = peer("Hall Door", 7, &[1, 2, 3, 4, 5]);
        assert_eq!(one.addresses, [SocketAddr::from(([10, 0, 0, 7], 4433))]);
        assert_eq!(one.pins, [1, 2, 3, 4].map(|byte| Pin([byte; 32])));
        assert!(one.claims_any(&[Pin([9; 32]), Pin([2; 32])]) && !one.claims_any(&[Pin([9; 32])]));

        let of_type = ServiceType::parse("_lock._tcp").unwrap();
        let many = (0..250).map(|last| (IpAddr::from([10, 0, 0, last]), 0));
        let of = |name: &str, pins| Peer::new(name, &of_type, 4433, many.clone(), pins);
        assert_eq!(of("a._lock._tcp.local.", Some(b"\xff".as_slice())).unwrap().addresses.len(), 8);
        assert_eq!(of("a._lock._tcp.local.", None).unwrap().pins, []);
        assert_eq!(of("\u{1b}]0;root\u{7}._lock._tcp.local.", None), None);
        // A peer without an address that could be another machine is shown, and cannot be connected to.
        let here = [(IpAddr::from([127, 0, 0, 1]), 0)].into_iter();
        assert_eq!(Peer::new("a._lock._tcp.local.", &of_type, 631, here, None).unwrap().addresses, []);
    }
}
