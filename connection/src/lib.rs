//! A TLS connection without a socket: it joins the handshake (RFC 8446 §4) to the record layer (§5),
//! installs keys, sends and reads alerts (§6), and keeps the report. Bytes of the wire and plaintext
//! go in and out by value.
//!
//! The caller looks at [`Connection::may`], does one of the things that it permits, and looks again.
//!
//! ```text
//! transport ──▶ receive_space, received ──▶ readable, consume ──▶ application
//! transport ◀── transmit, transmitted   ◀── write, close      ◀── application
//!                                       ◀── refuse, refuse_peer
//!                         need, answer: credentials, signatures, trust
//! ```
//!
//! Called by: `handclasp` (blocking streams) and by devices directly.
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

mod alert;
mod application;
#[cfg(feature = "bulk")]
mod bulk;
mod carry_out;
mod config;
mod connection;
mod drive;
mod early_data;
mod first_message;
mod inbound;
#[cfg(feature = "key-update-count")]
mod key_updates;
mod limits;
mod machine;
mod outbound;

pub use config::{Config, Context};
pub use connection::{Connection, May};
pub use first_message::FirstMessage;
pub use handclasp_handshake::KeyLogLine;
pub use handclasp_record::MessageLimits;
#[cfg(feature = "key-update-count")]
pub use key_updates::KeyUpdates;
