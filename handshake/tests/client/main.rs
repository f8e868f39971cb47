//! The client's machines against a scripted server, which can send anything at any time, and
//! against our own server. Only the public interface is used.

//!
//! In a program without some capabilities the tables of states and the tests of `without` remain: the rows
//! say which states are impossible then.
#![cfg_attr(not(feature = "default"), allow(dead_code, unused_imports))] // helpers of tests that are left out

#[path = "../built/mod.rs"]
mod built;
#[cfg(feature = "default")]
mod client_auth;
#[cfg(feature = "default")]
mod extensions;
mod fake;
mod fake12;
mod fake13;
#[cfg(feature = "default")]
mod hello;
#[cfg(feature = "default")]
mod pairs;
#[cfg(feature = "default")]
mod post_handshake;
#[cfg(feature = "default")]
mod raw_keys;
#[cfg(feature = "default")]
mod refusals12;
#[cfg(feature = "default")]
mod refusals13;
mod resume;
#[cfg(feature = "default")]
mod retry;
#[cfg(feature = "default")]
mod session_limits;
mod setup;
#[cfg(any(feature = "psk", feature = "certificates"))]
mod state_table;
#[cfg(feature = "default")]
mod version;
mod without;
#[cfg(feature = "default")]
mod without_ems;
