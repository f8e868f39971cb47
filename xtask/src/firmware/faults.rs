//! Runs in which network, peer or power fail: a program must neither panic nor hang, and the next handshake
//! must work.

use std::error::Error;
use std::fmt;
use std::time::Instant;

use anyhow::{Result, bail};
use interop::credentials::{PSK_ASCII, PSK_ID};
use interop::fixtures::Fixtures;
use interop::process::{Running, free_port};

use crate::firmware::machine::{Machine, Settings, Tag};
use crate::firmware::power::Cuts;
use crate::firmware::programs::{CORES, Core, FAULTY, Profile};
use crate::firmware::proxy::{Fate, Proxy};
use crate::firmware::run::{Bench, Run, ServerRun, TIMEOUT};
use crate::firmware::server;

/// Cortex-M4: faults do not depend on the core.
pub const CORE: Core = CORES[1];

/// What fails.
#[derive(Clone, Copy)]
enum Failure {
    /// Frames: percent lost, percent damaged, every how many-th late.
    Frames([u8; 3]),
    /// Each segment has one byte.
    Segments,
    /// The peer ends the connection after 0, 1, 2, … bytes.
    PeerEnds,
    /// The peer falls silent after some bytes.
    PeerSilent,
    /// The power is cut at moments of the handshake.
    Power,
}

/// A run.
pub struct FaultRun {
    failure: Failure,
    name: &'static str,
    profile: &'static Profile,
    server: &'static str,
    cuts: Cuts,
}

/// All of them.
pub fn runs() -> Vec<FaultRun> {
    let failures = [
        ("lost and damaged segments", Failure::Frames([5, 8, 0])),
        ("reordered segments", Failure::Frames([0, 0, 3])),
        ("one byte a segment", Failure::Segments),
        ("the peer ends at each byte", Failure::PeerEnds),
        ("the peer falls silent", Failure::PeerSilent),
        ("power cuts", Failure::Power),
    ];
    let servers = [
        "openssl s_server -accept 127.0.0.1:{port} -tls1_2 -nocert -rev -psk_identity device-7 -psk \
         30313233343536373839616263646566",
        "openssl s_server -accept 127.0.0.1:{port} -tls1_3 -nocert -rev -psk_identity device-7 -psk \
         30313233343536373839616263646566",
    ];
    // The handshakes take half a millisecond and five.
    let cuts = [1, 2].map(|step| Cuts { count: 60, step });
    let clients = FAULTY.iter().zip(servers).zip(cuts);
    let of_failure = |(name, failure)| {
        let run = move |((profile, server), cuts)| FaultRun { failure, name, profile, server, cuts };
        clients.clone().map(run)
    };
    failures.into_iter().flat_map(of_failure).collect()
}

/// The whole server, with a network that fails.
pub fn server_runs(fixtures: &Fixtures) -> Result<Vec<ServerRun>> {
    let frames = [
        ("lost and damaged segments", [5, 8, 0, 0], &["lost", "damaged"][..]),
        ("reordered segments", [0, 0, 3, 0], &["late"]),
        ("one byte a segment", [0, 0, 0, 1], &["short"]),
    ];
    let run = |(name, faults, injects): (_, [u8; 4], _)| -> Result<ServerRun> {
        Ok(ServerRun {
            name,
            profile: "server with faults",
            both_cores: false,
            settings: server::settings(fixtures.credentials()?, "P-256")?
                .with(Tag::Faults, &faults)
                .number(Tag::Deadline, 60_000),
            clients: server::certificate_clients(),
            has_figures: false,
            injects,
        })
    };
    frames.into_iter().map(run).collect()
}

impl Run for FaultRun {
    fn name(&self) -> (&'static str, &'static str) {
        (self.profile.name, self.name)
    }

    fn on_both_cores(&self) -> bool {
        false
    }

    fn run(&self, _: Core, bench: &Bench<'_>) -> Result<()> {
        until_injected(|seed| self.run_with(seed, bench))
    }
}

/// Bytes of the server's whole flight, and more.
const ENDS: u32 = 400;
const SILENCES: u32 = 12;
const SILENCE_STEP: usize = 30;

/// The fate of the first connections; those behind them are whole.
fn up_to(number: usize, count: u32, fate: Fate) -> Fate {
    if number < count as usize { fate } else { Fate::Whole }
}

