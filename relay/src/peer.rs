//! The other side of a socket.

use std::{fmt, net::SocketAddr};

/// The program at the other end of a socket, as the operating system (or a PROXY protocol header) names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Peer {
    /// A TCP peer.
    Tcp(SocketAddr),
    /// A process of this machine at a UNIX socket.
    Unix {
        /// Its user, where the system says so.
        user: Option<u32>,
        /// Its process, where the system says so.
        process: Option<i32>,
    },
}

impl Peer {
    /// The address of a TCP peer.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix { .. } => None,
        }
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

/// `192.0.2.1:40112`, or `unix (process 4711 of user 1000)`.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix { process: Some(process), user: Some(user) } => {
                write!(f, "unix (process {process} of user {user})")
            }
            Self::Unix { user: Some(user), .. } => write!(f, "unix (user {user})"),
            Self::Unix { .. } => write!(f, "unix"),
        }
    }
}
