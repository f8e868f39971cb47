//! Where a server or tunnel listens.

use std::fmt;

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
}

impl fmt::Display for ListenOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => fmt::Display::fmt(address, f),
            Self::Systemd(name) => write!(f, "systemd:{name}"),
        }
    }
}
