//! SIGHUP and SIGTERM under load: every connection is served as a whole, or refused before its first byte.

use std::{
    fs,
    io::Read as _,
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use handclasp::{Client, ClientConnection};
use rustix::process::Signal;

use super::{Findings, Soak};
use crate::{
    certificate::{Certificate, Kind, NAME},
    client::{self, Offer},
    server::{Server, soon},
};

/// Clients at a time.
const CLIENTS: usize = 16;
/// Echoes of a connection, so that many are open when the signal comes.
const ECHOES: usize = 20;

/// Clients that connect until they should stop.
struct Clients<'c> {
    client: &'c Client,
    address: SocketAddr,
    stop: AtomicBool,
    whole: AtomicUsize,
    refused: AtomicUsize,
    failures: Mutex<Vec<String>>,
    /// The keys that servers had.
    pins: Mutex<Vec<[u8; 32]>>,
}

/// What became of a connection.
enum Outcome {
    Whole,
    /// Not one byte came.
    Refused,
}

impl<'c> Clients<'c> {
    fn new(client: &'c Client, address: SocketAddr) -> Self {
        Self {
            client,
            address,
            stop: AtomicBool::new(false),
            whole: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            failures: Mutex::default(),
            pins: Mutex::default(),
        }
    }

    /// One client: one connection after the other.
    fn run(&self, seed: usize) {
        while !self.stop.load(Ordering::Relaxed) {
            match self.one(seed) {
                Ok(Outcome::Whole) => {
                    self.whole.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Outcome::Refused) => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(5));
                }
                Err(error) => {
                    self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{error:#}"));
                }
            }
        }
    }

    fn one(&self, seed: usize) -> Result<Outcome> {
        let Ok(socket) = client::dial(self.address) else { return Ok(Outcome::Refused) };
        let mut first = [0];
        // The hello goes out, and then the first byte of the server decides whether it was refused.
        let hello = ClientConnection::new(self.client, NAME)?;
        let sent = std::io::Write::write_all(&mut &socket, hello.transmit());
        match sent.and_then(|()| socket.peek(&mut first)) {
            Ok(1..) => {}
            _ => return Ok(Outcome::Refused),
        }
        let mut stream = Resumable { socket, connection: hello, hello_sent: true };
        stream.handshake().context("handshake")?;
        let peer = stream.connection.connected().and_then(|connected| connected.peer.as_ref());
        if let Some(peer) = peer {
            let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
            if !pins.contains(&peer.pin) {
                pins.push(peer.pin);
            }
        }
        let mut data = [0; 700];
        for number in 0..ECHOES {
            client::pattern((seed * 1_000 + number) as u64, &mut data);
            stream.echo(&data).with_context(|| format!("echo {number} of {ECHOES}"))?;
            thread::sleep(Duration::from_millis(1));
        }
        stream.close().context("close_notify")?;
        Ok(Outcome::Whole)
    }

    fn complain(self, findings: &mut Findings) -> (usize, usize) {
        let failures = self.failures.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shown: Vec<_> = failures.iter().take(5).cloned().collect();
        findings.expect(
            failures.is_empty(),
            format!("{} connections were cut off:\n{}", failures.len(), shown.join("\n")),
        );
        (self.whole.into_inner(), self.refused.into_inner())
    }
}

/// A connection whose hello is already sent.
struct Resumable {
    socket: std::net::TcpStream,
    connection: ClientConnection,
    hello_sent: bool,
}

