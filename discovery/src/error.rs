//! Why a search or an announcement failed.

use std::{fmt, net::IpAddr, time::Duration};

use crate::ServiceName;

/// Why a search or an announcement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// Multicast DNS cannot be used: the operating system's words.
    Unavailable(String),
    /// The name was not announced within the time; other names of the service, at most five.
    NotFound {
        /// The name that was searched.
        name: ServiceName,
        /// The time limit.
        within: Duration,
        /// Peers of the same service that were announced.
        others: Vec<ServiceName>,
    },
    /// The network announces more than this program reads: the search was ended to bound its memory.
    TooMany,
    /// The address to be announced cannot be reached by other machines.
    NotReachable(IpAddr),
    /// The port to be announced is 0.
    NoPort,
}

impl From<mdns_sd::Error> for DiscoveryError {
    fn from(error: mdns_sd::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(words) => write!(f, "multicast DNS cannot be used: {words}"),
            Self::NotFound { name, within, others } => {
                write!(f, "no peer announced \"{name}\" within {:.1} s", within.as_secs_f64())?;
                match others.as_slice() {
                    [] => write!(
                        f,
                        ", nor another of {}. Is it running, on the same network, and is UDP port 5353 open \
                         between the two?",
                        name.service_type()
                    ),
                    others => {
                        let names: Vec<String> = others.iter().map(|name| format!("\"{name}\"")).collect();
                        write!(f, ". Others were announced: {}", names.join(", "))
                    }
                }
            }
            Self::TooMany => f.write_str(
                "the network announces more peers than are read: the search was ended to bound its memory. A \
                 machine on this network may be flooding it",
            ),
            Self::NotReachable(address) => write!(
                f,
                "{address} cannot be reached by other machines: listen on 0.0.0.0 or [::] for all interfaces, or \
                 on the address of one"
            ),
            Self::NoPort => {
                f.write_str("the port to be announced is 0: announce the port that is listened on")
            }
        }
    }
}

impl std::error::Error for DiscoveryError {}
