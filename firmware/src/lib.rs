//! What the probes share: a counted heap, a stack that shows how deep it was used, a counter
//! of instructions, and a source of numbers that is random to nobody.
//!
//! | program | what |
//! |---|---|
//! | `client12`, `client13` | one version, a pre-shared key: what a device links |
//! | `loopback` | client and server in one program, both versions: what a handshake needs |
//! | `signatures` | ECDSA and RSA verified: what the chain of a server costs |
//!
//! Built, run and measured by `cargo xtask size`.
#![no_std]

extern crate alloc;

pub mod client;
pub mod heap;
pub mod meter;
pub mod numbers;
pub mod probe;
pub mod stack;
