//! Plays one cell: starts both sides, does what is to be done once they are connected, and
//! collects what they said. What went wrong on the way is noted, not judged.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::cell::{Action, Cell, Side};
use super::{Bench, earlier, openssl, ours, payload};
use crate::process::{Running, Told, contains};
use crate::workspace::shown;

/// A handshake and a few lines take milliseconds; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(25);
/// 10 MB each way.
const LONG_PATIENCE: Duration = Duration::from_secs(90);
/// What a side does after the other has ended.
const SETTLE: Duration = Duration::from_secs(5);

/// One side: its command line, what it said, how it ended.
pub struct Half {
    pub command: String,
    pub out: String,
    pub err: String,
    /// Its exit code; none if it had to be killed.
    pub code: Option<i32>,
}

/// What came of a cell.
pub struct Scene {
    pub ours: Half,
    pub openssl: Half,
    /// What did not happen.
    pub complaints: Vec<String>,
}

/// Plays it.
pub fn play(bench: &Bench, cell: &Cell) -> Result<Scene> {
    let patience = if cell.action == Action::Bulk { LONG_PATIENCE } else { PATIENCE };
    let deadline = Instant::now() + patience;
    fs::create_dir_all(cell.directory(bench))?;
    match cell.we {
        Side::Client => {
            let mut command = openssl::server(bench, cell);
            cell.arguments(bench, &cell.openssl, &mut command);
            let theirs = Running::start(&mut command)?;
            let port = port(&theirs, "ACCEPT 127.0.0.1:", deadline)?;
            earlier::ours(bench, cell, port, &theirs, deadline)?;
            let mut connect = ours::connect(bench, cell, port)?;
            cell.arguments(bench, &cell.ours, &mut connect);
            let us = Running::start(&mut connect)?;
            let stage = Stage { bench, cell, deadline, us, theirs, complaints: Vec::new() };
            stage.play(&connect, &command)
        }
        Side::Server => {
            let mut command = ours::serve(bench, cell);
            cell.arguments(bench, &cell.ours, &mut command);
            let us = Running::start(&mut command)?;
            let port = port(&us, "listening on 127.0.0.1:", deadline)?;
            earlier::openssls(bench, cell, port, deadline)?;
            let mut connect = openssl::client(bench, cell, port);
            cell.arguments(bench, &cell.openssl, &mut connect);
            let theirs = Running::start(&mut connect)?;
            let mut stage = Stage { bench, cell, deadline, us, theirs, complaints: Vec::new() };
            if cell.action == Action::Many {
                stage.crowd(port)?;
            }
            stage.play(&command, &connect)
        }
    }
}

/// The port that a server says it listens on.
pub fn port(server: &Running, before: &str, deadline: Instant) -> Result<u16> {
    let find = |told: &Told| {
        let text = String::from_utf8_lossy(&[&told.out[..], &told.err[..]].concat()).into_owned();
        let (_, rest) = text.split_once(before)?;
        rest.split_once('\n')?.0.trim().parse().ok()
    };
    let _ = server.wait(deadline, |told| find(told).is_some());
    let found = find(&server.told());
    found.ok_or_else(|| {
        anyhow::anyhow!("the server never said `{before}PORT`:\n{}{}", server.out_text(), server.err_text())
    })
}

/// Both sides while they run.
struct Stage<'b> {
    bench: &'b Bench,
    cell: &'b Cell,
    deadline: Instant,
    us: Running,
    theirs: Running,
    complaints: Vec<String>,
}

