//! A store in memory that does not answer, or that another server was quicker at, when the test says so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use handclasp_store::{Change, Fields, FleetOptions, MemoryStore, RecordKind, Store, StoreError, StoreEvent};

use super::tls::{Member, Names, VERSIONS, psk_client, psk_server};

#[derive(Clone, Debug, Default)]
struct Scripted {
    memory: MemoryStore,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_silent: AtomicBool,
    /// Only [`Store::ping`] is answered.
    is_hollow: AtomicBool,
    is_late: AtomicBool,
    notifies: AtomicBool,
    /// Changes of ticket keys that are to be notified.
    changes: AtomicUsize,
    pings: AtomicUsize,
    /// How often a ticket key was read.
    keys_read: AtomicUsize,
    /// Records of pre-shared keys are unusable.
    is_broken: AtomicBool,
    /// Operations of handshakes.
    operations: AtomicUsize,
    /// Until when the last used ticket is kept.
    until: AtomicU64,
}

impl Scripted {
    async fn answer(&self) {
        if self.state.is_hollow.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.answer_ping().await;
    }

    async fn answer_ping(&self) {
        if self.state.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl Store for Scripted {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        if kind == RecordKind::Psk {
            self.state.operations.fetch_add(1, Ordering::SeqCst);
        }
        if kind == RecordKind::TicketKey {
            self.state.keys_read.fetch_add(1, Ordering::SeqCst);
        }
        self.answer().await;
        if kind == RecordKind::Psk && self.state.is_broken.load(Ordering::SeqCst) {
            return Err(StoreError::Record("not text".into()));
        }
        self.memory.get(kind, name).await
    }

    async fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> Result<bool, StoreError> {
        if kind == RecordKind::UsedTicket {
            self.state.operations.fetch_add(1, Ordering::SeqCst);
            self.state.until.store(until, Ordering::SeqCst);
        }
        self.answer().await;
        if self.state.is_late.load(Ordering::SeqCst) {
            let secret: String = (0..32_u8).map(|byte| format!("{byte:02x}")).collect();
            self.memory.insert_new(kind, name, &Fields::default().with("plain", secret), until).await?;
        }
        self.memory.insert_new(kind, name, fields, until).await
    }

    async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
        self.memory.set(kind, name, fields).await
    }

    async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
        self.memory.remove(kind, name).await
    }

    async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
        self.memory.names(kind).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.state.pings.fetch_add(1, Ordering::SeqCst);
        self.answer_ping().await;
        Ok(())
    }

    async fn changed(&self) -> Change {
        let less = |count: usize| count.checked_sub(1);
        while self.state.changes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Change::Record(RecordKind::TicketKey, b"7".to_vec())
    }

    fn notifies(&self) -> bool {
        self.state.notifies.load(Ordering::SeqCst)
    }
}

/// A store that notifies of changes and has the key of a client, and a server of it.
async fn with_the_key_of_device_1() -> (Scripted, Member<Scripted>) {
    let store = Scripted::default();
    store.state.notifies.store(true, Ordering::SeqCst);
    let record = Fields::default().with("ascii", "sixteen letters!");
    store.memory.set(RecordKind::Psk, b"device-1", &record).await.unwrap();
    let mut options = FleetOptions::default();
    options.psks = true;
    let member = Member::start(store.clone(), options, psk_server()).await;
    (store, member)
}

/// What does not change is read once: a record, that there is none, and one that cannot be used.
#[tokio::test]
async fn records_that_do_not_change_are_read_once() {
    let (store, member) = with_the_key_of_device_1().await;
    for (name, is_known, is_broken) in
        [("device-1", true, false), ("device-2", false, false), ("device-3", false, true)]
    {
        store.state.is_broken.store(is_broken, Ordering::SeqCst);
        let client = psk_client(name, b"sixteen letters!").without_resumption();
        let before = store.state.operations.load(Ordering::SeqCst);
        for _ in 0..5 {
            assert_eq!(member.meets(&client).await.is_ok(), is_known, "{name}");
        }
        let read = store.state.operations.load(Ordering::SeqCst) - before;
        // On a machine that stands still for seconds it is read again.
        assert!((1..4).contains(&read), "{name}: {read}");
    }
}

/// What was read before the store was away may have changed meanwhile, also where a notification of that is lost.
#[tokio::test]
async fn what_was_read_is_read_again_when_the_store_is_back() {
    let (store, member) = with_the_key_of_device_1().await;
    let client = psk_client("device-1", b"sixteen letters!").without_resumption();
    assert!(member.meets(&client).await.is_ok());
    store.state.is_silent.store(true, Ordering::SeqCst);
    member.sees(|event| matches!(event, StoreEvent::Away { .. })).await;
    assert!(store.memory.remove(RecordKind::Psk, b"device-1").await.unwrap());
    assert!(member.meets(&client).await.is_ok());
    store.state.is_silent.store(false, Ordering::SeqCst);
    member.sees(|event| matches!(event, StoreEvent::Back { .. })).await;
    assert!(member.meets(&client).await.is_err());
}

