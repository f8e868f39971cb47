//! What the programs for microcontrollers share: the board, the network, and the steps of a TLS connection
//! over a socket.
//!
//! | program | what it is |
//! |---|---|
//! | `psk-client` | the smallest client: a pre-shared key, TLS 1.2 or 1.3 |
//! | `server` | two connections at a time, certificates on P-256 or a pre-shared key, TLS 1.2 and 1.3 |
//! | `client` | MQTT over mutual TLS |
//! | `plain-client`, `plain-server`, `plain-mqtt` | the same over TCP alone: what board, network and program take of the others |
//! | `bare` | start-up, heap and serial line: what the board alone takes |
//!
//! `cargo xtask firmware` builds, runs and measures them.
#![no_std]

extern crate alloc;

pub mod board;
#[cfg(feature = "fault-injection")]
pub mod faults;
pub mod heap;
pub mod meter;
pub mod mqtt;
pub mod network;
pub mod numbers;
pub mod settings;
pub mod stream;
pub mod tls;
