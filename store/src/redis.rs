//! A store in Redis, Valkey or anything else that speaks their protocol, over TCP, TLS or a UNIX socket.
//!
//! | record | in Redis |
//! |---|---|
//! | pre-shared key, client | a hash: `HSET handclasp:psk:device-7 hex 00112233445566778899aabbccddeeff` |
//! | ticket key | a string, made by `SET … NX` with an expiry |
//! | used ticket | likewise |
//!
//! Changes come as invalidations of client-side caching (`CLIENT TRACKING ON BCAST`, Redis 6 and later), on the
//! connection that also reads, so that no change is between two connections. They need no setting of the server.

mod address;
mod bounded;
mod link;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{Cmd, FromRedisValue, Value};
use tokio::{sync::mpsc, time::timeout};

pub use address::{RedisAddress, RedisUrlError};

use crate::{Change, Fields, RecordKind, Store, StoreError};
use link::Link;

/// Before the kind in every name.
const PREFIX: &str = "handclasp:";

/// Names that one step of a search asks for.
const SCAN: usize = 500;

/// Bytes of a record that is taken: names of devices, keys and contexts are shorter by far.
const LONGEST_RECORD: usize = 64 * 1024;

/// A server that takes no writes may be one that was replaced, where another one is reached at its address by now: at most
/// so often a new connection is tried.
const SEARCH: Duration = Duration::from_secs(1);

/// Records in Redis.
pub struct RedisStore {
    address: RedisAddress,
    changes: tokio::sync::Mutex<mpsc::UnboundedReceiver<Change>>,
    shared: Arc<Shared>,
}

/// What the store shares with the task that looks for another server.
struct Shared {
    /// The connection, if there is one.
    link: Mutex<Option<Link>>,
    /// When the last connection was begun.
    connected: Mutex<Option<Instant>>,
    sender: mpsc::UnboundedSender<Change>,
}

impl Shared {
    /// Connects, in place of the connection that there is.
    async fn connect(&self, address: &RedisAddress) -> Result<(), StoreError> {
        *self.connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let link = Link::connect(address, self.sender.clone()).await?;
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
        // What changed while there was no connection is not known.
        let _ = self.sender.send(Change::Everything);
        Ok(())
    }
}

impl RedisStore {
    /// The store at that address. [`Store::ping`] connects.
    pub fn new(address: RedisAddress) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let shared = Shared { link: Mutex::default(), connected: Mutex::default(), sender };
        Self { address, changes: tokio::sync::Mutex::new(receiver), shared: Arc::new(shared) }
    }

    fn link(&self) -> Option<Link> {
        self.shared.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks for the server that takes writes, where it is time to. The connection that there is serves meanwhile.
    fn search(&self) {
        let mut connected = self.shared.connected.lock().unwrap_or_else(PoisonError::into_inner);
        if connected.is_none_or(|connected| connected.elapsed() >= SEARCH) {
            *connected = Some(Instant::now());
            let (shared, address) = (Arc::clone(&self.shared), self.address.clone());
            tokio::spawn(async move { timeout(SEARCH, shared.connect(&address)).await });
        }
    }

    /// Sends a command over the connection that there is. A failure of the connection ends it.
    async fn call<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StoreError> {
        let link = self.link().ok_or_else(|| StoreError::Unavailable("not connected".into()))?;
        // Dropped by a time limit: the connection may be dead, or owe an answer for long.
        let guard = Guard { store: self, link: Some(&link) };
        let value: redis::RedisResult<Value> = link.ask(command).await;
        let outcome = value.and_then(|value| Ok(T::from_redis_value(value)?));
        match outcome {
            Ok(value) => {
                guard.keep();
                Ok(value)
            }
            // WRONGTYPE: somebody made a string of that name, or a hash.
            Err(error) if error.code() == Some("WRONGTYPE") || is_content(&error) => {
                guard.keep();
                Err(StoreError::Record(link::words(&error)))
            }
            Err(error) if link::is_refusal(&error) => {
                link.note_refusal(&error);
                guard.keep();
                Err(StoreError::Refused(link::words(&error)))
            }
            Err(error) => Err(StoreError::Unavailable(link::words(&error))),
        }
    }
}

fn too_long(length: usize) -> StoreError {
    StoreError::Record(format!("it has {length} bytes, expected at most {LONGEST_RECORD}"))
}

fn is_content(error: &redis::RedisError) -> bool {
    matches!(error.kind(), redis::ErrorKind::UnexpectedReturnType)
}

/// Ends a connection unless it is kept.
struct Guard<'a> {
    store: &'a RedisStore,
    link: Option<&'a Link>,
}

impl Guard<'_> {
    fn keep(mut self) {
        self.link = None;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let Some(link) = self.link else { return };
        let mut current = self.store.shared.link.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|now| now.is(link)) {
            *current = None;
        }
    }
}

/// The name of a record in Redis.
fn key(kind: RecordKind, name: &[u8]) -> Vec<u8> {
    [PREFIX.as_bytes(), kind.name().as_bytes(), b":", name].concat()
}

/// Kind and name of a record, by its name in Redis.
fn record(key: &[u8]) -> Option<(RecordKind, Vec<u8>)> {
    let rest = key.strip_prefix(PREFIX.as_bytes())?;
    RecordKind::ALL.into_iter().find_map(|kind| {
        let name = rest.strip_prefix(kind.name().as_bytes())?.strip_prefix(b":")?;
        Some((kind, name.to_vec()))
    })
}

