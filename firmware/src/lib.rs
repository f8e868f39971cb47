//! Shared parts of the measuring programs: a counting heap, stack painting, an instruction counter, and
//! a deterministic source of numbers.
//!
//! | program | measures |
//! |---|---|
//! | `client12`, `client13` | code size of a device: one version, a pre-shared key |
//! | `loopback` | memory and instructions of a handshake: client and server in one program, both versions |
//! | `signatures` | memory and instructions to verify ECDSA and RSA signatures of a server's chain |
//!
//! `cargo xtask size` builds, runs and measures them.
#![no_std]

extern crate alloc;

pub mod client;
pub mod heap;
pub mod meter;
pub mod numbers;
pub mod probe;
pub mod stack;
