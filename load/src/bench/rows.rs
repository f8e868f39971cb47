//! What is measured.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use handclasp::{Client, Stream};

use crate::{
    certificate::Kind,
    client::{self, Offer},
    server::Server,
    usage::{self, Processor},
};

/// Clients at a time.
const CLIENTS: usize = 8;
/// Bytes of one bulk transfer.
const BULK: u64 = 64 << 20;
/// Transfers at a time.
const TRANSFERS: usize = 2;
/// Idle connections whose memory is measured.
const IDLE_COUNT: usize = 1_000;

/// One line of the table.
pub struct Row {
    pub name: &'static str,
    pub certificate: Kind,
    what: What,
    /// The units of the cost (less is better) and of the rate (more is better; empty: without one).
    pub units: [&'static str; 2],
}

enum What {
    /// Connect, handshake, a byte there and back, close; whether sessions are resumed.
    Connections(Offer, bool),
    /// From the client to the service (`u`), or from it (`d`).
    Bulk(u8),
    /// Connections that have sent a byte and received it, or also a megabyte each way.
    Idle(u64),
}

const CONNECTION: [&str; 2] = ["µs CPU/connection", "connections/s"];
const MEGABYTE: [&str; 2] = ["µs CPU/MB", "MB/s"];
const MEMORY: [&str; 2] = ["KB/connection", ""];

pub const ROWS: &[Row] = &[
    row("TLS 1.3 full, P-256", Kind::P256, What::Connections(Offer::Tls13, false), CONNECTION),
    row("TLS 1.3 resumed", Kind::P256, What::Connections(Offer::Tls13, true), CONNECTION),
    row("TLS 1.2 full, P-256", Kind::P256, What::Connections(Offer::Tls12, false), CONNECTION),
    row("TLS 1.2 resumed", Kind::P256, What::Connections(Offer::Tls12, true), CONNECTION),
    row("bulk to the service", Kind::P256, What::Bulk(b'u'), MEGABYTE),
    row("bulk from the service", Kind::P256, What::Bulk(b'd'), MEGABYTE),
    row("TLS 1.3 full, RSA-2048", Kind::Rsa2048, What::Connections(Offer::Tls13, false), CONNECTION),
];

/// Measured with a server of their own, and without time.
pub const IDLE: &[Row] = &[
    row("idle, a byte each way before", Kind::P256, What::Idle(0), MEMORY),
    row("idle, a megabyte each way before", Kind::P256, What::Idle(1 << 20), MEMORY),
];

const fn row(name: &'static str, certificate: Kind, what: What, units: [&'static str; 2]) -> Row {
    Row { name, certificate, what, units }
}

/// One number for each round.
#[derive(Default)]
pub struct Figures {
    pub costs: Vec<f64>,
    pub rates: Vec<f64>,
}

impl Row {
    /// Adds the figures of one round.
    pub fn measure(&self, server: &Server, time: Duration, figures: &mut Figures) -> Result<()> {
        match self.what {
            What::Connections(offer, resumed) => connections(server, offer, resumed, time, figures),
            What::Bulk(direction) => bulk(server, direction, time, figures),
            What::Idle(before) => idle(server, before, figures),
        }
        .with_context(|| self.name)
    }
}

/// The server's processor time and the time that passed while `run` counts what it did.
fn timed(server: &Server, figures: &mut Figures, run: impl FnOnce() -> Result<f64>) -> Result<()> {
    let (before, begun) = (Processor::of(server.id()), Instant::now());
    let count = run()?;
    let passed = begun.elapsed();
    // What the server still does for connections that the client has left.
    thread::sleep(Duration::from_millis(20));
    let used = (Processor::of(server.id()) - before).all();
    ensure!(count > 0.0, "nothing was served");
    figures.costs.push(used.as_secs_f64() * 1e6 / count);
    figures.rates.push(count / passed.as_secs_f64());
    Ok(())
}

