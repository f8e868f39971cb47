//! Which of the announced addresses may be connected to, and in which order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Addresses of one announcement that are kept: a machine with several interfaces has a few of each version.
pub(crate) const ADDRESSES_MAX: usize = 8;

/// The address to connect to; `None` for one that cannot be another machine on this network. `scope` is the
/// index of the interface that the announcement came by.
pub(crate) fn dialable(address: IpAddr, scope: u32, port: u16) -> Option<SocketAddr> {
    if port == 0 {
        return None;
    }
    // An address of IPv4 in the form of IPv6 is judged as what it is.
    match address.to_canonical() {
        IpAddr::V4(address) => is_host_v4(address).then(|| SocketAddr::from((address, port))),
        IpAddr::V6(address) => {
            // Without its interface such an address says nothing.
            let is_local = address.is_unicast_link_local();
            let scope = if is_local { scope } else { 0 };
            let is_usable = is_host_v6(address) && !(is_local && scope == 0);
            is_usable.then(|| SocketAddrV6::new(address, port, 0, scope).into())
        }
    }
}

/// Not this machine, "this network" (0.0.0.0/8), a group, or reserved (240.0.0.0/4, broadcast).
fn is_host_v4(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    !address.is_loopback() && first != 0 && first < 224
}

fn is_host_v6(address: Ipv6Addr) -> bool {
    !address.is_loopback() && !address.is_unspecified() && !address.is_multicast()
}

/// In the order in which they are tried: IPv4, which home networks route, then IPv6, then addresses of one link.
pub(crate) fn ordered(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    addresses.sort_unstable_by_key(|address| (rank(address), *address));
    addresses.dedup();
    addresses.truncate(ADDRESSES_MAX);
    addresses
}

fn rank(address: &SocketAddr) -> u8 {
    match address {
        SocketAddr::V4(address) if address.ip().is_link_local() => 2,
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(address) if address.ip().is_unicast_link_local() => 3,
        SocketAddr::V6(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str, scope: u32, port: u16) -> Option<String> {
        dialable(address.parse().unwrap(), scope, port).map(|address| address.to_string())
    }

    #[test]
    fn only_other_machines_are_connected_to() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.251",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "ff02::fb",
            "::ffff:127.0.0.1",
            "::ffff:224.0.0.251",
        ] {
            assert_eq!(of(address, 2, 443), None, "{address}");
        }
        assert_eq!(of("192.168.1.7", 2, 443).unwrap(), "192.168.1.7:443");
        assert_eq!(of("::ffff:192.168.1.7", 2, 443).unwrap(), "192.168.1.7:443");
        assert_eq!(of("2001:db8::7", 2, 443).unwrap(), "[2001:db8::7]:443");
        assert_eq!(of("fe80::7", 2, 443).unwrap(), "[fe80::7%2]:443");
        assert_eq!(of("fe80::7", 0, 443), None);
        assert_eq!(of("192.168.1.7", 2, 0), None);
    }

    #[test]
    fn addresses_are_few_and_in_order() {
        let texts =
            ["[fe80::1%2]:1", "[2001:db8::1]:1", "169.254.1.1:1", "10.0.0.2:1", "10.0.0.1:1", "10.0.0.1:1"];
        let sorted = ordered(texts.iter().map(|text| text.parse().unwrap()).collect());
        let expected = ["10.0.0.1:1", "10.0.0.2:1", "[2001:db8::1]:1", "169.254.1.1:1", "[fe80::1%2]:1"];
        assert_eq!(sorted, expected.map(|text| text.parse::<SocketAddr>().unwrap()));
        let many = (0..200).map(|last| SocketAddr::from(([10, 0, 0, last], 1))).collect();
        assert_eq!(ordered(many).len(), ADDRESSES_MAX);
    }
}
