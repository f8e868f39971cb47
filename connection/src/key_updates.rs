//! How often the keys of a connection changed.

use crate::Connection;

/// KeyUpdate messages of a connection (RFC 8446 §4.6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUpdates {
    /// Messages that this side sent.
    pub sent: u32,
    /// Messages that the peer sent.
    pub received: u32,
}

impl Connection {
    /// The KeyUpdate messages so far.
    pub fn key_updates(&self) -> KeyUpdates {
        self.key_updates
    }
}
