//! A store in the memory of one process, for tests and for several servers of one program.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Fields, RecordKind, Store, StoreError, time::now};

/// Records in memory. A clone is a pointer to the same records.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Records>>);

#[derive(Debug, Default)]
struct Records {
    by_name: HashMap<(RecordKind, Vec<u8>), Record>,
    /// When records that have ended are looked for again.
    next_sweep: u64,
}

#[derive(Debug)]
struct Record {
    fields: Fields,
    /// Seconds since 1970.
    until: Option<u64>,
}

impl Record {
    fn is_current(&self, now: u64) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Seconds between two searches for records that have ended.
const SWEEP: u64 = 60;

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        let records = self.lock();
        let found = records.by_name.get(&(kind, name.to_vec())).filter(|record| record.is_current(now()));
        Ok(found.map(|record| record.fields.clone()))
    }

    async fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> Result<bool, StoreError> {
        let now = now();
        let mut records = self.lock();
        if records.next_sweep <= now {
            records.next_sweep = now.saturating_add(SWEEP);
            records.by_name.retain(|_, record| record.is_current(now));
        }
        let key = (kind, name.to_vec());
        if records.by_name.get(&key).is_some_and(|record| record.is_current(now)) {
            return Ok(false);
        }
        records.by_name.insert(key, Record { fields: fields.clone(), until: Some(until) });
        Ok(true)
    }

    async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
        let record = Record { fields: fields.clone(), until: None };
        self.lock().by_name.insert((kind, name.to_vec()), record);
        Ok(())
    }

    async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
        let removed = self.lock().by_name.remove(&(kind, name.to_vec()));
        Ok(removed.is_some_and(|record| record.is_current(now())))
    }

    async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
        let (now, records) = (now(), self.lock());
        let current =
            records.by_name.iter().filter(|((of, _), record)| *of == kind && record.is_current(now));
        Ok(current.map(|((_, name), _)| name.clone()).collect())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_that_have_ended_are_removed_from_memory() {
        let (store, fields) = (MemoryStore::default(), Fields::default());
        store.insert_new(RecordKind::UsedTicket, b"a", &fields, 1_000_000_000).await.unwrap();
        store.lock().next_sweep = 0;
        store.insert_new(RecordKind::UsedTicket, b"b", &fields, 4_000_000_000).await.unwrap();
        assert_eq!(store.lock().by_name.len(), 1);
    }
}
