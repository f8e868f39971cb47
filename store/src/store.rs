//! The trait of a store: a few operations on records, each atomic among all servers that share the store.

use std::{fmt, future::Future};

use crate::{Fields, RecordKind};

/// Where servers keep what they share. Implementations: [`crate::MemoryStore`], [`crate::FileStore`],
/// [`crate::RedisStore`].
///
/// Operations return at once or fail; [`crate::Fleet`] adds time limits, a cache and what happens where a store
/// is away.
pub trait Store: Send + Sync + 'static {
    /// Reads a record; `None` where there is none.
    fn get(
        &self,
        kind: RecordKind,
        name: &[u8],
    ) -> impl Future<Output = Result<Option<Fields>, StoreError>> + Send;

    /// Makes a record unless one of that name exists, and returns whether this call made it. Of concurrent
    /// calls by any servers exactly one returns true. The record ends at `until`, in seconds since 1970.
    fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Makes a record, or replaces it.
    fn set(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Removes a record, and returns whether there was one.
    fn remove(&self, kind: RecordKind, name: &[u8]) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The names of all records of a kind, in no order.
    fn names(&self, kind: RecordKind) -> impl Future<Output = Result<Vec<Vec<u8>>, StoreError>> + Send;

    /// Asks whether the store answers; connects where there is no connection.
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The next change by any server or person. Pending for ever in a store that does not say what changes.
    fn changed(&self) -> impl Future<Output = Change> + Send {
        std::future::pending()
    }

    /// Whether [`Store::changed`] returns every change at present. Records are then kept until they change;
    /// otherwise for less than a second.
    fn notifies(&self) -> bool {
        false
    }
}

/// A change of the store, by any server or person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The record of this kind and name was made, replaced or removed.
    Record(RecordKind, Vec<u8>),
    /// Any record may have changed: the connection is new, or the store was emptied.
    Everything,
}

/// Why an operation failed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be asked: not connected, too slow, not permitted.
    Unavailable(String),
    /// The record cannot be read: it is of another type, or not text.
    Record(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) | Self::Record(why) => f.write_str(why),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StoreError {}
