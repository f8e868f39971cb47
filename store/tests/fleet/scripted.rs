//! A store in memory that does not answer, or that another server was quicker at, when the test says so.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use handclasp_store::{Fields, FleetOptions, MemoryStore, RecordKind, Store, StoreError, StoreEvent};

use super::tls::{Member, Names, VERSIONS};

#[derive(Clone, Debug, Default)]
struct Scripted {
    memory: MemoryStore,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_silent: AtomicBool,
    is_late: AtomicBool,
    /// Operations of handshakes.
    operations: AtomicUsize,
}

impl Scripted {
    async fn answer(&self) {
        if self.state.is_silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

impl Store for Scripted {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        self.answer().await;
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
        self.answer().await;
        Ok(())
    }
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
