//! The connections before the one under test, which leave a session behind or resume it.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::cell::{Cell, add_arguments};
use super::{handclasp, openssl, payload};
use crate::fixtures::Fixtures;
use crate::process::{Running, contains};

/// OpenSSL's client to our server: it sends a line, and receives the echo and its tickets.
pub fn from_openssl(cell: &Cell, fixtures: &Fixtures, port: u16, deadline: Instant) -> Result<()> {
    for number in 1..=cell.action.prior_connections() {
        let credentials = fixtures.credentials()?;
        let mut command = openssl::client(cell, credentials, port);
        add_arguments(&mut command, &cell.openssl_args, credentials);
        let mut client = Running::start(&mut command)?;
        client.feed(payload::FROM_OPENSSL.as_bytes());
        let _ = client.wait(deadline, |output| contains(&output.out, payload::FROM_OPENSSL));
        client.close_input();
        let code = client.exit_code(deadline);
        ensure!(code == Some(0), "client {number} of OpenSSL ended with {code:?}:\n{}", client.text());
    }
    Ok(())
}

/// Our client to OpenSSL's server: it sends a line that the server prints.
pub fn from_handclasp(
    cell: &Cell,
    fixtures: &Fixtures,
    port: u16,
    server: &Running,
    deadline: Instant,
) -> Result<()> {
    for number in 1..=cell.action.prior_connections() {
        let mut command = handclasp::connect(cell, fixtures, port)?;
        add_arguments(&mut command, &cell.our_args, fixtures.credentials()?);
        let mut client = Running::start(&mut command)?;
        client.feed(payload::FROM_HANDCLASP.as_bytes());
        let count =
            |out: &[u8]| String::from_utf8_lossy(out).matches(payload::FROM_HANDCLASP.trim_end()).count();
        let _ = server.wait(deadline, |output| count(&output.out) >= number);
        client.close_input();
        let code = client.exit_code(deadline);
        ensure!(code == Some(0), "our client {number} ended with {code:?}:\n{}", client.err_text());
    }
    Ok(())
}
