//! Peers on the local network: DNS-SD (RFC 6763) over multicast DNS (RFC 6762).
//!
//! | file | content |
//! |---|---|
//! | `service` | names: `_lock._tcp`, `Hall Door._lock._tcp` |
//! | `pins` | the pins of a peer in its TXT record |
//! | `address` | which announced addresses may be connected to |
//! | `peer` | one announcement |
//! | `browse` | the peers of a service, as they come and go |
//! | `resolve` | the announcements of one peer |
//! | `advertise` | our own announcement |
//! | `error` | why a search or an announcement failed |
//!
//! **An announcement proves nothing.** Anybody on the network can announce any name with any pin and any address.
//! Use the addresses to connect, and [`Trust`](https://docs.rs/handclasp) with pins or known peers to decide: the
//! handshake proves the key. What an announcement can do is bounded: the number of peers, addresses and pins, and
//! the characters of a name that is printed.
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
mod advertise;
mod browse;
mod daemon;
mod error;
mod peer;
mod pins;
mod resolve;
mod service;

pub use advertise::Advertisement;
pub use browse::{Browser, PEERS_MAX, PeerEvent};
pub use error::DiscoveryError;
pub use peer::Peer;
pub use pins::PINS_MAX;
pub use resolve::resolve;
pub use service::{NameError, ServiceName, ServiceType};
