//! A store by its address, as flags and files name it.

use crate::{Change, Fields, FileStore, RecordKind, Store, StoreError};
#[cfg(feature = "redis")]
use crate::{RedisAddress, RedisStore};

/// A store of a kind that is known at run time.
#[derive(Debug)]
#[non_exhaustive]
pub enum AnyStore {
    /// A folder.
    File(FileStore),
    /// A Redis server.
    #[cfg(feature = "redis")]
    Redis(RedisStore),
}

/// Calls a method of the store that there is.
macro_rules! each {
    ($of:expr, $store:ident => $body:expr) => {
        match $of {
            AnyStore::File($store) => $body,
            #[cfg(feature = "redis")]
            AnyStore::Redis($store) => $body,
        }
    };
}

impl AnyStore {
    /// The folder in `file:/FOLDER`; `None` of another address.
    pub fn folder(text: &str) -> Option<&str> {
        text.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path))
    }

    /// The store in that folder, which is made if there is none.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn in_folder(folder: &str) -> std::io::Result<Self> {
        FileStore::open(folder).map(Self::File)
    }

    /// The store in that Redis server.
    #[cfg(feature = "redis")]
    pub fn in_redis(address: RedisAddress) -> Self {
        Self::Redis(RedisStore::new(address))
    }
}

impl Store for AnyStore {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        each!(self, store => store.get(kind, name).await)
    }

    async fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> Result<bool, StoreError> {
        each!(self, store => store.insert_new(kind, name, fields, until).await)
    }

    async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
        each!(self, store => store.set(kind, name, fields).await)
    }

    async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
        each!(self, store => store.remove(kind, name).await)
    }

    async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
        each!(self, store => store.names(kind).await)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        each!(self, store => store.ping().await)
    }

    async fn changed(&self) -> Change {
        each!(self, store => store.changed().await)
    }

    fn notifies(&self) -> bool {
        each!(self, store => store.notifies())
    }
}
