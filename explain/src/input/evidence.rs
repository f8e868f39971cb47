//! What a user gives besides the bytes: all of it optional, each making a better grade possible.

mod load;

use std::time::Duration;

pub use load::EvidenceError;

/// What is known beside the bytes.
#[derive(Clone, Default)]
pub struct Evidence {
    /// The text of a key log (RFC 9850).
    pub key_log: String,
    /// Pre-shared keys as they were typed somewhere; every reading is tried.
    pub psks: Vec<Typed>,
    /// Identities that the server has, where the user knows them.
    pub psk_identities: Vec<Vec<u8>>,
    /// The name or address that the client wants to reach.
    pub name: Option<String>,
    /// Trust anchors of the two ends, or the certificates that are pinned, DER. `None`: not given;
    /// empty: given, and nothing is trusted.
    pub roots: Option<Vec<Vec<u8>>>,
    /// Certificates that one end is configured with, DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// The public half (SubjectPublicKeyInfo, DER) of a private key that one end is configured with.
    pub key: Option<Vec<u8>>,
    /// When validity is to be judged, since 1970; else the time of the capture.
    pub at: Option<Duration>,
    /// What the client printed.
    pub client_log: Option<String>,
    /// What the server printed.
    pub server_log: Option<String>,
    /// An `mbedtls_config.h`.
    pub config: Option<String>,
}

/// A secret as somebody typed it. Never shown.
#[derive(Clone)]
pub struct Typed(pub zeroize::Zeroizing<String>);
