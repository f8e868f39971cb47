//! More clients than descriptors: they wait, the server does not spin, and all are served in the end.

use std::{
    net::SocketAddr,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use handclasp::Client;

use super::{Findings, Soak};
use crate::{
    client::{self, Offer},
    server::Server,
    usage::Processor,
};

/// Descriptors of the server.
const LIMIT: usize = 60;
/// Processor time that it may use in a second in which nothing can be done.
const IDLE: Duration = Duration::from_millis(400);

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let count = soak.number(400, 100);
    let mut command = Command::new("prlimit");
    command.arg(format!("--nofile={LIMIT}")).arg(&soak.program);
    command.args(["serve", "127.0.0.1:0", "--echo", "--quiet", "--cert"]).arg(&soak.certificate.chain);
    command.arg("--key").arg(&soak.certificate.key);
    command.args(["--max-connections", "4000", "--max-handshakes", "4000", "--max-per-address", "3000"]);
    let mut server = Server::start(&mut command)?;
    let address = server.address;
    let client = client::client(Offer::Modern)?.without_resumption();
    // Connections that stay; the server keeps some descriptors for files and itself, and lets clients wait.
    let mut idle = Vec::new();
    let held = LIMIT / 6;
    for _ in 0..held {
        idle.push(client::open(&client, address)?);
    }
    let served = together(&client, address, count, findings)?;
    findings
        .figure(format!("{served} of {count} clients served beside {held} idle ones, {LIMIT} descriptors"));
    // Now nobody leaves: what the server can do is to wait.
    let mut stuck = Vec::new();
    for _ in 0..LIMIT {
        stuck.push(client::dial(address)?);
    }
    thread::sleep(Duration::from_millis(200));
    let before = Processor::of(server.id());
    thread::sleep(Duration::from_secs(1));
    let used = (Processor::of(server.id()) - before).all();
    findings
        .figure(format!("{} ms of processor time in a second without a free descriptor", used.as_millis()));
    findings.expect(used < IDLE, "the server spins");
    drop(stuck);
    for stream in idle {
        client::close(stream)?;
    }
    let mut stream = client::open(&client, address)?;
    client::echo(&mut stream, b"afterwards", &mut Vec::new())?;
    client::close(stream)?;
    let ended = server.process.exit(Instant::now());
    findings.expect(ended.is_none(), format!("the server ended:\n{}", server.process.text()));
    Ok(())
}

/// Clients that come together and are served one after the other; how many were served.
fn together(client: &Client, address: SocketAddr, count: usize, findings: &mut Findings) -> Result<usize> {
    thread::scope(|scope| -> Result<usize> {
        let waiting: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || -> Result<()> {
                    let mut stream = client::open(client, address)?;
                    let (mut data, mut space) = ([0; 3_000], Vec::new());
                    client::pattern(number as u64, &mut data);
                    client::echo(&mut stream, &data, &mut space)?;
                    // Long enough that the others find the descriptors taken.
                    thread::sleep(Duration::from_millis(20));
                    client::close(stream)
                })
            })
            .collect();
        let mut served = 0;
        for thread in waiting {
            match thread.join().map_err(|_| anyhow!("a client panicked"))? {
                Ok(()) => served += 1,
                Err(error) => findings.expect(false, format!("{error:#}")),
            }
        }
        Ok(served)
    })
}