fn connections(
    server: &Server,
    offer: Offer,
    resumed: bool,
    time: Duration,
    figures: &mut Figures,
) -> Result<()> {
    let end = Instant::now() + time;
    timed(server, figures, || {
        let one = || -> Result<usize> {
            let client = client::client(offer)?;
            let client = if resumed { client } else { client.without_resumption() };
            let (mut count, mut full) = (0, 0);
            while Instant::now() < end {
                full += usize::from(!connection(&client, server)?);
                count += 1;
            }
            // The first one has no session; TLS 1.3 may lose one where the ticket comes behind the reply.
            ensure!(!resumed || full * 10 <= count.max(10), "{full} of {count} connections were not resumed");
            Ok(count)
        };
        let counts: Result<Vec<usize>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(one)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?)
                .collect()
        });
        Ok(counts?.iter().sum::<usize>() as f64)
    })
}

/// One whole connection; whether it was resumed.
fn connection(client: &Client, server: &Server) -> Result<bool> {
    let mut stream = client::open(client, server.address)?;
    byte(&mut stream)?;
    let resumed = stream.connected().resumed;
    stream.close()?;
    // Servers may end TCP without close_notify here.
    let _ = stream.read(&mut [0; 16]);
    Ok(resumed)
}

fn byte(stream: &mut Stream<TcpStream>) -> Result<()> {
    let mut back = [0];
    stream.write_all(b"e")?;
    stream.read_exact(&mut back)?;
    ensure!(back == *b"e", "another byte came back");
    Ok(())
}

fn bulk(server: &Server, direction: u8, time: Duration, figures: &mut Figures) -> Result<()> {
    let end = Instant::now() + time;
    let moved = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    timed(server, figures, || {
        thread::scope(|scope| -> Result<()> {
            let threads: Vec<_> = (0..TRANSFERS)
                .map(|_| {
                    scope.spawn(|| -> Result<()> {
                        let client = client::client(Offer::Tls13)?.without_resumption();
                        while Instant::now() < end && !stop.load(Ordering::Relaxed) {
                            let mut stream = client::open(&client, server.address)?;
                            transfer(&mut stream, direction, BULK)?;
                            moved.fetch_add(BULK as usize, Ordering::Relaxed);
                        }
                        Ok(())
                    })
                })
                .collect();
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a client panicked"))??;
            }
            Ok(())
        })?;
        Ok(moved.load(Ordering::Relaxed) as f64 / 1e6)
    })
}

/// Moves so many bytes, and ends only when all have arrived.
fn transfer(stream: &mut Stream<TcpStream>, direction: u8, length: u64) -> Result<()> {
    let mut command = vec![direction];
    command.extend(length.to_be_bytes());
    stream.write_all(&command)?;
    let mut space = vec![0; 64 * 1024];
    let mut left = length;
    while left > 0 {
        let most = left.min(space.len() as u64) as usize;
        let count = if direction == b'u' {
            stream.write_all(&space[..most])?;
            most
        } else {
            stream.read(&mut space[..most])?
        };
        ensure!(count > 0, "the server ended the transfer {left} bytes early");
        left -= count as u64;
    }
    if direction == b'u' {
        stream.read_exact(&mut space[..1])?;
    }
    Ok(())
}

/// The server is fresh: its memory grows by what the connections take.
fn idle(server: &Server, before: u64, figures: &mut Figures) -> Result<()> {
    let client = client::client(Offer::Tls13)?.without_resumption();
    // One after the other: what the server allocates once is there.
    for _ in 0..50 {
        connection(&client, server)?;
    }
    let at_start = usage::proportional(server.id())?;
    let mut open = Vec::new();
    for _ in 0..IDLE_COUNT {
        let mut stream = client::open(&client, server.address)?;
        if before == 0 {
            byte(&mut stream)?;
        } else {
            for direction in [b'u', b'd'] {
                transfer(&mut stream, direction, before)?;
            }
        }
        stream.release_buffers();
        open.push(stream);
    }
    // Servers may keep buffers for a moment.
    thread::sleep(Duration::from_secs(3));
    let grown = usage::proportional(server.id())?.saturating_sub(at_start);
    figures.costs.push(grown as f64 / IDLE_COUNT as f64);
    Ok(())
}
