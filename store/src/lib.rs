//! What several servers share: ticket keys, tickets that were redeemed, pre-shared keys and the keys of clients;
//! in memory, in a folder or in Redis.
//!
//! A [`Store`] keeps records. A [`Fleet`] is one server's side of it: it gives a [`handclasp::Server`] ticket keys
//! that all servers have, and answers the needs of its handshakes, with a cache and time limits. While a store is
//! away handshakes go on in full.
//!
//! | file | content |
//! |---|---|
//! | `record`, `psk` | records and their fields |
//! | `store` | the trait |
//! | `memory`, `file`, `redis` | its implementations |
//! | `any` | a store by its address |
//! | `seal` | secrets sealed under a key that is not in the store |
//! | `cache` | what was read, until it changes |
//! | `fleet` | a server's side |
//!
//! Called by: `cli`.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

mod any;
mod cache;
mod file;
mod fleet;
mod hex;
mod memory;
mod psk;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod seal;
mod store;
mod time;

pub use any::AnyStore;
pub use file::FileStore;
pub use fleet::{Fleet, FleetOptions, StoreEvent};
pub use memory::MemoryStore;
pub use psk::{USES, psk};
pub use record::{Fields, RecordKind};
#[cfg(feature = "redis")]
pub use redis::{RedisAddress, RedisStore, RedisUrlError};
pub use seal::StoreKey;
pub use store::{Change, Store, StoreError};
