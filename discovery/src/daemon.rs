//! The thread that speaks multicast DNS. It stops with its owner.

use std::{ops::Deref, time::Duration};

use mdns_sd::{IfKind, ServiceDaemon};

use crate::DiscoveryError;

/// How long the end of a daemon may take: it only leaves its groups.
const PATIENCE: Duration = Duration::from_secs(1);

/// A daemon on all interfaces but loopback: what is announced there can only be this machine, and its other
/// addresses are announced on the other interfaces as well.
pub(crate) struct Daemon(ServiceDaemon);

impl Daemon {
    pub(crate) fn start() -> Result<Self, DiscoveryError> {
        let daemon = Self(ServiceDaemon::new()?);
        daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        Ok(daemon)
    }
}

impl Deref for Daemon {
    type Target = ServiceDaemon;

    fn deref(&self) -> &ServiceDaemon {
        &self.0
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(stopped) = self.0.shutdown() {
            let _ended_or_late = stopped.recv_timeout(PATIENCE);
        }
    }
}
