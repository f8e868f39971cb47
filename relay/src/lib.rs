//! Servers and tunnels that stay up: the part of the program `handclasp` between a listener and TLS, on tokio.
//! It prints nothing; an [`Observer`] learns of every event.
//!
//! | file | content |
//! |---|---|
//! | `address` | `HOST:PORT` or `unix:/PATH` |
//! | `socket`, `peer` | a TCP or UNIX socket that tells a reset from an end, and the other side of it |
//! | `listener` | sockets that are accepted, also where no descriptor is free |
//! | `drain` | the end of a server that lets its connections end |
//! | `observer` | the events |
//! | `proxy_protocol` | the addresses of a client behind a proxy, read and written |
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

mod address;
mod drain;
mod listener;
mod observer;
mod peer;
pub mod proxy_protocol;
mod socket;
mod transfer;

pub use address::{Address, AddressError};
pub use drain::Drain;
pub use listener::Listener;
pub use observer::{Full, Observer, Observers, Refusal};
pub use peer::Peer;
pub use socket::Socket;
pub use transfer::{Abort, Ending, Party, Transfer};
