//! `handclasp check` and `handclasp listen` against real servers and clients: what they report must be
//! true. The minimal profile that `check` prints is tested in both directions: its command lines connect,
//! and with any part left out they do not; its configuration of Mbed TLS compiles, and a client built
//! with it connects. A ClientHello that `explain` repairs and completes is answered. The tests are the
//! rows of `interop/check/*.tsv`.

mod connect;
mod facts;
mod listen;
pub mod mbedtls;
mod minimal_profile;
mod probe;
mod repair;
pub mod server;

use anyhow::Result;

use crate::harness::Test;

/// Every cell, named `check::server::…`, `check::listen::…`, `check::connect::…`, `check::mbedtls::…`, `check::repair::…`.
pub fn tests() -> Result<Vec<Box<dyn Test>>> {
    let mut tests: Vec<Box<dyn Test>> = Vec::new();
    for cell in server::all()? {
        tests.push(Box::new(cell));
    }
    for cell in listen::all()? {
        tests.push(Box::new(cell));
    }
    for cell in connect::all()? {
        tests.push(Box::new(cell));
    }
    for cell in mbedtls::all()? {
        tests.push(Box::new(cell));
    }
    for cell in repair::all()? {
        tests.push(Box::new(cell));
    }
    Ok(tests)
}
