//! Keys of tickets that the application provides, so that several servers have the same.

use std::{fmt, sync::Arc};

use crate::{TicketSecret, tickets::Tickets};

/// A key that seals tickets ([`TicketKeys::replace`]).
#[derive(Clone, Debug)]
pub struct TicketKey {
    pub(crate) secret: TicketSecret,
    pub(crate) seals_from: u64,
    pub(crate) opens_until: u64,
}

impl TicketKey {
    /// A key that is derived from this secret. It seals from `seals_from` on, until a key of the list
    /// with a later time does, and opens what it sealed until `opens_until`, both in seconds since 1970.
    /// Tickets last 12 hours at most.
    pub const fn new(secret: TicketSecret, seals_from: u64, opens_until: u64) -> Self {
        Self { secret, seals_from, opens_until }
    }

    /// When it begins to seal, in seconds since 1970.
    pub const fn seals_from(&self) -> u64 {
        self.seals_from
    }

    /// When it no longer opens, in seconds since 1970.
    pub const fn opens_until(&self) -> u64 {
        self.opens_until
    }
}

/// The keys of the tickets of one or several [`crate::Server`]s, which the application replaces while
/// they run ([`crate::Server::ticket_keys`]). A clone is a pointer to the same keys.
///
/// Servers that take the same keys resume each other's sessions. Give all of them the next key before
/// it seals. Each server remembers which tickets were used; to have a ticket used once among all
/// of them, answer [`crate::NeedKind::Resumption`].
///
/// ```
/// use handclasp::{Identity, Server, TicketKey, TicketKeys, TicketSecret};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = TicketKeys::new();
/// let server = Server::new(Identity::self_signed(&["device.example"])?).ticket_keys(&keys);
/// # let now = 1_800_000_000;
/// let (hour, secret) = (3600, TicketSecret::random()?); // or out of a database
/// keys.replace(&[TicketKey::new(secret, now, now + 24 * hour)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TicketKeys(pub(crate) Arc<Tickets>);

impl TicketKeys {
    /// Without a key: clients get no tickets.
    pub fn new() -> Self {
        Self(Arc::new(Tickets::provided()))
    }

    /// Replaces all keys. A key that was there before keeps what is known of its tickets.
    pub fn replace(&self, keys: &[TicketKey]) {
        self.0.replace(keys);
    }
}

impl Default for TicketKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKeys")
    }
}
