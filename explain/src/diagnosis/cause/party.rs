//! The side that must act.

/// The party that must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// Neither side: nothing failed, or the evidence does not show it.
    Nobody,
    /// The client.
    Client,
    /// The server.
    Server,
    /// Both sides work, but their settings do not match.
    Config,
    /// What lies between.
    Network,
    /// An attacker on the path between the two sides.
    Attacker,
}

impl Party {
    /// As scripts read it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Client => "client",
            Self::Server => "server",
            Self::Config => "config",
            Self::Network => "network",
            Self::Attacker => "attacker",
        }
    }
}
