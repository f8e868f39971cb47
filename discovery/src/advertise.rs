//! Our own announcement: name, port and pins of a server, until it is withdrawn.

use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher as _, Hasher as _},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use handclasp_trust::Pin;
use mdns_sd::{DaemonEvent, IfKind, Receiver, ServiceInfo};

use crate::{DiscoveryError, ServiceName, daemon::Daemon, pins};

/// How long a withdrawal may take: one packet on each interface.
const PATIENCE: Duration = Duration::from_secs(1);

/// An announcement, which is withdrawn when this value is dropped. A process that is killed cannot withdraw it: it then
/// expires after two minutes.
pub struct Advertisement {
    daemon: Daemon,
    events: Receiver<DaemonEvent>,
    name: ServiceName,
    /// The name of this machine in the announcement: random, so that it is neither that of the user's machine nor
    /// in conflict with another program that announces it.
    host: String,
    address: SocketAddr,
    /// In DNS, with escapes.
    full_name: String,
}

impl Advertisement {
    /// Announces that a server listens on `address`: of `0.0.0.0` or `[::]` the addresses of all interfaces, also those
    /// that they get later. At most four pins are announced, the preferred one first.
    ///
    /// # Errors
    /// Other machines cannot reach the address, or multicast DNS cannot be used.
    pub fn start(name: &ServiceName, address: SocketAddr, pins: &[Pin]) -> Result<Self, DiscoveryError> {
        if address.port() == 0 {
            return Err(DiscoveryError::NoPort);
        }
        let ip = address.ip().to_canonical();
        if ip.is_loopback() || ip.is_multicast() {
            return Err(DiscoveryError::NotReachable(ip));
        }
        let daemon = Daemon::start()?;
        let events = daemon.monitor()?;
        let host = format!("handclasp-{:016x}.local.", RandomState::new().build_hasher().finish());
        let mut made = Self { daemon, events, name: name.clone(), host, address, full_name: String::new() };
        made.set_pins(pins)?;
        Ok(made)
    }

    /// Announces other pins from now on, such as after a rotation of the key.
    ///
    /// # Errors
    /// Multicast DNS cannot be used.
    pub fn set_pins(&mut self, pins: &[Pin]) -> Result<(), DiscoveryError> {
        let info = self.info(pins)?;
        self.full_name = info.get_fullname().to_owned();
        Ok(self.daemon.register(info)?)
    }

    fn info(&self, pins: &[Pin]) -> Result<ServiceInfo, DiscoveryError> {
        let ip = self.address.ip().to_canonical();
        let of_type = self.name.service_type().domain_name();
        let value = pins::value(pins);
        let properties = if pins.is_empty() { Vec::new() } else { vec![(pins::KEY, value)] };
        let addresses: &[IpAddr] = if ip.is_unspecified() { &[] } else { &[ip] };
        let (port, name) = (self.address.port(), self.name.instance());
        let mut info = ServiceInfo::new(&of_type, name, &self.host, addresses, port, properties.as_slice())?;
        if ip.is_unspecified() {
            info = info.enable_addr_auto();
        }
        match ip {
            IpAddr::V4(ip) if ip.is_unspecified() => info.set_interfaces(vec![IfKind::IPv4]),
            ip if !ip.is_unspecified() => info.set_interfaces(vec![IfKind::Addr(ip)]),
            _ => {}
        }
        Ok(info)
    }

    /// Waits until the announcement is made; `None` if that takes longer, as without a network. The name is another
    /// one if another machine has announced ours already: `Hall Door (2)`.
    ///
    /// # Errors
    /// Multicast DNS cannot be used.
    pub fn announced_within(&self, time: Duration) -> Result<Option<ServiceName>, DiscoveryError> {
        let begun = Instant::now();
        loop {
            match self.events.recv_timeout(time.saturating_sub(begun.elapsed())) {
                Ok(DaemonEvent::Announce(full_name, _)) => {
                    return Ok(Some(self.name_of(&full_name)));
                }
                Ok(DaemonEvent::Error(error)) => return Err(error.into()),
                Ok(_) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// The name that was announced, which has escapes.
    fn name_of(&self, full_name: &str) -> ServiceName {
        ServiceName::parse(full_name).unwrap_or_else(|_| self.name.clone())
    }

    /// Withdraws the announcement: peers see at once that it is gone. Once is enough.
    pub fn withdraw(&self) {
        if let Ok(done) = self.daemon.unregister(&self.full_name) {
            let _done_or_late = done.recv_timeout(PATIENCE);
        }
    }
}

impl Drop for Advertisement {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl fmt::Debug for Advertisement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Advertisement")
            .field("name", &self.name)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_alone_are_refused_before_anything_is_sent() {
        let name = ServiceName::parse("Hall Door._lock._tcp").unwrap();
        for (address, expected) in [
            ("127.0.0.1:4433", "0.0.0.0 or [::]"),
            ("[::1]:4433", "0.0.0.0 or [::]"),
            ("[::ffff:127.0.0.1]:4433", "0.0.0.0 or [::]"),
            ("224.0.0.1:4433", "cannot be reached"),
            ("0.0.0.0:0", "port"),
        ] {
            let error = Advertisement::start(&name, address.parse().unwrap(), &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "{address}: {error}");
        }
    }
}
