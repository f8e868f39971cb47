//! A run: a program on a board, one or more peers on the host, and what both must print.

use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use interop::fixtures::Fixtures;
use interop::process::{Running, contains, free_port};
use tempfile::NamedTempFile;

use crate::firmware::faults::{must_inject, until_injected};
use crate::firmware::figures::Measured;
use crate::firmware::machine::{Figures, Machine, Settings, Tag};
use crate::firmware::programs::{CORES, Core, Profile, Programs, profile};
use crate::step::Outcome;

/// Runs take seconds.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// For what should come at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client on a board against a server on this host.
pub struct ClientRun {
    /// What differs from other runs.
    pub name: &'static str,
    /// The name of the profile.
    pub profile: &'static str,
    /// Whether on both cores, or on the M4 only.
    pub both_cores: bool,
    /// The settings, without the address of the peer.
    pub settings: Settings,
    /// The server's command line, see `Fixtures::command`.
    pub server: &'static str,
    /// What the server prints when it listens.
    pub ready: &'static str,
    /// Lines that the board prints.
    pub board: &'static [&'static str],
    /// What the server prints.
    pub peer: &'static [&'static str],
    /// Words of `handclasp explain` about the report on the serial line; empty where the run succeeds.
    pub explained: &'static str,
    /// The line behind which the figures of the profile are; empty where this run has none.
    pub figures: &'static str,
}

/// A run of either kind.
pub trait Run: Sync {
    /// The profile and what differs from other runs.
    fn name(&self) -> (&'static str, &'static str);
    /// Whether on both cores, or on the M4 only.
    fn on_both_cores(&self) -> bool;
    /// Runs it on a core.
    fn run(&self, core: Core, bench: &Bench<'_>) -> Result<()>;
}

/// What runs share.
pub struct Bench<'b> {
    /// The programs for the board.
    pub programs: &'b Programs,
    /// Peers and certificates.
    pub fixtures: &'b Fixtures,
    /// Where figures go.
    pub measured: &'b Mutex<Measured>,
}

impl Bench<'_> {
    /// Adds the figures of a run.
    pub fn add(&self, core: Core, profile: &Profile, figures: Figures) {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).add(core, profile, figures);
    }
}

/// The result of some runs, as many at a time as there are processors: a board under QEMU keeps one busy.
pub fn outcome<R: Run>(runs: &[R], bench: &Bench<'_>) -> Outcome {
    let wanted = runs.iter().filter(|run| bench.programs.has(run.name().0));
    let on_cores = |core: Core| wanted.clone().map(move |run| (run, core));
    // The M0 takes longest, and so begins.
    let jobs: Vec<(&R, Core)> = CORES
        .into_iter()
        .flat_map(on_cores)
        .filter(|(run, core)| run.on_both_cores() || core.name == "M4")
        .collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some((run, core)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = run.run(*core, bench) {
                let (profile, name) = run.name();
                let line = format!("{profile}, {name}, {}: {error:#}\n", core.name);
                failures.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| _ = scope.spawn(work)));
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    Outcome {
        passed: jobs.len() - failures.len(),
        failed: failures.len(),
        note: format!("{} runs", jobs.len()),
        details: failures.concat(),
    }
}

impl Run for ClientRun {
    fn name(&self) -> (&'static str, &'static str) {
        (self.profile, self.name)
    }

    fn on_both_cores(&self) -> bool {
        self.both_cores
    }

    fn run(&self, core: Core, bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let server = Running::start(&mut bench.fixtures.command(self.server, port)?)?;
        server.wait_ready(deadline, self.ready)?;
        let profile = profile(self.profile)?;
        let settings = self.settings.clone().peer(port);
        let mut machine = Machine::start(&bench.programs.path(core, profile), core, &settings, None)?;
        machine.end(deadline)?;
        for line in self.board {
            machine.wait_line(line, deadline)?;
        }
        for text in self.peer {
            expect(&server, text, &machine)?;
        }
        if !self.explained.is_empty() {
            explained(&machine.text(), self.explained, bench.fixtures)?;
        }
        if !self.figures.is_empty() {
            bench.add(core, profile, machine.figures(self.figures)?);
        }
        Ok(())
    }
}