impl Stage<'_> {
    /// To the end.
    fn play(mut self, our_command: &Command, their_command: &Command) -> Result<Scene> {
        if self.cell.end.connected {
            self.act();
        }
        // Whoever still runs is waited for, our side first: its words are complete then.
        let code = |running: &mut Running, deadline| running.exit(deadline).and_then(|status| status.code());
        let failed = !self.complaints.is_empty();
        if self.cell.action.is_of_many() && self.cell.we == Side::Server {
            // A server of many never ends by itself; its client has first to see an orderly end.
            code(&mut self.theirs, self.deadline);
            self.us.kill();
        }
        let patience = if failed { Instant::now() + SETTLE } else { self.deadline };
        let ours = code(&mut self.us, patience);
        let theirs = code(&mut self.theirs, Instant::now() + SETTLE);
        if self.cell.action == Action::KeyLog && !failed {
            self.compare_key_logs()?;
        }
        if self.cell.action == Action::Pin && !failed {
            self.compare_pins()?;
        }
        let side = |running: &Running, command: &Command, code| Half {
            command: shown(command),
            out: running.out_text(),
            err: running.err_text(),
            code,
        };
        Ok(Scene {
            ours: side(&self.us, our_command, ours),
            openssl: side(&self.theirs, their_command, theirs),
            complaints: self.complaints,
        })
    }

    /// What the cell is to do once connected. Stops at the first thing that does not happen.
    fn act(&mut self) -> Option<()> {
        if self.cell.action == Action::PeerCloses {
            self.us.feed(b"GET / HTTP/1.0\r\n\r\n");
            // Our input stays open: it is the peer's close_notify that ends us.
            return self.we_tell("OpenSSL's page", |told| contains(&told.out, "</BODY></HTML>"));
        }
        // Before it says so OpenSSL's server takes its input for the handshake's cue, and never does.
        let earlier = if self.cell.we == Side::Client { self.cell.action.before() } else { 0 };
        self.theirs_tell("a connection", |told| {
            let text = String::from_utf8_lossy(&told.out);
            let count = text.matches("CIPHER is ").count() + text.matches("Cipher is ").count();
            count > earlier && !text.contains("is (NONE)")
        })?;
        match self.cell.action {
            Action::Bulk => self.bulk()?,
            Action::Reply => self.theirs_tell("our reply", |told| contains(&told.out, payload::REPLY))?,
            Action::Update => {
                self.update_keys()?;
                self.hello()?;
                self.theirs_tell("our KeyUpdate", |told| key_updates(told, "<<<") >= 1)?;
            }
            Action::Renegotiate => {
                self.hello()?;
                self.theirs.feed(if self.cell.we == Side::Server { b"R\n" } else { b"r\n" });
                return Some(());
            }
            _ => self.hello()?,
        }
        match (self.cell.action, self.cell.we) {
            (Action::Truncate, _) => self.theirs.kill(),
            (_, Side::Server) => self.theirs.close_input(),
            (_, Side::Client) => self.us.close_input(),
        }
        Some(())
    }

    /// A line from OpenSSL, and one from us: our client's own, our server's echo.
    fn hello(&mut self) -> Option<()> {
        self.theirs.feed(payload::FROM_OPENSSL.as_bytes());
        if self.cell.we == Side::Server {
            return self.theirs_tell("the echo", |told| contains(&told.out, payload::FROM_OPENSSL));
        }
        // Theirs first: a KeyUpdate that it asked for goes out before our next data, so the request
        // has to have come by then.
        self.we_tell("OpenSSL's line", |told| contains(&told.out, payload::FROM_OPENSSL))?;
        self.us.feed(payload::FROM_US.as_bytes());
        self.theirs_tell("our line", |told| contains(&told.out, payload::FROM_US))
    }

    /// Two more clients, served while the first one is still connected.
    fn crowd(&mut self, port: u16) -> Result<()> {
        self.theirs_tell("a connection", |told| contains(&told.out, "Cipher is "));
        let start = || Running::start(&mut openssl::client(self.bench, self.cell, port));
        let mut others = [start()?, start()?];
        for other in others.iter_mut().rev() {
            other.feed(payload::FROM_US.as_bytes());
            if let Err(unmet) = other.wait(self.deadline, |told| contains(&told.out, payload::FROM_US)) {
                self.complaints.push(format!("another client saw no echo: {unmet:?}"));
            }
        }
        Ok(())
    }

    /// OpenSSL updates its keys and asks for ours (`K`), and updates its keys alone (`k`).
    fn update_keys(&mut self) -> Option<()> {
        // A command is a whole read of its input: one at a time.
        for (sent, command) in ["K\n", "k\n"].into_iter().enumerate() {
            self.theirs.feed(command.as_bytes());
            self.theirs_tell("its own KeyUpdate", |told| key_updates(told, ">>>") > sent)?;
        }
        Some(())
    }

    /// 10 MB each way at the same time.
    fn bulk(&mut self) -> Option<()> {
        self.theirs.feed(payload::large());
        if self.cell.we == Side::Client {
            self.us.feed(payload::large());
            self.we_tell("10 MB", |told| payload::is_complete(&told.out))?;
        }
        self.theirs_tell("10 MB", |told| payload::is_complete(&told.out))?;
        let wanted = payload::hash(payload::large());
        for (who, running) in [("we", &self.us), ("OpenSSL", &self.theirs)] {
            let found = payload::hash(&payload::digits(&running.told().out));
            if found != wanted && (who == "OpenSSL" || self.cell.we == Side::Client) {
                self.complaints.push(format!("SHA-256 of what {who} received: {found}; sent: {wanted}"));
            }
        }
        Some(())
    }

    fn we_tell(&mut self, what: &str, wanted: impl Fn(&Told) -> bool) -> Option<()> {
        let unmet = self.us.wait(self.deadline, wanted).err();
        unmet.map_or(Some(()), |unmet| {
            self.complaints.push(format!("we did not show {what}: {unmet:?}"));
            None
        })
    }

    fn theirs_tell(&mut self, what: &str, wanted: impl Fn(&Told) -> bool) -> Option<()> {
        let unmet = self.theirs.wait(self.deadline, wanted).err();
        unmet.map_or(Some(()), |unmet| {
            self.complaints.push(format!("OpenSSL did not show {what}: {unmet:?}"));
            None
        })
    }

    /// Both key logs hold the same secrets (RFC 9850): the keys, and in TLS 1.3 the exporter's.
    fn compare_key_logs(&mut self) -> Result<()> {
        let read = |name: &str| -> Result<Vec<String>> {
            let text = fs::read_to_string(self.cell.file(self.bench, name))?;
            let mut lines: Vec<String> =
                text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
            lines.sort();
            Ok(lines)
        };
        let (ours, theirs) = (read("ours.keys")?, read("theirs.keys")?);
        if ours != theirs || ours.is_empty() {
            self.complaints.push(format!("key logs differ\n    ours: {ours:#?}\n    OpenSSL's: {theirs:#?}"));
        }
        Ok(())
    }

    /// The pin that our server printed is that of the certificate that OpenSSL received.
    fn compare_pins(&mut self) -> Result<()> {
        let told = self.theirs.out_text();
        let Some(certificate) = openssl::certificate(&told) else {
            self.complaints.push("OpenSSL shows no certificate".to_owned());
            return Ok(());
        };
        let file = self.cell.file(self.bench, "received.pem");
        fs::write(&file, certificate)?;
        let pin = self.bench.credentials.pin(&file.display().to_string())?;
        if !self.us.err_text().contains(&pin) {
            self.complaints.push(format!("our server did not print {pin}"));
        }
        Ok(())
    }
}

/// KeyUpdate messages in the output of `-msg`, in one direction.
fn key_updates(told: &Told, direction: &str) -> usize {
    let text = String::from_utf8_lossy(&told.out);
    text.lines().filter(|line| line.contains(direction) && line.ends_with(", KeyUpdate")).count()
}

impl Display for Scene {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (who, side) in [("ours", &self.ours), ("OpenSSL", &self.openssl)] {
            let code = side.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
            writeln!(f, "  {who}: {} [{code}]", side.command)?;
            for (stream, text) in [("out", &side.out), ("err", &side.err)] {
                // Ten megabytes tell nothing that their first lines do not.
                for line in text.lines().take(120) {
                    let line: String = line.chars().take(200).collect();
                    writeln!(f, "    {stream}| {line}")?;
                }
            }
        }
        Ok(())
    }
}
