//! The record layer (RFC 8446 §5, RFC 5246 §6.2): splits a stream into records, opens them in place,
//! seals records from the caller's slice, reassembles handshake messages from fragments, and limits what
//! a peer may send without progress.
//!
//! The caller owns all buffers; those of input grow only by bytes that were received. The only state is sequence
//! numbers and budgets.
//!
//! | file | contents | reference |
//! |---|---|---|
//! | `deframe` | header, limits, input that is not TLS | RFC 8446 §5.1 |
//! | `plain` | records without protection | RFC 8446 §5.1 |
//! | `keys` | [`RecordKeys`]: sequence number, kind of protection | RFC 8446 §5.3, RFC 7366 |
//! | `unprotect`, `protect` | records under keys | RFC 8446 §5.2, RFC 5246 §6.2.3.3 |
//! | `aead` | nonce, additional data | RFC 8446 §5.3, RFC 5288, RFC 6655, RFC 7905 |
//! | `messages` | reassembly of handshake messages | RFC 8446 §5.1 |
//! | `budget` | limits against floods | – |
//! | `capability` | what a program may be built without | – |
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
mod capability;
mod deframe;
mod keys;
mod messages;
mod plain;
mod protect;
mod unprotect;

pub use budget::Budget;
pub use deframe::{Deframed, HEADER, Limit, MAX_PLAINTEXT, deframe};
pub use keys::RecordKeys;
pub use messages::{MessageLimits, Messages};
pub use plain::{fragments, write_plain};
pub use unprotect::Opened;
