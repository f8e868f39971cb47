//! The side that must act.

/// Who must change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// Neither side: nothing failed, or the evidence does not show it.
    Nobody,
    /// The client.
    Client,
    /// The server.
    Server,
    /// Both ends are sound and do not fit.
    Config,
    /// What lies between.
    Network,
    /// Somebody between.
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
