//! A run: a program on a board, one or more peers on the host, and what both must print.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use interop::fixtures::Fixtures;
use interop::process::{Running, free_port};

use crate::firmware::figures::Measured;
use crate::firmware::machine::{Machine, Settings};
use crate::firmware::programs::{CORES, Core, Programs, profile};
use crate::step::Outcome;

/// Runs take seconds.
pub const TIMEOUT: Duration = Duration::from_secs(60);

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
    /// The line behind which the figures of the profile are; empty where this run has none.
    pub figures: &'static str,
}

/// The result of some runs; figures are added to `measured`.
pub fn outcome(
    runs: &[ClientRun],
    programs: &Programs,
    fixtures: &Fixtures,
    measured: &mut Measured,
) -> Result<Outcome> {
    let mut outcome = Outcome { passed: 0, failed: 0, note: String::new(), details: String::new() };
    for run in runs {
        for core in CORES.into_iter().filter(|core| run.both_cores || core.name == "M4") {
            match run.run(core, programs, fixtures, measured) {
                Ok(()) => outcome.passed += 1,
                Err(error) => {
                    outcome.failed += 1;
                    outcome.details += &format!("{}, {}, {}: {error:#}\n", run.profile, run.name, core.name);
                }
            }
        }
    }
    outcome.note = format!("{} runs", outcome.passed + outcome.failed);
    Ok(outcome)
}

impl ClientRun {
    fn run(
        &self,
        core: Core,
        programs: &Programs,
        fixtures: &Fixtures,
        measured: &mut Measured,
    ) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let server = Running::start(&mut fixtures.command(self.server, port)?)?;
        server.wait_ready(deadline, self.ready)?;
        let profile = profile(self.profile)?;
        let settings = self.settings.clone().peer(port);
        let mut machine = Machine::start(&programs.path(core, profile), core, &settings, None)?;
        machine.end(deadline)?;
        for line in self.board {
            machine.wait_line(line, deadline)?;
        }
        for text in self.peer {
            let printed =
                server.wait(Instant::now() + Duration::from_secs(5), |output| output.contains(text));
            if printed.is_err() {
                bail!("the peer did not print `{text}`:\n{}\nthe board:\n{}", server.text(), machine.text());
            }
        }
        if !self.figures.is_empty() {
            measured.add(core, profile, machine.figures(self.figures).context(self.figures)?);
        }
        Ok(())
    }
}