impl Resumable {
    fn flush(&mut self) -> Result<()> {
        while !self.connection.transmit().is_empty() {
            self.connection.write_tls(&mut self.socket)?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<()> {
        let count = self.socket.read(self.connection.receive_space())?;
        if count == 0 {
            self.connection.end_of_input()?;
        }
        Ok(self.connection.received(count)?)
    }

    fn handshake(&mut self) -> Result<()> {
        if std::mem::take(&mut self.hello_sent) {
            let sent = self.connection.transmit().len();
            self.connection.transmitted(sent);
        }
        while self.connection.is_handshaking() {
            self.flush()?;
            if self.connection.is_handshaking() {
                self.receive()?;
            }
        }
        self.flush()
    }

    fn echo(&mut self, data: &[u8]) -> Result<()> {
        self.connection.write(data)?;
        self.flush()?;
        let mut back = Vec::new();
        while back.len() < data.len() {
            if self.connection.readable().is_empty() {
                self.receive()?;
            }
            let count = self.connection.readable().len();
            back.extend_from_slice(self.connection.readable());
            self.connection.consume(count);
        }
        anyhow::ensure!(back == data, "an echo differs from what was sent");
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        self.connection.close();
        self.flush()?;
        while !self.connection.is_peer_closed() {
            self.receive()?;
        }
        Ok(())
    }
}

/// SIGHUP: the certificate is replaced again and again, and connections go on.
pub fn reload(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let reloads = soak.number(100, 10);
    let folder = soak.folder.path();
    let (one, other) =
        (Certificate::new(folder, "one", Kind::P256)?, Certificate::new(folder, "other", Kind::P256)?);
    let live = Certificate { chain: folder.join("live.crt"), key: folder.join("live.key"), ..one.clone() };
    let replace = |certificate: &Certificate| -> Result<()> {
        fs::copy(&certificate.chain, &live.chain)?;
        fs::copy(&certificate.key, &live.key)?;
        Ok(())
    };
    replace(&one)?;
    let mut server = Server::serve(&soak.program, &live, &["--echo"])?;
    let client = client::client(Offer::Modern)?.without_resumption();
    let clients = Clients::new(&client, server.address);
    thread::scope(|scope| -> Result<()> {
        for seed in 0..CLIENTS {
            let clients = &clients;
            scope.spawn(move || clients.run(seed));
        }
        for number in 0..reloads {
            thread::sleep(Duration::from_millis(50));
            replace(if number % 2 == 0 { &other } else { &one })?;
            if let Err(error) = server.signal(Signal::HUP) {
                clients.stop.store(true, Ordering::Relaxed);
                return Err(error.context("SIGHUP"));
            }
        }
        thread::sleep(Duration::from_millis(50));
        clients.stop.store(true, Ordering::Relaxed);
        Ok(())
    })?;
    let pins = clients.pins.lock().unwrap_or_else(PoisonError::into_inner).len();
    let (whole, refused) = clients.complain(findings);
    findings.figure(format!(
        "{reloads} reloads: {whole} connections whole, {refused} refused, {pins} certificates seen"
    ));
    findings.expect(refused == 0, "connections were refused");
    findings.expect(pins == 2, format!("{pins} certificates were seen, 2 expected"));
    let ended = server.process.exit(Instant::now());
    findings.expect(ended.is_none(), format!("the server ended:\n{}", server.process.text()));
    Ok(())
}

/// SIGTERM: connections that are open are served to their end, others are refused.
pub fn terminate(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let rounds = soak.number(10, 2);
    let (mut whole, mut refused) = (0, 0);
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        let mut server = soak.echo()?;
        let client = client::client(Offer::Modern)?.without_resumption();
        let clients = Clients::new(&client, server.address);
        let status = thread::scope(|scope| -> Result<_> {
            let threads: Vec<_> = (0..CLIENTS)
                .map(|seed| {
                    let clients = &clients;
                    scope.spawn(move || clients.run(seed))
                })
                .collect();
            thread::sleep(Duration::from_millis(300));
            let signalled = Instant::now();
            let sent = server.signal(Signal::TERM);
            let status = server.process.exit(soon());
            longest = longest.max(signalled.elapsed());
            clients.stop.store(true, Ordering::Relaxed);
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a client panicked"))?;
            }
            sent.map(|()| status)
        })?;
        let code = status.and_then(|status| status.code());
        findings
            .expect(code == Some(0), format!("exit code {code:?}, 0 expected: {}", server.process.text()));
        let (served, not) = clients.complain(findings);
        (whole, refused) = (whole + served, refused + not);
    }
    findings.figure(format!(
        "{rounds} ends: {whole} connections whole, {refused} refused before a byte; the longest end took {:.0} ms",
        longest.as_secs_f64() * 1e3
    ));
    findings.expect(whole > 0 && refused > 0, "clients before and after the signal expected");
    Ok(())
}
