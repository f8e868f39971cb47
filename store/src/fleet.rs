//! A server's side of a store: ticket keys that all servers share, each ticket of TLS 1.3 used once among
//! them, pre-shared keys and clients looked up by name; and what goes on where the store is away.
//!
//! | file | content |
//! |---|---|
//! | `ticket_keys` | keys made by one server and taken by all, the next one before it seals |
//! | `health` | whether the store answers; an operation on one that does not ends at once |
//! | `operation` | one question to the store, and what its outcome says about the store |
//! | `answer` | the needs of handshakes |
//! | `watch` | the task that connects, asks whether the store answers, and takes changes |
//! | `event` | what is reported |
//! | `wrong` | which records that cannot be used are reported |

mod answer;
mod event;
mod health;
mod operation;
mod ticket_keys;
mod watch;
mod wrong;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use handclasp::{NeedKind, Server, TicketKeys};

use crate::{Fields, RecordKind, Store, StoreError, StoreKey, cache::Cache};
pub use event::StoreEvent;
use health::Health;
use operation::Operation;
use ticket_keys::Ring;
use wrong::Wrong;

/// How a [`Fleet`] uses its store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FleetOptions {
    /// Pre-shared keys of the store are accepted.
    pub psks: bool,
    /// Clients whose key pin is in the store are accepted.
    pub clients: bool,
    /// Seals ticket keys; opens pre-shared keys that are sealed.
    pub key: Option<StoreKey>,
    /// Time limit of a handshake for one operation of the store; 200 ms by default.
    pub time_limit: Duration,
    /// How long records that were read stay valid while the store is away; 15 minutes by default. A revocation is not seen
    /// meanwhile. Afterwards, and on a server that the store has not answered yet, no client is accepted that the
    /// store could have revoked.
    pub stale: Duration,
    /// How long a ticket key seals new tickets; 12 hours by default. It opens tickets for one period more.
    pub ticket_period: Duration,
}

impl Default for FleetOptions {
    fn default() -> Self {
        Self {
            psks: false,
            clients: false,
            key: None,
            time_limit: Duration::from_millis(200),
            stale: Duration::from_secs(15 * 60),
            ticket_period: Duration::from_secs(12 * 3600),
        }
    }
}

/// A server among several that share a store. A clone is a pointer to the same one. It answers needs of
/// handshakes ([`handclasp::tokio::AnswerNeeds`]).
///
/// ```
/// use handclasp::{Identity, Server, tokio::TlsAcceptor};
/// use handclasp_store::{Fleet, MemoryStore, FleetOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default(); // or RedisStore::new(RedisAddress::parse("redis://…")?)
/// let fleet = Fleet::start(store, FleetOptions::default(), |event| eprintln!("{event}")).await;
/// let server = fleet.configure(Server::new(Identity::self_signed(&["a.example"])?));
/// let acceptor = TlsAcceptor::from(server).with_needs(fleet.clone());
/// # Ok(())
/// # }
/// ```
///
/// A program that answers needs of its own passes the others on. Each new server of a [`handclasp::Current`] goes through
/// [`Fleet::configure`]:
///
/// ```
/// use handclasp::{Current, Error, Identity, LateNeed, NeedKind, Server, tokio::{AnswerNeeds, TlsAcceptor}};
/// use handclasp_store::{Fleet, FleetOptions, MemoryStore};
///
/// struct Needs(Fleet<MemoryStore>);
///
/// impl AnswerNeeds for Needs {
///     async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
///         match need {
///             // What the program decides for itself, such as by asking a service.
///             LateNeed::PeerCertificate(need) => need.accept_if_configured(),
///             other => self.0.answer(other).await,
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut options = FleetOptions::default();
/// options.psks = true;
/// let fleet = Fleet::start(MemoryStore::default(), options, |event| eprintln!("{event}")).await;
/// let load = || -> Result<Server, Box<dyn std::error::Error>> {
///     let server = Server::new(Identity::self_signed(&["a.example"])?); // from files
///     Ok(fleet.configure(server.late_needs(&[NeedKind::PeerCertificate])))
/// };
/// let current = Current::new(load()?);
/// let acceptor = TlsAcceptor::from(&current).with_needs(Needs(fleet.clone()));
/// current.replace(load()?)?;
/// # assert!(acceptor.server().check().is_ok());
/// # Ok(())
/// # }
/// ```
pub struct Fleet<S>(Arc<Inner<S>>);

struct Inner<S> {
    store: S,
    options: FleetOptions,
    keys: TicketKeys,
    ring: tokio::sync::Mutex<Ring>,
    cache: Mutex<Cache>,
    health: Mutex<Health>,
    wrong: Mutex<Wrong>,
    /// Operations that the store refuses.
    refusals: Mutex<Wrong>,
    observer: Box<dyn Fn(&StoreEvent) + Send + Sync>,
    begun: tokio::sync::OnceCell<()>,
}

