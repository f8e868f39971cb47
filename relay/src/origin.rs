//! Which clients the limit of one address counts together.

use std::net::{IpAddr, Ipv6Addr};

use crate::Peer;

/// An IPv4 address, or an IPv6 /64, which is what one host usually has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin(IpAddr);

impl Origin {
    /// `None` for clients of UNIX sockets.
    pub(crate) fn of(client: &Peer) -> Option<Self> {
        Some(Self(match client.address()?.ip().to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        }))
    }
}
