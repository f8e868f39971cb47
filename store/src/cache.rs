//! What was read from the store, and what it did not have: bounded, and kept until a change is notified.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Fields, RecordKind};

/// Records that are kept, and as many names without a record. Beyond that any of them gives way.
const ENTRIES_MAX: usize = 16_384;

/// How long a record counts without being read again, where changes are notified: a limit in case that a
/// notification is lost.
const NOTIFIED: Duration = Duration::from_secs(60);

/// The same for a name without a record.
const NOTIFIED_ABSENCE: Duration = Duration::from_secs(10);

/// How long either counts where changes are not notified.
const POLLED: Duration = Duration::from_millis(500);

const _: () = assert!(POLLED.as_millis() < 1000, "a revocation counts within a second");

type Name = (RecordKind, Vec<u8>);

#[derive(Debug, Default)]
pub(crate) struct Cache {
    known: HashMap<Name, Entry>,
    /// Names without a record, and when that was read.
    absent: HashMap<Name, Instant>,
    /// Grows with each change: what was read before one may be from before it.
    changes: u64,
}

#[derive(Debug)]
struct Entry {
    fields: Arc<Fields>,
    read: Instant,
    /// Whether no change may have been missed.
    is_current: bool,
}

impl Cache {
    /// A record that counts now; `Some(None)`: there is none of that name.
    pub(crate) fn current(
        &self,
        kind: RecordKind,
        name: &[u8],
        notifies: bool,
    ) -> Option<Option<Arc<Fields>>> {
        let key = (kind, name.to_vec());
        let limit = |notified| if notifies { notified } else { POLLED };
        if let Some(entry) = self.known.get(&key) {
            let counts = entry.is_current && entry.read.elapsed() < limit(NOTIFIED);
            return counts.then(|| Some(Arc::clone(&entry.fields)));
        }
        let read = self.absent.get(&key)?;
        (read.elapsed() < limit(NOTIFIED_ABSENCE)).then_some(None)
    }

    /// A record as it was when the store was last asked, for as long as the store is away.
    pub(crate) fn last(&self, kind: RecordKind, name: &[u8]) -> Option<Arc<Fields>> {
        self.known.get(&(kind, name.to_vec())).map(|entry| Arc::clone(&entry.fields))
    }

    /// To be given to [`Self::keep`] with what is read next.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Keeps what was read, unless something changed while it was on its way.
    pub(crate) fn keep(&mut self, kind: RecordKind, name: &[u8], fields: Option<Arc<Fields>>, changes: u64) {
        let key = (kind, name.to_vec());
        let read = Instant::now();
        match fields {
            Some(fields) => {
                self.absent.remove(&key);
                make_room(&mut self.known);
                let is_current = changes == self.changes;
                self.known.insert(key, Entry { fields, read, is_current });
            }
            None => {
                self.known.remove(&key);
                if changes == self.changes {
                    make_room(&mut self.absent);
                    self.absent.insert(key, read);
                }
            }
        }
    }

    /// A record was changed, made or removed.
    pub(crate) fn forget(&mut self, kind: RecordKind, name: &[u8]) {
        self.changes = self.changes.wrapping_add(1);
        let key = (kind, name.to_vec());
        self.known.remove(&key);
        self.absent.remove(&key);
    }

    /// Anything may have changed. Records stay for a store that is away again.
    pub(crate) fn doubt(&mut self) {
        self.changes = self.changes.wrapping_add(1);
        self.known.values_mut().for_each(|entry| entry.is_current = false);
        self.absent.clear();
    }
}

/// Removes any entry of a map that is full. A map that an attacker fills loses what the attacker put there,
/// for the most part.
fn make_room<V>(map: &mut HashMap<Name, V>) {
    if map.len() >= ENTRIES_MAX
        && let Some(any) = map.keys().next().cloned()
    {
        map.remove(&any);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: &str) -> Option<Arc<Fields>> {
        Some(Arc::new(Fields::default().with("hex", value)))
    }

    #[test]
    fn a_change_ends_what_was_read_before_it() {
        let mut cache = Cache::default();
        let before = cache.changes();
        cache.keep(RecordKind::Psk, b"a", record("1"), before);
        assert_eq!(cache.current(RecordKind::Psk, b"a", true), Some(record("1")));
        cache.forget(RecordKind::Psk, b"a");
        assert_eq!(cache.current(RecordKind::Psk, b"a", true), None);
        // Read before the change, and here behind it.
        cache.keep(RecordKind::Psk, b"a", record("1"), before);
        cache.keep(RecordKind::Psk, b"b", None, before);
        assert_eq!(
            (cache.current(RecordKind::Psk, b"a", true), cache.current(RecordKind::Psk, b"b", true)),
            (None, None)
        );
        cache.keep(RecordKind::Psk, b"b", None, cache.changes());
        assert_eq!(cache.current(RecordKind::Psk, b"b", true), Some(None));
        cache.doubt();
        assert_eq!(cache.current(RecordKind::Psk, b"b", true), None);
        assert_eq!(cache.last(RecordKind::Psk, b"a"), record("1"));
    }

    /// Not even for a store that is away.
    #[test]
    fn a_record_that_is_gone_is_not_the_last_one() {
        let mut cache = Cache::default();
        cache.keep(RecordKind::Psk, b"a", record("1"), cache.changes());
        cache.keep(RecordKind::Psk, b"a", None, cache.changes());
        assert_eq!(cache.last(RecordKind::Psk, b"a"), None);
        assert_eq!(cache.current(RecordKind::Psk, b"a", true), Some(None));
    }

    #[test]
    fn neither_map_grows_without_end() {
        let mut cache = Cache::default();
        for number in 0..ENTRIES_MAX + 10 {
            let name = number.to_be_bytes();
            cache.keep(RecordKind::Psk, &name, None, 0);
            cache.keep(RecordKind::Client, &name, record("1"), 0);
        }
        assert_eq!((cache.known.len(), cache.absent.len()), (ENTRIES_MAX, ENTRIES_MAX));
    }
}
