//! Hellos in large numbers for one server, from many addresses, while known clients of another one are served.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use anyhow::Result;
use handclasp::{Client, Psk, PskUse, Trust};

use super::{Findings, Soak, crowd, slow};
use crate::{client, server::Server};

const KEY: &str = "6d1f83b1a36bb2b2c52a9b6e5f3c9d0871a04e5d2f60c7d4a8b1e96a3c5d7f20";
/// Threads that send hellos.
const FLOODERS: u32 = 4;
/// Hellos of a thread that are open together.
const OPEN: usize = 100;
/// What remains at least of the rate alone: the flood and its server have the same two processors.
const RATE_LEFT: f64 = 0.02;

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let time = Duration::from_secs(soak.number(10, 1) as u64);
    let secret = soak.folder.path().join("psk");
    std::fs::write(&secret, KEY)?;
    let key = format!("@{}", secret.display());
    let mut command = std::process::Command::new(&soak.program);
    command.args(["serve", "127.0.0.1:0", "--echo", "--quiet", "--psk-id", "device-7", "--psk-hex", &key]);
    let known = Server::start(&mut command)?;
    let mut flooded = Server::serve(&soak.program, &soak.certificate, &["--echo"])?;
    let client = Client::new(Trust::Psk(Psk::from_hex("device-7", PskUse::Tls13Sha256, KEY)?))
        .deadline(Some(client::PATIENCE));
    crowd::serve(&client, known.address, 2, Duration::from_millis(200))?;
    let alone = crowd::serve(&client, known.address, 2, time)?;
    let hello = slow::hello()?;
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let flood = thread::scope(|scope| -> Result<_> {
        for number in 0..FLOODERS {
            let (stop, sent, hello, address) = (&stop, &sent, &hello, flooded.address);
            scope.spawn(move || send(number, address, hello, stop, sent));
        }
        let served = crowd::serve(&client, known.address, 2, time);
        stop.store(true, Ordering::Relaxed);
        served
    })?;
    let ratio = flood.per_second() / alone.per_second();
    let sent = sent.into_inner();
    findings.figure(format!("known clients alone: {alone}"));
    findings.figure(format!("with {sent} hellos for the other server: {flood}: ×{ratio:.2}"));
    findings.expect(flood.failures.is_empty(), flood.failures.join("\n"));
    findings.expect(ratio > RATE_LEFT, format!("×{ratio:.2} of the rate, ×{RATE_LEFT} expected"));
    let ended = flooded.process.exit(std::time::Instant::now());
    findings.expect(ended.is_none(), format!("the flooded server ended:\n{}", flooded.process.text()));
    // Behind the flood it serves again.
    let behind = crowd::serve(
        &client::client(client::Offer::Modern)?,
        flooded.address,
        1,
        Duration::from_millis(300),
    )?;
    findings.figure(format!("the flooded server afterwards: {behind}"));
    findings.expect(behind.failures.is_empty() && behind.count() > 0, behind.failures.join("\n"));
    Ok(())
}

/// Sends hellos from one address after the other, and reads nothing.
fn send(thread: u32, address: SocketAddr, hello: &[u8], stop: &AtomicBool, sent: &AtomicUsize) {
    let mut open: std::collections::VecDeque<TcpStream> = std::collections::VecDeque::new();
    for number in (0..60_000).cycle() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let Ok(mut socket) = client::dial_from(thread * 60_000 + number, address) else { continue };
        if socket.write_all(hello).is_ok() {
            sent.fetch_add(1, Ordering::Relaxed);
        }
        open.push_back(socket);
        if open.len() > OPEN {
            open.pop_front();
        }
    }
}
