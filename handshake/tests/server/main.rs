//! The server's machines against a scripted client. Flights are plaintext between the
//! machines, so the client needs the key schedule and no records. Only the public interface is
//! used.

//!
//! In a program without some capabilities the tables of states and the tests of `without` remain: the rows
//! say which states are impossible then.
#![cfg_attr(not(feature = "default"), allow(dead_code, unused_imports))] // helpers of tests that are left out

#[path = "../built/mod.rs"]
mod built;
mod client_auth;
#[cfg(feature = "default")]
mod client_refused;
#[cfg(feature = "default")]
mod cookie;
#[cfg(feature = "default")]
mod extensions;
#[cfg(feature = "default")]
mod flow12;
mod flow13;
mod harness;
#[cfg(feature = "default")]
mod limits;
mod offer;
mod peer12;
mod peer13;
#[cfg(feature = "default")]
mod raw_keys;
#[cfg(feature = "default")]
mod refuse12;
#[cfg(feature = "default")]
mod refuse13;
mod resume;
mod resume12;
#[cfg(feature = "default")]
mod retry;
#[cfg(any(feature = "psk", feature = "certificates"))]
mod states;
#[cfg(feature = "default")]
mod version;
