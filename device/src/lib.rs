//! TLS 1.2 and 1.3 for microcontrollers: [`Client`] and [`Server`] without I/O, without an operating
//! system, without a clock. The guide is `docs/devices.md`.
//!
//! ```text
//! Config ──boot──▶ Client ──connect──▶ Connection ◀──accept── Server ◀──boot── Config
//!        self-test                step, transmit, receive_space, readable, write, close
//! ```
//!
//! | file | content |
//! |---|---|
//! | `profile` | [`Profile`]: algorithms and sizes, as data: what is not listed is not linked |
//! | `config` | [`Config`]: a profile, and keys, certificates, trust, clock |
//! | `client`, `server` | [`Client`], [`Server`]: what connections share |
//! | `connection` | [`Connection`]: one unit of work a step |
//! | `transport` | [`Transport`]: a byte stream that does not block, for [`Connection::drive`] |
//! | `answer` | the needs of a handshake, answered from the configuration |
//! | `judge` | the certificates of a peer, judged by the configured trust |
//! | `capability` | what a program may be built without |
//! | `identity`, `signer` | our certificate, and its key here or in a secure element |
//! | `tickets` | resumption: the session of a client, the tickets of a server |
//! | `trust` | which certificates are trusted, judged one by one |
//! | `clock` | the time, or the date of the build where there is no clock |
//! | `demo` | numbers that are not random, for demonstrations (feature `demo`) |
//! | `error` | [`BootError`]: why a client or server does not start |
//! | `self_test` | known answers, key and certificate, randomness, memory |
//!
//! Called by: programs on devices, `capi`.
#![no_std]
#![forbid(unsafe_code)]
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

mod answer;
mod capability;
mod client;
mod clock;
mod config;
mod connection;
#[cfg(feature = "demo")]
mod demo;
mod error;
mod identity;
mod judge;
pub mod profile;
mod self_test;
mod server;
mod signer;
mod tickets;
mod transport;
mod trust;

pub use client::Client;
pub use clock::{BUILD_DATE, Clock, Time};
pub use config::Config;
pub use connection::{Connection, Next};
#[cfg(feature = "demo")]
pub use demo::DemoRandom;
pub use error::BootError;
pub use handclasp_connection::MessageLimits;
pub use handclasp_crypto::{KeyEncoding, KeyExchange, Random, RandomFailed, SignError, Suite, Verify};
pub use handclasp_handshake::{
    ClientAuthentication, ClientVersion, Connected, ServerVersion, Session, Versions,
};
pub use handclasp_report::{
    Capability, CertificateError, CertificateFault, Evidence, Fault, FaultCode, NotJudged, Report,
};
pub use handclasp_trust::{Name, Pin, Psk, PskUse};
pub use identity::Identity;
pub use profile::Profile;
pub use self_test::self_test;
pub use server::Server;
pub use signer::Signer;
pub use transport::{Received, Transport};
pub use trust::{ChainJudge, Judged, PeerTrust, Pins, Roots, Subject};

/// The cryptography that profiles list.
pub use handclasp_provider_rustcrypto as algorithms;

/// The code of the guide compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/devices.md")]
struct Guide;
