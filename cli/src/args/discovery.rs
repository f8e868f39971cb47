//! The flags and commands that find peers on the local network.

use clap::Args;
use handclasp_discovery::ServiceName;

/// Our own announcement.
#[derive(Debug, Args)]
pub struct Advertise {
    /// Announce this server on the local network (DNS-SD over multicast DNS), with the pins of its keys, such as
    /// "Hall Door._lock._tcp". Withdrawn at exit
    #[arg(long, value_name = "NAME._SERVICE._tcp")]
    pub advertise: Option<ServiceName>,
}
