//! Runs in which network, peer or power fail: a program must neither panic nor hang, and the next handshake
//! must work.

use std::time::Instant;

use anyhow::{Result, bail};
use interop::credentials::{PSK_ASCII, PSK_ID};
use interop::fixtures::Fixtures;
use interop::process::{Running, free_port};

use crate::firmware::machine::{Machine, Settings, Tag};
use crate::firmware::programs::{CORES, Core, FAULTY, Profile};
use crate::firmware::proxy::{Fate, Proxy};
use crate::firmware::run::{Bench, Run, ServerRun, TIMEOUT};
use crate::firmware::server;

/// Cortex-M4: faults do not depend on the core.
const CORE: Core = CORES[1];

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
}

/// All of them.
pub fn runs() -> Vec<FaultRun> {
    let failures = [
        ("lost and damaged segments", Failure::Frames([5, 5, 0])),
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
    let clients = FAULTY.iter().zip(servers);
    let of_failure = |(name, failure)| {
        clients.clone().map(move |(profile, server)| FaultRun { failure, name, profile, server })
    };
    failures.into_iter().flat_map(of_failure).collect()
}

/// The whole server, with a network that fails.
pub fn server_runs(fixtures: &Fixtures) -> Result<Vec<ServerRun>> {
    let frames = [
        ("lost and damaged segments", [5, 5, 0, 0]),
        ("reordered segments", [0, 0, 3, 0]),
        ("one byte a segment", [0, 0, 0, 1]),
    ];
    let run = |(name, faults): (_, [u8; 4])| -> Result<ServerRun> {
        Ok(ServerRun {
            name,
            profile: "server with faults",
            both_cores: false,
            settings: server::settings(fixtures.credentials()?, "P-256")?
                .with(Tag::Faults, &faults)
                .number(Tag::Deadline, 60_000),
            clients: server::certificate_clients(),
            has_figures: false,
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
            Failure::Power => ([0, 0, 0, 0, CUTS, CUTS_PER_MILLISECOND], 1, |_| Fate::Whole),
        };
        let proxy = Proxy::start(port, fate)?;
        let settings = Settings::default()
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
                // The start behind the one whose power is not cut.
                machine.wait_line(&format!("boot number={}", CUTS + 1), deadline)?;
                machine.must_be_sound()?;
                machine
            }
            _ => {
                let mut machine = Machine::start(&program, CORE, &settings, None)?;
                machine.end(deadline)?;
                machine
            }
        };
        self.check(&machine.text(), count, &server)
    }
}

/// Bytes of the server's whole flight, and more.
const ENDS: u32 = 400;
const SILENCES: u32 = 12;
const SILENCE_STEP: usize = 30;
const CUTS: u8 = 60;
const CUTS_PER_MILLISECOND: u8 = 8;

/// The fate of the first connections; those behind them are whole.
fn up_to(number: usize, count: u32, fate: Fate) -> Fate {
    if number < count as usize { fate } else { Fate::Whole }
}

impl FaultRun {
    fn check(&self, text: &str, count: u32, server: &Running) -> Result<()> {
        let lines = |word: &str| text.lines().filter(|line| line.split(' ').next() == Some(word)).count();
        let (closed, failed, unanswered) = (lines("closed"), lines("failed"), lines("no"));
        let last = text.lines().rfind(|line| ["closed", "failed", "no answer"].contains(line));
        let is_well = match self.failure {
            Failure::Frames(_) | Failure::Segments => closed == count as usize,
            Failure::PeerEnds | Failure::PeerSilent => {
                closed + failed + unanswered == count as usize && failed > 0 && last == Some("closed")
            }
            Failure::Power => lines("boot") > usize::from(CUTS),
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
