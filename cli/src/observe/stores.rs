//! The store of a service: what it reports, as lines, as events and as a gauge.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use handclasp_codec::Printable;
use handclasp_store::StoreEvent;

use super::{prefix, process};
use crate::log::{self, Event, Level};

/// Whether the stores of each service answer, oldest first: over a reload with other settings there are two for a while, and
/// the last one counts.
static STORES: Mutex<BTreeMap<String, Vec<(u64, bool)>>> = Mutex::new(BTreeMap::new());

fn stores() -> MutexGuard<'static, BTreeMap<String, Vec<(u64, bool)>>> {
    STORES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the store of a service answers; true without a store.
pub(super) fn is_up(service: &str) -> bool {
    stores().get(service).and_then(|all| all.last()).is_none_or(|(_, is_up)| *is_up)
}

/// Observes the store of one service.
#[derive(Debug)]
pub struct StoreObserver {
    service: String,
    number: u64,
    /// When the store last answered, while it is away.
    since: Mutex<Option<SystemTime>>,
}

impl StoreObserver {
    /// `service` is the name that [`super::ServiceObserver`] has.
    pub fn new(service: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        stores().entry(service.to_owned()).or_default().push((number, true));
        show(service);
        Self { service: service.to_owned(), number, since: Mutex::default() }
    }

    /// Says it, and shows whether the store answers.
    pub fn event(&self, event: &StoreEvent) {
        match event {
            StoreEvent::Away { .. } => self.set(false),
            StoreEvent::Back { .. } => self.set(true),
            _ => {}
        }
        let line = format!("{}{event}", prefix(&self.service));
        self.described(event).with("service", self.service.as_str()).tell(Some(line));
    }

    fn described(&self, event: &StoreEvent) -> Event {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            StoreEvent::Away { why, since: answered, .. } => {
                *since = *answered;
                Event::new("store", Level::Warning)
                    .with("state", "down")
                    .with("error", why.as_str())
                    .with_some("since", since.map(log::timestamp))
            }
            StoreEvent::Stale => Event::new("store", Level::Warning)
                .with("state", "stale")
                .with_some("since", since.map(log::timestamp)),
            StoreEvent::Back { after } => {
                *since = None;
                Event::new("store", Level::Info).with("state", "up").with("down_ms", milliseconds(*after))
            }
            StoreEvent::Refused { kind, is_write, why } => Event::new("store", Level::Warning)
                .with("state", "refuses")
                .with("record", format!("handclasp:{}", kind.name()))
                .with("operation", if *is_write { "write" } else { "read" })
                .with("error", why.as_str()),
            StoreEvent::Record { kind, name, why } => {
                let name = String::from_utf8_lossy(name);
                Event::new("store_record", Level::Warning)
                    .with("record", format!("handclasp:{}:{}", kind.name(), Printable(&name)))
                    .with("error", why.as_str())
            }
            // What a later version of the library adds has its sentence.
            _ => Event::new("store", Level::Warning),
        }
    }

    fn set(&self, is_up: bool) {
        if let Some(all) = stores().get_mut(&self.service) {
            all.iter_mut().filter(|(number, _)| *number == self.number).for_each(|(_, up)| *up = is_up);
        }
        show(&self.service);
    }
}

impl Drop for StoreObserver {
    fn drop(&mut self) {
        if let Some(all) = stores().get_mut(&self.service) {
            all.retain(|(number, _)| *number != self.number);
        }
        show(&self.service);
    }
}

fn show(service: &str) {
    if let Some(metrics) = &process().metrics {
        metrics.store_is(service, is_up(service));
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreEvent {
        StoreEvent::Away { why: "no answer".to_owned(), since: None, stale: Duration::ZERO }
    }

    /// A reload that is refused, or one with other settings.
    #[test]
    fn of_two_stores_of_a_service_the_later_one_counts() {
        const SERVICE: &str = "serve.two-stores";
        assert!(is_up(SERVICE));
        let first = StoreObserver::new(SERVICE);
        first.event(&away());
        assert!(!is_up(SERVICE));
        let second = StoreObserver::new(SERVICE);
        assert!(is_up(SERVICE));
        drop(second);
        assert!(!is_up(SERVICE), "the reload was refused");
        let second = StoreObserver::new(SERVICE);
        drop(first);
        assert!(is_up(SERVICE));
        second.event(&away());
        assert!(!is_up(SERVICE));
        drop(second);
        assert!(is_up(SERVICE), "no store");
    }
}
