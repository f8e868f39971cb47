//! Where a server or tunnel listens.

use std::{fmt, net::IpAddr};

use handclasp_relay::Address;

/// Where a server or tunnel listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListenOn {
    Address(Address),
    /// A socket of systemd, by its name.
    Systemd(String),
}

impl ListenOn {
    /// Whether the system chooses the port: then two servers may have the same text.
    pub fn is_any_port(&self) -> bool {
        matches!(self, Self::Address(Address::Tcp { port: 0, .. }))
    }

    /// Whether both have one port, and one of the addresses is every address of the other's family.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (
            Self::Address(Address::Tcp { host, port }),
            Self::Address(Address::Tcp { host: other, port: same }),
        ) = (self, other)
        else {
            return false;
        };
        let (Ok(one), Ok(other)) = (host.parse::<IpAddr>(), other.parse::<IpAddr>()) else { return false };
        let is_wide = one.is_unspecified() || other.is_unspecified();
        *port != 0 && port == same && is_wide && one.is_ipv4() == other.is_ipv4()
    }
}

impl fmt::Display for ListenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => fmt::Display::fmt(address, f),
            Self::Systemd(name) => write!(f, "systemd:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_port_of_every_address() {
        let on = |text: &str| ListenOn::Address(text.parse().unwrap());
        for (one, other, overlap) in [
            ("0.0.0.0:443", "127.0.0.1:443", true),
            ("[::1]:443", "[::]:443", true),
            ("127.0.0.1:443", "127.0.0.2:443", false),
            ("0.0.0.0:443", "127.0.0.1:444", false),
            ("0.0.0.0:443", "[::1]:443", false),
            ("0.0.0.0:0", "127.0.0.1:0", false),
            ("0.0.0.0:443", "localhost:443", false),
            ("unix:/a", "unix:/a", false),
        ] {
            assert_eq!(on(one).overlaps(&on(other)), overlap, "{one} {other}");
            assert_eq!(on(other).overlaps(&on(one)), overlap, "{other} {one}");
        }
    }
}