/// Waits until a peer prints a text.
pub fn expect(peer: &Running, text: &str, machine: &Machine) -> Result<()> {
    match peer.wait(Instant::now() + PATIENCE, |output| output.contains(text)) {
        Ok(()) => Ok(()),
        Err(_) => bail!(
            "the peer did not print `{text}`:\n{}\nthe board:\n{}",
            excerpt(&peer.text()),
            machine.text()
        ),
    }
}

/// `handclasp explain` must say these words about the report in these lines of the serial line.
pub fn explained(serial: &str, words: &str, fixtures: &Fixtures) -> Result<()> {
    let mut log = NamedTempFile::new()?;
    log.write_all(serial.as_bytes())?;
    let output = Command::new(fixtures.program()?).arg("explain").arg(log.path()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Lines are broken where the terminal ends.
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.contains(words) {
        true => Ok(()),
        false => bail!("handclasp explain does not say `{words}`:\n{text}\n{serial}"),
    }
}

/// The end of a text in an error: an echo of 100 KB says nothing.
pub fn excerpt(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| line.len() < 500).collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

/// A server on a board against clients on this host, one after another.
pub struct ServerRun {
    /// What differs from other runs.
    pub name: &'static str,
    /// The name of the profile.
    pub profile: &'static str,
    /// Whether on both cores, or on the M4 only.
    pub both_cores: bool,
    /// The settings.
    pub settings: Settings,
    /// The clients.
    pub clients: Vec<ClientCase>,
    /// Whether the figures of the first client are those of the profile.
    pub has_figures: bool,
    /// Faults that the board must count.
    pub injects: &'static [&'static str],
}

/// A client on this host.
pub struct ClientCase {
    /// Its command line, see `Fixtures::command`.
    pub line: String,
    /// What it sends, which must come back.
    pub sends: Vec<u8>,
    /// What it prints beside that.
    pub prints: Vec<&'static str>,
    /// Words of `handclasp explain` about the report of the board, where the handshake fails.
    pub explained: &'static str,
}

impl Run for ServerRun {
    fn name(&self) -> (&'static str, &'static str) {
        (self.profile, self.name)
    }

    fn on_both_cores(&self) -> bool {
        self.both_cores
    }

    fn run(&self, core: Core, bench: &Bench<'_>) -> Result<()> {
        until_injected(|seed| self.run_with(seed, core, bench))
    }
}

impl ServerRun {
    fn run_with(&self, seed: [u8; 8], core: Core, bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let profile = profile(self.profile)?;
        let count = u32::try_from(self.clients.len())?;
        let settings = self.settings.clone().number(Tag::Connections, count).with(Tag::Seed, &seed);
        let mut machine = Machine::start(&bench.programs.path(core, profile), core, &settings, Some(port))?;
        machine.wait_line("ready", deadline)?;
        for client in &self.clients {
            client.run(port, bench.fixtures, &machine)?;
        }
        machine.end(deadline)?;
        must_inject(&machine, self.injects)?;
        let text = machine.text();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut reports = lines.chunk_by(|_, next| !next.starts_with("failed")).skip(1);
        for client in self.clients.iter().filter(|client| !client.explained.is_empty()) {
            let report =
                reports.next().with_context(|| format!("no report of `{}`:\n{text}", client.line))?;
            explained(&report.concat(), client.explained, bench.fixtures)?;
        }
        if self.has_figures {
            bench.add(core, profile, machine.figures("connected")?);
        }
        Ok(())
    }
}

impl ClientCase {
    fn run(&self, port: u16, fixtures: &Fixtures, machine: &Machine) -> Result<()> {
        let mut client = Running::start(&mut fixtures.command(&self.line, port)?)?;
        client.feed(&self.sends);
        let sent = String::from_utf8_lossy(&self.sends);
        if self.explained.is_empty() {
            // The last line comes back last.
            let echoed = client.wait(Instant::now() + TIMEOUT, |output| contains(&output.out, &sent));
            if echoed.is_err() {
                bail!(
                    "{}: what it sent did not come back:\n{}\n{}",
                    self.line,
                    excerpt(&client.text()),
                    machine.text()
                );
            }
        }
        client.close_input();
        for text in &self.prints {
            expect(&client, text, machine)?;
        }
        if client.exit(Instant::now() + PATIENCE).is_none() {
            bail!("{}: the client still runs:\n{}\n{}", self.line, excerpt(&client.text()), machine.text());
        }
        Ok(())
    }
}
