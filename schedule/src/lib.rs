//! Key derivation: transcript hash and key schedule of TLS 1.3 (RFC 8446 §4.4.1 and §7), master secret
//! and key block of TLS 1.2 (RFC 5246 §6.3 and §8, RFC 7627), Finished, binders, exporters, and the
//! content that signatures cover.
//!
//! This crate neither sends nor parses messages. Each stage of the TLS 1.3 key schedule is a type, and
//! the step to the next stage consumes it: [`EarlySecret`] → [`HandshakeSecret`] → [`MainSecret`] →
//! [`ApplicationSecrets`].
//!
//! Called by: `handshake` (the state machines), `record` (takes [`TrafficKeys`]), `connection`
//! (exporters, KeyUpdate), `explain` (decrypts captures with a key log).
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

mod exporter;
pub mod key_log;
mod sender;
mod signed;
mod tls12;
mod tls13;
mod traffic;
mod transcript;

pub use exporter::{ExportError, Exporter};
pub use sender::{Epoch, Sender};
pub use signed::{CertificateVerifyContent, certificate_verify_content, server_key_exchange_content};
pub use tls12::{KeyBlock, MasterSecret, VERIFY_DATA, psk_premaster};
pub use tls13::{ApplicationSecrets, BinderKind, EarlySecret, HandshakeSecret, MainSecret, imported_psk};
pub use traffic::{KeySource, TrafficKeys, TrafficSecret};
pub use transcript::Transcript;
