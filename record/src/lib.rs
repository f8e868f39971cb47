//! Records (RFC 8446 §5, RFC 5246 §6.2): cut them out of a stream, open them in place, seal
//! them from the caller's slice; join handshake messages out of their fragments; count what a
//! peer may send without end.
//!
//! No heap of its own: buffers are the caller's, and grow only by what came. No state beside
//! sequence numbers and budgets.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `deframe` | header, limits, what is no TLS at all | RFC 8446 §5.1 |
//! | `plain` | records before there are keys | RFC 8446 §5.1 |
//! | `unprotect`, `protect` | [`ReadKeys`], [`WriteKeys`] | RFC 8446 §5.2, RFC 5246 §6.2.3.3 |
//! | `direction` | sequence number, the way of protection | RFC 8446 §5.3, RFC 7366 |
//! | `aead` | nonce, additional data | RFC 8446 §5.3, RFC 5288, RFC 6655, RFC 7905 |
//! | `messages` | fragments joined | RFC 8446 §5.1 |
//! | `budget` | floods | – |
//!
//! Called by: `connection`, `explain`.
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

mod aead;
mod budget;
mod deframe;
mod direction;
mod messages;
mod plain;
mod protect;
mod unprotect;

pub use budget::Budget;
pub use deframe::{Deframed, HEADER, Limit, MAX_PLAINTEXT, deframe};
pub use messages::{MessageLimits, Messages};
pub use plain::{fragments, write_plain};
pub use protect::WriteKeys;
pub use unprotect::{Opened, ReadKeys};
