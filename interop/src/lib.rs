//! The built program against real peers, over sockets.
//!
//! - `matrix`: `connect` and `serve` against OpenSSL, GnuTLS, Java, Mbed TLS and rustls, both directions;
//! - `check`: what `check` and `listen` report about real servers and clients.

#![allow(missing_docs)]

pub mod check;
pub mod matrix;
pub mod outcome;
pub mod process;
pub mod workspace;
