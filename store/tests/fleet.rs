//! Several servers with one store, of each kind: what they share, and what happens where the store is away.
//! Redis is a redis-server of its own for each test, on a UNIX socket; without the program these tests fail.

#[cfg(unix)]
#[path = "fleet/old_redis.rs"]
mod old_redis;
#[cfg(unix)]
#[path = "fleet/redis_server.rs"]
mod redis_server;
#[cfg(unix)]
#[path = "fleet/tls.rs"]
mod tls;

#[cfg(unix)]
#[path = "fleet/stores.rs"]
mod stores;

#[cfg(unix)]
#[path = "fleet/away.rs"]
mod away;

#[cfg(unix)]
#[path = "fleet/refusals.rs"]
mod refusals;

#[cfg(unix)]
#[path = "fleet/scripted.rs"]
mod scripted;

#[cfg(unix)]
#[path = "fleet/records.rs"]
mod records;

#[cfg(unix)]
#[path = "fleet/redis_records.rs"]
mod redis_records;
