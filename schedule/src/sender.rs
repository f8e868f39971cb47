//! Whose Finished or signature: RFC 5246 §7.4.9 and RFC 8446 §4.4.3 call both sides by role.

/// The side that sends a Finished or makes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The side that sent ClientHello.
    Client,
    /// The side that answered it.
    Server,
}

/// Which keys protect records. TLS 1.2 has those of the application only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// From the ServerHello to Finished (RFC 8446 §7.1).
    Handshake,
    /// From Finished on.
    Application,
}
