//! The role of the side that sends a Finished (RFC 5246 §7.4.9) or signs (RFC 8446 §4.4.3).

/// The side that sends a Finished or makes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The client, which sends the ClientHello.
    Client,
    /// The server.
    Server,
}

impl Sender {
    /// The other side.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// The keys that protect records. TLS 1.2 has only those of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// From the ServerHello to Finished (RFC 8446 §7.1).
    Handshake,
    /// After Finished.
    Application,
}