/// Waits for longer than a busy machine needs.
async fn comes(is_there: impl Fn() -> bool) {
    for _ in 0..6000 {
        if is_there() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not come");
}

/// A connection that died is noticed without a client, and a ticket key that changed is read at once: by the time alone it
/// would be 40 minutes until all of these reads are done.
#[tokio::test]
async fn a_store_is_asked_while_nobody_connects() {
    let store = Scripted::default();
    let _member = Member::start(store.clone(), FleetOptions::default(), Names::new().server()).await;
    comes(|| store.state.pings.load(Ordering::SeqCst) >= 5).await;
    store.state.changes.store(500, Ordering::SeqCst);
    comes(|| store.state.keys_read.load(Ordering::SeqCst) >= 1500).await;
}

/// Another server, whose clock is behind, would open the ticket again: a used ticket is remembered for five minutes longer
/// than its key opens tickets.
#[tokio::test]
async fn a_used_ticket_is_remembered_for_longer_than_it_opens() {
    let (store, names) = (Scripted::default(), Names::new());
    let member = Member::start(store.clone(), FleetOptions::default(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    let period = FleetOptions::default().ticket_period.as_secs();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let remembered = store.state.until.load(Ordering::SeqCst);
    // The key of this period or, where that has just ended, of the one before.
    let opens_until = [now / period + 1, now / period + 2].map(|number| number * period);
    assert!(opens_until.iter().any(|end| remembered == end + 300), "{remembered} {opens_until:?}");
}

/// One handshake waits for a store that does not answer, and those behind it do not.
#[tokio::test]
async fn a_store_that_is_away_is_asked_by_no_handshake() {
    let (store, names) = (Scripted::default(), Names::new());
    let member = Member::start(store.clone(), FleetOptions::default(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    store.state.is_silent.store(true, Ordering::SeqCst);
    assert!(!member.meets(&client).await.unwrap());
    member.sees(|event| matches!(event, StoreEvent::Away { .. })).await;
    let before = store.state.operations.load(Ordering::SeqCst);
    for _ in 0..5 {
        assert!(!member.meets(&client).await.unwrap());
    }
    assert_eq!(store.state.operations.load(Ordering::SeqCst), before);
    store.state.is_silent.store(false, Ordering::SeqCst);
    member.sees(|event| matches!(event, StoreEvent::Back { .. })).await;
    assert!(member.meets(&client).await.unwrap());
}

/// A proxy that answers for a store which is gone: one outage, and no handshake waits for it again and again.
#[tokio::test]
async fn a_proxy_that_answers_for_the_store_is_not_the_store() {
    let (store, names) = (Scripted::default(), Names::new());
    let member = Member::start(store.clone(), FleetOptions::default(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    store.state.is_hollow.store(true, Ordering::SeqCst);
    assert!(!member.meets(&client).await.unwrap());
    member.sees(|event| matches!(event, StoreEvent::Away { .. })).await;
    let pings = store.state.pings.load(Ordering::SeqCst);
    while store.state.pings.load(Ordering::SeqCst) < pings + 8 {
        assert!(!member.fleet.is_up());
        assert!(!member.meets(&client).await.unwrap());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(member.events.lock().unwrap().len(), 1, "said once");
    store.state.is_hollow.store(false, Ordering::SeqCst);
    member.sees(|event| matches!(event, StoreEvent::Back { .. })).await;
    assert!(member.meets(&client).await.unwrap());
}

/// Of two servers that make a key at once, the later one takes that of the other.
#[tokio::test]
async fn the_key_that_came_first_is_the_key_of_both_servers() {
    let (store, names) = (Scripted::default(), Names::new());
    store.state.is_late.store(true, Ordering::SeqCst);
    let late = Member::start(store.clone(), FleetOptions::default(), names.server()).await;
    store.state.is_late.store(false, Ordering::SeqCst);
    let other = Member::start(store, FleetOptions::default(), names.server()).await;
    for version in VERSIONS {
        let client = names.client(version);
        assert!(!late.meets(&client).await.unwrap());
        assert!(other.meets(&client).await.unwrap(), "{version}");
    }
}

/// A ticket that another server has redeemed is a full handshake, whose new ticket counts.
#[tokio::test]
async fn a_ticket_that_another_server_redeemed_is_not_resumed() {
    let (store, names) = (Scripted::default(), Names::new());
    let member = Member::start(store.clone(), FleetOptions::default(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap());
    store.state.is_late.store(true, Ordering::SeqCst);
    assert!(!member.meets(&client).await.unwrap());
    store.state.is_late.store(false, Ordering::SeqCst);
    assert!(member.meets(&client).await.unwrap());
}
