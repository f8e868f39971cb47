//! Hellos in large numbers for one listener, from many addresses, while known clients of another one are served: in
//! two processes, and in one.

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use handclasp::{Client, Psk, PskUse, Trust};
use interop::process::Running;

use super::{Findings, Soak, clients, slow};
use crate::{
    client,
    server::{Server, soon},
};

const KEY: &str = "6d1f83b1a36bb2b2c52a9b6e5f3c9d0871a04e5d2f60c7d4a8b1e96a3c5d7f20";
/// Threads that send hellos.
const FLOODERS: u32 = 4;
/// Hellos of a thread that are open together.
const OPEN: usize = 100;
/// What remains at least of the rate alone: the flood and its server have the same two processors.
const RATE_LEFT: f64 = 0.02;

/// Two listeners, and the servers behind them.
struct Listeners {
    servers: Vec<Server>,
    known: SocketAddr,
    flooded: SocketAddr,
}

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let secret = soak.folder.path().join("psk");
    std::fs::write(&secret, KEY)?;
    // A secret that others can read is refused.
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o600))?;
    flood(soak, findings, "two processes", two_processes(soak)?)?;
    flood(soak, findings, "one process", one_process(soak)?)
}

fn two_processes(soak: &Soak) -> Result<Listeners> {
    let key = format!("@{}", soak.folder.path().join("psk").display());
    let mut command = Command::new(&soak.program);
    command.args(["serve", "127.0.0.1:0", "--echo", "--quiet", "--psk-id", "device-7", "--psk-hex", &key]);
    let known = Server::start(&mut command)?;
    let flooded = Server::serve(&soak.program, &soak.certificate, &["--echo"])?;
    Ok(Listeners { known: known.address, flooded: flooded.address, servers: vec![known, flooded] })
}

/// `handclasp run` with the limits that a server has by itself.
fn one_process(soak: &Soak) -> Result<Listeners> {
    let file = soak.folder.path().join("two.toml");
    let text = format!(
        "[serve.known]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-id = \"device-7\"\npsk-hex = \"@psk\"\n\n\
         [serve.flooded]\nlisten = \"127.0.0.1:0\"\necho = true\ncert = {:?}\nkey = {:?}\n",
        soak.certificate.chain, soak.certificate.key
    );
    std::fs::write(&file, text)?;
    let process = Running::start(Command::new(&soak.program).arg("run").arg(&file))?;
    let address = |name: &str| -> Result<SocketAddr> {
        let before = format!("[serve.{name}] listening on 127.0.0.1:");
        Ok((Ipv4Addr::LOCALHOST, process.listening_port(&before, soon())?).into())
    };
    let (known, flooded) = (address("known")?, address("flooded")?);
    Ok(Listeners { servers: vec![Server { process, address: known }], known, flooded })
}

fn flood(soak: &Soak, findings: &mut Findings, name: &str, mut listeners: Listeners) -> Result<()> {
    let time = Duration::from_secs(soak.number(10, 1) as u64);
    let client = Client::new(Trust::Psk(Psk::from_hex("device-7", PskUse::Tls13Sha256, KEY)?))
        .deadline(Some(client::PATIENCE));
    clients::serve(&client, listeners.known, 2, Duration::from_millis(200))?;
    let alone = clients::serve(&client, listeners.known, 2, time)?;
    let hello = slow::hello()?;
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let flood = thread::scope(|scope| -> Result<_> {
        for number in 0..FLOODERS {
            let (stop, sent, hello, address) = (&stop, &sent, &hello, listeners.flooded);
            scope.spawn(move || send(number, address, hello, stop, sent));
        }
        let served = clients::serve(&client, listeners.known, 2, time);
        stop.store(true, Ordering::Relaxed);
        served
    })?;
    let ratio = flood.per_second() / alone.per_second();
    let sent = sent.into_inner();
    findings.figure(format!("{name}: known clients alone: {alone}"));
    findings.figure(format!("{name}: with {sent} hellos for the other listener: {flood}: ×{ratio:.2}"));
    findings.expect(flood.failures.is_empty(), flood.failures.join("\n"));
    findings.expect(ratio > RATE_LEFT, format!("{name}: ×{ratio:.2} of the rate, ×{RATE_LEFT} expected"));
    for server in &mut listeners.servers {
        let ended = server.process.exit(Instant::now());
        findings.expect(ended.is_none(), format!("a server ended:\n{}", server.process.text()));
    }
    // Behind the flood it serves again.
    let good = client::client(client::Offer::Modern)?;
    let behind = clients::serve(&good, listeners.flooded, 1, Duration::from_millis(300))?;
    findings.figure(format!("{name}: the flooded listener afterwards: {behind}"));
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
