//! What an item holds, for rules that look for one kind of thing.

use super::{Broken, EventKind, Message, Sealed};

impl EventKind {
    /// The handshake message that it is.
    pub fn message(&self) -> Option<&Message> {
        let Self::Handshake(message) = self else { return None };
        Some(message)
    }

    /// The protected record that it is, which nothing opened.
    pub fn sealed(&self) -> Option<&Sealed> {
        let Self::Sealed(sealed) = self else { return None };
        Some(sealed)
    }

    /// How it begins, if it is no TLS.
    pub fn foreign(&self) -> Option<&[u8]> {
        let Self::Foreign { begins } = self else { return None };
        Some(begins)
    }

    /// What cannot be read on in it.
    pub fn broken(&self) -> Option<&Broken> {
        let Self::Broken(broken) = self else { return None };
        Some(broken)
    }

    /// Whether it came protected, and keys opened it.
    pub fn is_opened(&self) -> bool {
        let alert = matches!(self, Self::Alert { protected: true, .. });
        let data = matches!(self, Self::ApplicationData { opened: true, .. });
        alert || data || self.message().is_some_and(|message| message.protected)
    }

    /// Whether it came protected, opened or not.
    pub fn is_protected(&self) -> bool {
        self.is_opened() || matches!(self, Self::Sealed(_) | Self::ApplicationData { .. })
    }
}
