//! The connections before the one that is played: they leave a session behind, or use it.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::cell::Cell;
use super::{Bench, openssl, ours, payload};
use crate::process::{Running, contains};

/// OpenSSL's client to our server: a line that comes back, and its tickets with it.
pub fn openssls(bench: &Bench, cell: &Cell, port: u16, deadline: Instant) -> Result<()> {
    for number in 1..=cell.action.before() {
        let mut command = openssl::client(bench, cell, port);
        cell.arguments(bench, &cell.openssl, &mut command);
        let mut client = Running::start(&mut command)?;
        client.feed(payload::FROM_OPENSSL.as_bytes());
        let _ = client.wait(deadline, |told| contains(&told.out, payload::FROM_OPENSSL));
        client.close_input();
        let code = client.exit(deadline).and_then(|status| status.code());
        let said = || format!("{}{}", client.out_text(), client.err_text());
        ensure!(code == Some(0), "client {number} of OpenSSL ended with {code:?}:\n{}", said());
    }
    Ok(())
}

/// Our client to OpenSSL's server: a line that the server shows.
pub fn ours(bench: &Bench, cell: &Cell, port: u16, server: &Running, deadline: Instant) -> Result<()> {
    for number in 1..=cell.action.before() {
        let mut command = ours::connect(bench, cell, port)?;
        cell.arguments(bench, &cell.ours, &mut command);
        let mut client = Running::start(&mut command)?;
        client.feed(payload::FROM_US.as_bytes());
        let count = |out: &[u8]| String::from_utf8_lossy(out).matches(payload::FROM_US.trim_end()).count();
        let _ = server.wait(deadline, |told| count(&told.out) >= number);
        client.close_input();
        let code = client.exit(deadline).and_then(|status| status.code());
        ensure!(code == Some(0), "our client {number} ended with {code:?}:\n{}", client.err_text());
    }
    Ok(())
}
