//! The trait of a store: a few operations on records, each atomic among all servers that share the store.

use std::{fmt, future::Future};

use crate::{Fields, RecordKind};

/// Where servers keep what they share. Implementations: [`crate::MemoryStore`], [`crate::FileStore`],
/// [`crate::RedisStore`].
///
/// Operations return at once or fail; [`crate::Fleet`] adds time limits, a cache and what happens where a store
/// is away.
///
/// A store of your own has six methods. This one is a table of a database, here a map; the comments are what a database is
/// asked:
///
/// ```
/// use std::{
///     collections::HashMap,
///     sync::Mutex,
///     time::{SystemTime, UNIX_EPOCH},
/// };
///
/// use handclasp::{Identity, Server, tokio::TlsAcceptor};
/// use handclasp_store::{Fields, Fleet, FleetOptions, RecordKind, Store, StoreError};
///
/// /// Kind and name; the fields as a database has them, and until when they count, in seconds since 1970.
/// type Key = (String, Vec<u8>);
/// type Row = (Vec<(String, String)>, u64);
///
/// #[derive(Default)]
/// struct Table(Mutex<HashMap<Key, Row>>);
///
/// impl Table {
///     fn rows(&self) -> Result<std::sync::MutexGuard<'_, HashMap<Key, Row>>, StoreError> {
///         // No connection, a deadlock, a time limit: the store is away, and handshakes go on in full.
///         self.0.lock().map_err(|error| StoreError::Unavailable(error.to_string()))
///     }
/// }
///
/// fn key(kind: RecordKind, name: &[u8]) -> Key {
///     (kind.name().to_owned(), name.to_vec())
/// }
///
/// fn row(fields: &Fields, until: u64) -> Row {
///     (fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), until)
/// }
///
/// fn now() -> u64 {
///     SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
/// }
///
/// impl Store for Table {
///     // SELECT field, value FROM records WHERE kind = ? AND name = ? AND until > ?
///     async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
///         let rows = self.rows()?;
///         let found = rows.get(&key(kind, name)).filter(|(_, until)| *until > now());
///         let fields = |(fields, _): &Row| {
///             fields.iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, value))
///         };
///         Ok(found.map(fields))
///     }
///
///     // DELETE … WHERE kind = ? AND name = ? AND until <= ?; INSERT … ON CONFLICT DO NOTHING: the count of rows
///     async fn insert_new(
///         &self, kind: RecordKind, name: &[u8], fields: &Fields, until: u64,
///     ) -> Result<bool, StoreError> {
///         let (mut rows, key) = (self.rows()?, key(kind, name));
///         let is_new = rows.get(&key).is_none_or(|(_, until)| *until <= now());
///         is_new.then(|| rows.insert(key, row(fields, until)));
///         Ok(is_new)
///     }
///
///     // INSERT … ON CONFLICT DO UPDATE
///     async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
///         self.rows()?.insert(key(kind, name), row(fields, u64::MAX));
///         Ok(())
///     }
///
///     // DELETE … WHERE kind = ? AND name = ?
///     async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
///         Ok(self.rows()?.remove(&key(kind, name)).is_some_and(|(_, until)| until > now()))
///     }
///
///     // SELECT name … WHERE kind = ? AND until > ?
///     async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
///         let rows = self.rows()?;
///         let of_kind = rows.iter().filter(|((of, _), (_, until))| of == kind.name() && *until > now());
///         Ok(of_kind.map(|((_, name), _)| name.clone()).collect())
///     }
///
///     // SELECT 1
///     async fn ping(&self) -> Result<(), StoreError> {
///         self.rows().map(drop)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut options = FleetOptions::default();
/// options.psks = true; // pre-shared keys come from the table
/// let fleet = Fleet::start(Table::default(), options, |event| eprintln!("{event}")).await;
/// let record = Fields::default().with("hex", "00112233445566778899aabbccddeeff");
/// fleet.store().set(RecordKind::Psk, b"device-7", &record).await?;
/// let server = fleet.configure(Server::new(Identity::self_signed(&["a.example"])?));
/// let acceptor = TlsAcceptor::from(server).with_needs(fleet.clone());
/// # assert!(fleet.is_up() && fleet.store().names(RecordKind::TicketKey).await?.len() == 2);
/// # assert!(acceptor.server().check().is_ok());
/// # Ok(())
/// # }
/// ```
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
    /// The store answers and refuses this operation: a replica that takes no writes, no memory left, no permission.
    Refused(String),
    /// The record cannot be read: it is of another type, not text, or too long.
    Record(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) | Self::Refused(why) | Self::Record(why) => f.write_str(why),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StoreError {}