impl FaultRun {
    fn run_with(&self, seed: [u8; 8], bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let port = free_port()?;
        let server = Running::start(&mut bench.fixtures.command(self.server, port)?)?;
        server.wait_ready(deadline, "ACCEPT")?;
        let (faults, count, fate): ([u8; 6], u32, fn(usize) -> Fate) = match self.failure {
            Failure::Frames([lost, damaged, late]) => ([lost, damaged, late, 0, 0, 0], 4, |_| Fate::Whole),
            Failure::Segments => ([0, 0, 0, 1, 0, 0], 2, |_| Fate::Whole),
            Failure::PeerEnds => ([0; 6], ENDS + 1, |number| up_to(number, ENDS, Fate::EndsAfter(number))),
            Failure::PeerSilent => ([0; 6], SILENCES + 1, |number| {
                up_to(number, SILENCES, Fate::SilentAfter(number * SILENCE_STEP))
            }),
            Failure::Power => (self.cuts.faults(), 1, |_| Fate::Whole),
        };
        let proxy = Proxy::start(port, fate)?;
        let settings = Settings::default()
            .with(Tag::Seed, &seed)
            .with(Tag::PskIdentity, PSK_ID.as_bytes())
            .with(Tag::Psk, PSK_ASCII.as_bytes())
            .with(Tag::Faults, &faults)
            .number(Tag::Connections, count)
            .peer(proxy.port());
        let settings = match self.failure {
            Failure::PeerSilent => settings.number(Tag::Deadline, 100),
            // QEMU's network sends again after 6 seconds what begins a connection.
            Failure::Frames(_) => settings.number(Tag::Deadline, 60_000),
            _ => settings,
        };
        let program = bench.programs.path(CORE, self.profile);
        let machine = match self.failure {
            Failure::Power => {
                let machine = Machine::start_again(&program, CORE, &settings, None)?;
                machine.wait_start(self.cuts.last_start(), "", deadline)?;
                machine.must_be_sound()?;
                machine
            }
            _ => {
                let mut machine = Machine::start(&program, CORE, &settings, None)?;
                machine.end(deadline)?;
                machine
            }
        };
        self.check(&machine, count, &server)
    }

    fn check(&self, machine: &Machine, count: u32, server: &Running) -> Result<()> {
        let text = machine.text();
        let injects: &[&str] = match self.failure {
            Failure::Power => return self.cuts.check(&text),
            Failure::Frames([.., 0]) => &["lost", "damaged"],
            Failure::Frames(_) => &["late"],
            Failure::Segments => &["short"],
            Failure::PeerEnds | Failure::PeerSilent => &[],
        };
        must_inject(machine, injects)?;
        let lines = |word: &str| text.lines().filter(|line| line.split(' ').next() == Some(word)).count();
        let (closed, failed, unanswered) = (lines("closed"), lines("failed"), lines("no"));
        let last = text.lines().rfind(|line| ["closed", "failed", "no answer"].contains(line));
        let is_well = match self.failure {
            Failure::Frames(_) | Failure::Segments => closed == count as usize,
            Failure::PeerEnds | Failure::PeerSilent => {
                closed + failed + unanswered == count as usize && failed > 0 && last == Some("closed")
            }
            Failure::Power => true,
        };
        if !is_well || last != Some("closed") {
            bail!(
                "{closed} closed, {failed} failed, {unanswered} without answer of {count}:\n{text}\n{}",
                server.text()
            );
        }
        Ok(())
    }
}

/// No frame was lost, damaged or late in a run that is about such frames.
#[derive(Debug)]
struct NotInjected(String);

impl Error for NotInjected {}

impl fmt::Display for NotInjected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Each of these faults must have happened: a run in which nothing fails shows nothing.
pub fn must_inject(machine: &Machine, injects: &[&str]) -> Result<()> {
    for name in injects {
        if machine.injected(name)? == 0 {
            bail!(NotInjected(format!("no {name} frames or segments:\n{}", machine.text())));
        }
    }
    Ok(())
}

/// How often a run is tried. Of 35 frames with a chance of 8 in 100 each, none is damaged in 1 of 18 runs.
const ATTEMPTS: u8 = 6;

/// Runs with another seed of the faults until they have happened.
pub fn until_injected(run: impl Fn([u8; 8]) -> Result<()>) -> Result<()> {
    let mut number = 1;
    loop {
        match run([number, 2, 3, 4, 5, 6, 7, 8]) {
            Err(error) if error.is::<NotInjected>() && number < ATTEMPTS => number += 1,
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_run_without_faults_is_tried_again_and_then_fails() {
        let calls = Cell::new(0);
        let run = |injected_in: u8, seed: [u8; 8]| {
            calls.set(calls.get() + 1);
            if seed[0] < injected_in { bail!(NotInjected("none".into())) } else { Ok(()) }
        };
        assert!(until_injected(|seed| run(3, seed)).is_ok() && calls.take() == 3);
        assert!(until_injected(|seed| run(u8::MAX, seed)).is_err() && calls.take() == ATTEMPTS);
        // Another failure is one at once.
        assert!(
            until_injected(|seed| {
                calls.set(seed[0]);
                bail!("hangs")
            })
            .is_err()
                && calls.take() == 1
        );
    }
}
