//! The flags and commands that find peers on the local network.

use std::path::PathBuf;

use clap::Args;
use handclasp_discovery::{ServiceName, ServiceType};

/// Our own announcement.
#[derive(Debug, Args)]
pub struct Advertise {
    /// Announce this server on the local network (DNS-SD over multicast DNS), with the pins of its keys, such as
    /// "Hall Door._lock._tcp". Withdrawn at exit
    #[arg(long, value_name = "NAME._SERVICE._tcp")]
    pub advertise: Option<ServiceName>,
}

/// A server by its name on the local network.
#[derive(Debug, Args)]
pub struct Service {
    /// Find the server on the local network by its name, such as "Hall Door._lock._tcp", instead of HOST:PORT. What
    /// is announced is not trusted: --tofu looks the key up by this name, --pin names it
    #[arg(long, value_name = "NAME._SERVICE._tcp", conflicts_with_all = ["address", "starttls"])]
    pub service: Option<ServiceName>,
}

/// List the peers of a service on the local network, with their keys
///
/// Shows their addresses, the keys that they announce, and whether the file of known peers has these keys.
/// Announcements prove nothing: `handclasp connect --service NAME --tofu` verifies the key.
#[derive(Debug, Args)]
pub struct Browse {
    /// The type of the service, such as _lock._tcp
    #[arg(value_name = "_SERVICE._tcp")]
    pub service: ServiceType,
    /// How long to listen, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// File of known peers. Without this flag the one that `connect --tofu` uses
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}
