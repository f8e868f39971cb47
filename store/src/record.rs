//! The records of a store: what kinds there are, and the fields that a record has.

use std::{collections::BTreeMap, fmt};

use zeroize::Zeroizing;

/// The kinds of records. In Redis a record is named `handclasp:KIND:NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RecordKind {
    /// `ticket-key`: the key that seals the tickets of one period. Named by the period's number since 1970.
    TicketKey,
    /// `used`: a ticket that was redeemed. Named by 20 bytes in hex.
    UsedTicket,
    /// `psk`: a pre-shared key. Named by its identity.
    Psk,
    /// `client`: the key of a client that is accepted. Named by its pin, `sha256/BASE64`.
    Client,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::TicketKey, Self::UsedTicket, Self::Psk, Self::Client];

    /// The kind in names of Redis and of files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TicketKey => "ticket-key",
            Self::UsedTicket => "used",
            Self::Psk => "psk",
            Self::Client => "client",
        }
    }
}

/// The fields of a record by name. Values may be secret: they are wiped when dropped, and not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Zeroizing<String>>);

impl Fields {
    /// A field's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// Adds a field, or replaces it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), Zeroizing::new(value.into()));
        self
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