/// What a look-up ends in.
enum Found {
    Known(Arc<Fields>),
    Unknown,
    /// The store is away, and the record was not read before, or too long ago.
    Unavailable,
}

impl<S: Store> Fleet<S> {
    /// Connects, and keeps the connection in a task of its own until the last clone is dropped. It also
    /// returns where the store is away: servers start without it.
    pub async fn start(
        store: S,
        options: FleetOptions,
        observer: impl Fn(&StoreEvent) + Send + Sync + 'static,
    ) -> Self {
        let fleet = Self::new(store, options, observer);
        fleet.begin().await;
        fleet
    }

    /// Connects to nothing yet: a program configures its server, and calls [`Fleet::begin`] when it listens.
    pub fn new(
        store: S,
        options: FleetOptions,
        observer: impl Fn(&StoreEvent) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            options,
            keys: TicketKeys::new(),
            ring: tokio::sync::Mutex::default(),
            cache: Mutex::default(),
            health: Mutex::new(Health::new()),
            wrong: Mutex::default(),
            refusals: Mutex::default(),
            observer: Box::new(observer),
            begun: tokio::sync::OnceCell::new(),
        }))
    }

    /// Connects; see [`Fleet::start`]. Handshakes wait for it. Of several calls the first one connects.
    pub async fn begin(&self) {
        let connecting = self.0.begun.get_or_init(|| async {
            self.0.connect().await;
            tokio::spawn(watch::run(Arc::downgrade(&self.0)));
        });
        connecting.await;
    }

    /// A server with the ticket keys of the store, which leaves needs to [`handclasp::tokio::AnswerNeeds`], beside those that
    /// it leaves already.
    #[must_use]
    pub fn configure(&self, server: Server) -> Server {
        let FleetOptions { psks, clients, .. } = self.0.options;
        let mut late = vec![NeedKind::Resumption];
        late.extend(psks.then_some(NeedKind::Psk));
        late.extend(clients.then_some(NeedKind::PeerCertificate));
        server.ticket_keys(&self.0.keys).late_needs(&late)
    }

    /// The store itself.
    pub fn store(&self) -> &S {
        &self.0.store
    }

    /// Whether the store notifies of changes at present.
    pub fn notifies(&self) -> bool {
        self.0.store.notifies()
    }

    /// Whether the store answers.
    pub fn is_up(&self) -> bool {
        self.0.health().is_up()
    }
}

impl<S: Store> Inner<S> {
    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store has been away for longer than what was read counts, or has never answered: a revocation may
    /// have been missed.
    fn is_stale(&self) -> bool {
        self.health().is_older(self.options.stale)
    }

    /// Reports a record that cannot be used: peers choose the name, so that they choose how often.
    fn wrong(&self, kind: RecordKind, name: &[u8], why: String) {
        let is_due =
            self.wrong.lock().unwrap_or_else(PoisonError::into_inner).is_due(kind, name, Instant::now());
        if is_due {
            (self.observer)(&StoreEvent::Record { kind, name: name.to_vec(), why });
        }
    }

    /// Looks up a record: from memory, from the store, or from memory all the same while the store is away.
    async fn find(&self, kind: RecordKind, name: &[u8]) -> Found {
        let notifies = self.store.notifies();
        let changes = {
            let (is_up, cache) = (self.health().is_up(), self.cache());
            match cache.current(kind, name, notifies).filter(|_| is_up) {
                Some(Some(fields)) => return Found::Known(fields),
                Some(None) => return Found::Unknown,
                None => cache.changes(),
            }
        };
        match self.call(Operation::Read(kind), self.store.get(kind, name)).await {
            Ok(fields) => {
                let fields = fields.map(Arc::new);
                self.cache().keep(kind, name, fields.clone(), changes);
                fields.map_or(Found::Unknown, Found::Known)
            }
            Err(StoreError::Record(why)) => {
                self.cache().keep(kind, name, None, changes);
                self.wrong(kind, name, why);
                Found::Unknown
            }
            Err(StoreError::Unavailable(_) | StoreError::Refused(_)) => {
                let counts = !self.is_stale();
                match self.cache().last(kind, name).filter(|_| counts) {
                    Some(fields) => Found::Known(fields),
                    None => Found::Unavailable,
                }
            }
        }
    }
}

impl<S> Clone for Fleet<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: fmt::Debug> fmt::Debug for Fleet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("store", &self.0.store).field("options", &self.0.options).finish()
    }
}