/// Whether records of a kind are strings with an expiry.
const fn is_string(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::TicketKey | RecordKind::UsedTicket)
}

/// The fields of a string: words in pairs.
fn of_string(text: &str) -> Fields {
    let mut words = text.split(' ');
    let mut fields = Fields::default();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        fields = fields.with(name, value);
    }
    fields
}

fn to_string(fields: &Fields) -> String {
    let words: Vec<String> = fields.iter().map(|(name, value)| format!("{name} {value}")).collect();
    words.join(" ")
}

fn command(name: &str, kind: RecordKind, record: &[u8]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(key(kind, record));
    command
}

impl Store for RedisStore {
    async fn get(&self, kind: RecordKind, name: &[u8]) -> Result<Option<Fields>, StoreError> {
        if is_string(kind) {
            let text: Option<String> = self.call(command("GET", kind, name)).await?;
            return match text {
                Some(text) if text.len() > LONGEST_RECORD => Err(too_long(text.len())),
                text => Ok(text.map(|text| of_string(&text))),
            };
        }
        let all: Vec<(String, String)> = self.call(command("HGETALL", kind, name)).await?;
        let length = all.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        let length = length.fold(0, usize::saturating_add);
        if length > LONGEST_RECORD {
            return Err(too_long(length));
        }
        let fields =
            all.into_iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, value));
        Ok(Some(fields).filter(|fields| !fields.is_empty()))
    }

    async fn insert_new(
        &self,
        kind: RecordKind,
        name: &[u8],
        fields: &Fields,
        until: u64,
    ) -> Result<bool, StoreError> {
        let mut set = command("SET", kind, name);
        // Seconds from now, which Redis before 6.2 takes too.
        let seconds = until.saturating_sub(crate::time::now()).max(1);
        set.arg(to_string(fields)).arg("NX").arg("EX").arg(seconds);
        let made: Option<String> = self.call(set).await?;
        Ok(made.is_some())
    }

    async fn set(&self, kind: RecordKind, name: &[u8], fields: &Fields) -> Result<(), StoreError> {
        let mut commands = vec![command("DEL", kind, name)];
        // One field each: Redis before 4.0 takes no more.
        commands.extend(fields.iter().map(|(field, value)| {
            let mut set = command("HSET", kind, name);
            set.arg(field).arg(value);
            set
        }));
        let link = self.link().ok_or_else(|| StoreError::Unavailable("not connected".into()))?;
        let guard = Guard { store: self, link: Some(&link) };
        // At once: a client that was revoked must not be unknown between them, and no key is without its `use`.
        match link.ask_at_once(commands).await {
            Ok(()) => {
                guard.keep();
                Ok(())
            }
            Err(error) if link::is_refusal(&error) => {
                guard.keep();
                Err(StoreError::Refused(link::words(&error)))
            }
            Err(error) => Err(StoreError::Unavailable(link::words(&error))),
        }
    }

    async fn remove(&self, kind: RecordKind, name: &[u8]) -> Result<bool, StoreError> {
        self.call(command("DEL", kind, name)).await
    }

    async fn names(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, StoreError> {
        let (mut cursor, mut names) = (String::from("0"), Vec::new());
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(key(kind, b"*")).arg("COUNT").arg(SCAN);
            let (next, found): (String, Vec<Vec<u8>>) = self.call(scan).await?;
            names.extend(found.iter().filter_map(|key| record(key)).map(|(_, name)| name));
            cursor = next;
            if cursor == "0" {
                names.sort();
                names.dedup();
                return Ok(names);
            }
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let Some(link) = self.link() else { return self.shared.connect(&self.address).await };
        if link.is_read_only() {
            self.search();
        }
        match self.call::<Value>(redis::cmd("PING")).await {
            Err(StoreError::Refused(why)) => {
                // The next one connects.
                drop(Guard { store: self, link: Some(&link) });
                Err(StoreError::Unavailable(why))
            }
            outcome => outcome.map(drop),
        }
    }

    async fn changed(&self) -> Change {
        match self.changes.lock().await.recv().await {
            Some(change) => change,
            None => std::future::pending().await,
        }
    }

    fn notifies(&self) -> bool {
        self.link().is_some_and(|link| link.notifies())
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RedisStore").field(&self.address).finish()
    }
}

/// What a push of the server says has changed.
fn changes(push: &redis::PushInfo) -> Vec<Change> {
    if push.kind != redis::PushKind::Invalidate {
        return Vec::new();
    }
    let Some(Value::Array(keys)) = push.data.first() else { return vec![Change::Everything] };
    let name = |key: &Value| match key {
        Value::BulkString(bytes) => record(bytes),
        Value::SimpleString(text) => record(text.as_bytes()),
        _ => None,
    };
    keys.iter().filter_map(name).map(|(kind, name)| Change::Record(kind, name)).collect()
}

/// The receiver of pushes, as the connection wants it.
#[derive(Clone)]
struct Pushes(Arc<mpsc::UnboundedSender<Change>>);

impl redis::aio::AsyncPushSender for Pushes {
    fn send(&self, push: redis::PushInfo) -> Result<(), redis::aio::SendError> {
        for change in changes(&push) {
            self.0.send(change).map_err(|_| redis::aio::SendError)?;
        }
        Ok(())
    }
}
