//! From shared secrets and messages to keys: the transcript hash and key schedule of TLS 1.3
//! (RFC 8446 §4.4.1 §7), the master secret and key block of TLS 1.2 (RFC 5246 §6.3 §8,
//! RFC 7627), Finished, binders, exporters and the content that signatures cover.
//!
//! No message is sent or read here. Each stage of 1.3 is a type, and the step to the next one
//! consumes it: [`EarlySecret`] → [`HandshakeSecret`] → [`MainSecret`] → [`ApplicationSecrets`].
//!
//! Called by: `handshake` (the machines), `record` (takes [`TrafficKeys`]), `connection`
//! (exporters, KeyUpdate), `explain` (decrypts captures by key log).
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
