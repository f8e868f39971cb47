//! Clients that close at every byte offset of their flights, by FIN and by RST: nothing of them remains, and
//! a good client behind them is served.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use handclasp::{Client, ClientConnection};
use socket2::SockRef;

use super::{Findings, Soak, clients};
use crate::{
    certificate::NAME,
    client::{self, Offer},
    usage,
};

/// How a client ends TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Fin,
    Rst,
}

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let server = soak.echo()?;
    let good = client::client(Offer::Modern)?;
    // The server has allocated what it keeps, and has served somebody.
    let alone = clients::serve(&good, server.address, 1, Duration::from_millis(200))?;
    findings.expect(alone.failures.is_empty(), alone.failures.join("\n"));
    let before = usage::descriptors(server.id())?;
    let step = soak.number(1, 7);
    let mut connections = 0;
    for offer in [Offer::Tls13, Offer::Tls12, Offer::Modern] {
        let client = client::client(offer)?.without_resumption();
        // A whole handshake, to know how long the flights are.
        let whole = leave(&client, server.address, usize::MAX, Leave::Fin)?;
        findings.figure(format!("{offer:?}: flights of {whole} bytes"));
        let next = AtomicUsize::new(0);
        thread::scope(|scope| -> Result<()> {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| -> Result<usize> {
                        let mut count = 0;
                        loop {
                            let offset = next.fetch_add(step, Ordering::Relaxed);
                            if offset > whole {
                                return Ok(count);
                            }
                            for how in [Leave::Fin, Leave::Rst] {
                                leave(&client, server.address, offset, how)
                                    .with_context(|| format!("{offer:?}, offset {offset}, {how:?}"))?;
                                count += 1;
                            }
                        }
                    })
                })
                .collect();
            for thread in threads {
                connections += thread.join().map_err(|_| anyhow!("a client panicked"))??;
            }
            Ok(())
        })?;
    }
    let after = server.settle(before)?;
    findings.figure(format!("{connections} clients left; descriptors: {before} before, {after} after"));
    findings.expect(after <= before, "connections of clients that left remain open");
    let behind = clients::serve(&good, server.address, 1, Duration::from_millis(200))?;
    findings.expect(behind.failures.is_empty() && behind.count() > 0, behind.failures.join("\n"));
    Ok(())
}

/// Goes around the offsets until it should stop; the number of connections.
pub fn around(client: &Client, address: SocketAddr, whole: usize, stop: &AtomicBool) -> usize {
    let mut count = 0;
    for offset in (0..=whole).cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let how = if count % 2 == 0 { Leave::Fin } else { Leave::Rst };
        // What the server says about it is not the question.
        let _ = leave(client, address, offset, how);
        count += 1;
    }
    count
}

/// Sends at most `offset` bytes of the client's flights, then leaves. The number of bytes sent.
pub fn leave(client: &Client, address: SocketAddr, offset: usize, how: Leave) -> Result<usize> {
    let mut socket = client::dial(address)?;
    let mut connection = ClientConnection::new(client, NAME)?;
    let sent = up_to(&mut socket, &mut connection, offset)?;
    if how == Leave::Rst {
        SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
    }
    Ok(sent)
}

fn up_to(socket: &mut TcpStream, connection: &mut ClientConnection, offset: usize) -> Result<usize> {
    let mut sent = 0;
    loop {
        let count = connection.transmit().len().min(offset - sent);
        socket.write_all(connection.transmit().get(..count).unwrap_or_default())?;
        connection.transmitted(count);
        sent += count;
        if sent == offset || !connection.is_handshaking() {
            return Ok(sent);
        }
        let received = socket.read(connection.receive_space())?;
        if received == 0 {
            connection.end_of_input()?;
        }
        connection.received(received)?;
    }
}
