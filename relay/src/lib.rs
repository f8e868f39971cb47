//! Servers and tunnels that stay up: the part of the program `handclasp` between a listener and TLS, on tokio.
//! It prints nothing; an [`Observer`] learns of every event.
//!
//! | file | content |
//! |---|---|
//! | `address` | `HOST:PORT` or `unix:/PATH` |
//! | `socket`, `peer` | a TCP or UNIX socket that tells a reset from an end, and the other side of it |
//! | `listener` | sockets that are accepted, also where no descriptor is free |
//! | `descriptors` | the limit of the process on descriptors |
//! | `gate`, `origin` | limits on connections, handshakes and each address |
//! | `accept_loop` | one task for each client |
//! | `client`, `behind_proxy` | what the task of a client holds; a client that a PROXY header names |
//! | `blocking` | handshakes that call what blocks |
//! | `turns` | handshakes that compute one after the other |
//! | `termination` | TLS in: the handshake, then an application |
//! | `forward` | the application that dials a service and relays |
//! | `tunnel` | plain in, TLS out |
//! | `echo` | the application that sends everything back |
//! | `copy`, `transfer` | both directions at once, and how they ended |
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

mod accept_loop;
mod address;
mod behind_proxy;
mod blocking;
mod client;
mod copy;
mod descriptors;
mod drain;
mod echo;
mod forward;
mod gate;
mod listener;
mod observer;
mod origin;
mod peer;
mod proxies;
pub mod proxy_protocol;
mod socket;
mod termination;
mod transfer;
mod tunnel;
mod turns;

pub use accept_loop::AcceptLoop;
pub use address::{Address, AddressError};
pub use blocking::Blocking;
pub use client::{Incoming, Service, Visit, as_client, current_client};
pub use copy::{Copying, copy, tls_cut};
pub use descriptors::raise_limit;
pub use drain::Drain;
pub use echo::Echo;
pub use forward::{Forward, dial};
pub use gate::{Gate, Limits, Place};
pub use listener::Listener;
pub use observer::{Full, Observer, Observers, Refusal};
pub use peer::Peer;
pub use proxies::Proxies;
pub use socket::Socket;
pub use termination::{Application, Termination};
pub use transfer::{Cut, Ending, Party, Transfer};
pub use tunnel::{Prelude, Tunnel};
