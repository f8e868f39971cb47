//! `handclasp connect` and `handclasp serve` against OpenSSL's `s_server` and `s_client`, over sockets, in
//! both directions; and against GnuTLS, Java, Mbed TLS and rustls for what OpenSSL lacks. The tests are
//! the rows of `interop/matrix/*.tsv`.

mod cell;
mod expectations;
mod handclasp;
pub mod openssl;
pub mod payload;
mod peer_cell;
mod prior_connections;
mod run;

use anyhow::Result;

use crate::harness::Test;

/// Every cell, named `matrix::PEER::ROLE …`, where the role is that of handclasp.
pub fn tests() -> Result<Vec<Box<dyn Test>>> {
    let mut tests: Vec<Box<dyn Test>> = Vec::new();
    for cell in cell::all()? {
        tests.push(Box::new(cell));
    }
    for cell in peer_cell::all()? {
        tests.push(Box::new(cell));
    }
    Ok(tests)
}
