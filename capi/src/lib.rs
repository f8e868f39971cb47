//! The C interface: functions over the caller's buffers, without a socket. `include/handclasp.h` is
//! generated from this crate (`cargo xtask capi --header`).
//!
//! ```text
//! hc_config_new ─▶ hc_config_psk, _trust_pin, _trust_roots, _identity … ─▶ hc_client_new, hc_server_new
//! transport ──▶ hc_receive              ──▶ hc_readable, hc_consume ──▶ application
//! transport ◀── hc_transmit, _transmitted ◀── hc_write, hc_close    ◀── application
//!                        hc_need, hc_answer_…: what the configuration left to the application
//! ```
//!
//! What holds for every function, and what each `unsafe` block relies on:
//!
//! - A handle (`hc_config *`, `hc_connection *`) is NULL or came from this library and was not freed.
//!   NULL is answered with `HC_NULL`.
//! - A pointer with a length covers that many readable bytes (writable ones where it is not `const`), for
//!   the time of the call. NULL is permitted with the length 0.
//! - An `out` pointer is NULL (answered with `HC_NULL`) or points to a variable of its type.
//! - One thread at a time uses a connection, and a configuration while it is changed.
//! - A panic does not cross the boundary: see `boundary`.
#![no_std]
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

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod answers;
mod boundary;
mod certificates;
mod codes;
mod config;
mod connection;
mod credentials;
mod external_key;
mod failure;
mod faults;
mod fingerprint;
mod info;
mod late;
mod memory;
mod need;
mod offer;
#[cfg(not(feature = "std"))]
mod panic;
mod peers;
mod provider;
mod psk;
mod random;
mod refusal;
mod server_tickets;
mod session;
mod settings;
mod shared;
mod tickets;
mod time;
mod transport;
mod trust;

pub use codes::*;
pub use config::*;
pub use connection::*;
pub use credentials::*;
pub use failure::*;
pub use faults::*;
pub use info::*;
pub use late::*;
#[cfg(all(not(feature = "std"), feature = "arena"))]
pub use memory::*;
pub use need::*;
pub use offer::*;
#[cfg(not(feature = "std"))]
pub use panic::*;
pub use peers::*;
pub use psk::*;
pub use server_tickets::*;
pub use session::*;
pub use transport::*;
