//! Cells against other peers than OpenSSL: the rows of `gnutls.tsv`, `mbedtls.tsv`, `rustls.tsv` and
//! `other_peers.tsv`, each with the peer's whole command line; and the rows of `device.tsv`, in which our side
//! is the program of a board (`device/examples/host.rs`). Their columns:
//!
//! - `name`: unique together with `role` and the peer
//! - `role`: that of handclasp, `client` or `server`
//! - `our_args`: arguments of `handclasp connect 127.0.0.1:PORT --half-close` or
//!   `handclasp serve 127.0.0.1:0 --once --echo`; in `device.tsv` of `host connect` and `host serve`
//! - `peer`: its command line, with the placeholders of [`Fixtures::command`]; as a server it echoes lines
//! - `ready`: what a peer that is a server prints once it listens
//! - `expect`: `ok` (a line came back, handclasp exits with 0) or `exit N`
//! - `our_output`: phrases, divided by `;`, that handclasp's standard error must contain
//! - `peer_output`: phrases that the peer's output must contain

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::cell::Role;
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::{Running, contains};
use crate::table::{Table, list, optional};
use crate::workspace::shown;
use crate::{process, table};

const TABLES: [Table; 4] = [
    table!("matrix/gnutls.tsv"),
    table!("matrix/mbedtls.tsv"),
    table!("matrix/other_peers.tsv"),
    table!("matrix/rustls.tsv"),
];

/// The program of a board.
const DEVICE: Table = table!("matrix/device.tsv");

const COLUMNS: [&str; 8] =
    ["name", "role", "our_args", "peer", "ready", "expect", "our_output", "peer_output"];

/// A Java machine takes a second to start, more where many start.
const TIMEOUT: Duration = Duration::from_secs(20);
/// For a peer after handclasp has ended.
const SETTLE: Duration = Duration::from_secs(5);

/// The same from both ends: `openssl s_server -rev` sends it back reversed.
const LINE: &str = "a line that comes semoc taht enil a";

/// Our side of a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    /// The program under test.
    Handclasp,
    /// The programs of a board, on the host.
    Device,
}

impl Program {
    /// The command line, up to the arguments of the row.
    fn line(self, role: Role, port: u16) -> String {
        match (self, role) {
            (Self::Handclasp, Role::Client) => format!("{{handclasp}} connect 127.0.0.1:{port} --half-close"),
            (Self::Handclasp, Role::Server) => "{handclasp} serve 127.0.0.1:0 --once --echo".to_owned(),
            (Self::Device, Role::Client) => format!("{{device}} connect 127.0.0.1:{port}"),
            (Self::Device, Role::Server) => "{device} serve 127.0.0.1:0".to_owned(),
        }
    }
}

/// One row.
pub struct PeerCell {
    ours: Program,
    /// `PEER::ROLE NAME`.
    name: String,
    /// The role of handclasp.
    role: Role,
    our_args: String,
    peer: String,
    ready: String,
    /// handclasp's exit code; connected if it is 0.
    exit: i32,
    our_output: Vec<String>,
    peer_output: Vec<String>,
}

/// Both ends while they run, and their command lines.
struct Pair {
    ours: Running,
    peer: Running,
    our_line: String,
    peer_line: String,
}

/// Reads all tables.
pub fn all() -> Result<Vec<PeerCell>> {
    let mut cells = Vec::new();
    for table in &TABLES {
        cells.extend(table.read(COLUMNS, |columns| cell(Program::Handclasp, columns))?);
    }
    cells.extend(DEVICE.read(COLUMNS, |columns| cell(Program::Device, columns))?);
    Ok(cells)
}

fn cell(
    program: Program,
    [name, role, our_args, peer, ready, expect, ours, theirs]: [&str; 8],
) -> Result<PeerCell> {
    let peer_program = peer.split(' ').next().unwrap_or_default().trim_matches(['{', '}']);
    let library = peer_program.split('-').next().unwrap_or_default();
    let family = if program == Program::Device { "device::" } else { "" };
    Ok(PeerCell {
        ours: program,
        name: format!("{family}{library}::{role} {name}"),
        role: Role::from_word(role)?,
        our_args: optional(our_args),
        peer: peer.to_owned(),
        ready: ready.to_owned(),
        exit: match expect.strip_prefix("exit ") {
            Some(code) => code.parse()?,
            None if expect == "ok" => 0,
            None => bail!("`{expect}` is not an expectation"),
        },
        our_output: list(ours, ';'),
        peer_output: list(theirs, ';'),
    })
}

impl Test for PeerCell {
    fn name(&self) -> String {
        format!("matrix::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        // Builds what is not built yet, so that the build does not count against the timeout.
        fixtures.command(&self.ours.line(self.role, 0), 0)?;
        fixtures.command(&self.peer, 0)?;
        let deadline = Instant::now() + TIMEOUT;
        let mut pair = self.start(fixtures, deadline)?;
        let mut failures = Vec::new();
        let client = if self.role == Role::Client { &mut pair.ours } else { &mut pair.peer };
        client.feed(format!("{LINE}\n").as_bytes());
        if self.exit == 0 && client.wait(deadline, |output| contains(&output.out, LINE)).is_err() {
            failures.push("the line did not come back".to_owned());
        }
        client.close_input();
        let code = pair.ours.exit_code(deadline);
        let settled = Instant::now() + SETTLE;
        if self.role == Role::Server {
            let _ = pair.peer.exit(settled);
        } else {
            // Some peers serve for ever, and some print later than they act.
            let phrases = &self.peer_output;
            let _ = pair.peer.wait(settled, |output| phrases.iter().all(|phrase| output.contains(phrase)));
            pair.peer.kill();
        }
        if code != Some(self.exit) {
            failures.push(format!("handclasp: exit {code:?}; expected exit {}", self.exit));
        }
        let (ours, peer) = (pair.ours.err_text(), pair.peer.text());
        for (end, phrases, output) in
            [("handclasp", &self.our_output, &ours), ("the peer", &self.peer_output, &peer)]
        {
            let lacking = phrases.iter().filter(|phrase| !output.contains(phrase.as_str()));
            failures.extend(lacking.map(|phrase| format!("the output of {end} lacks `{phrase}`")));
        }
        let Pair { our_line, peer_line, .. } = pair;
        let log = format!("  handclasp: {our_line}\n{ours}\n  peer: {peer_line}\n{peer}\n");
        Ok(Transcript { failures, log })
    }
}

impl PeerCell {
    /// Starts the server, waits until it listens, and starts the client.
    fn start(&self, fixtures: &Fixtures, deadline: Instant) -> Result<Pair> {
        match self.role {
            Role::Client => {
                let port = process::free_port()?;
                let mut command = fixtures.command(&self.peer, port)?;
                let peer_line = shown(&command);
                let peer = Running::start(&mut command)?;
                peer.wait_ready(deadline, &self.ready.replace("{port}", &port.to_string()))?;
                let line = format!("{} {}", self.ours.line(self.role, port), self.our_args);
                let mut command = fixtures.command(&line, port)?;
                Ok(Pair { our_line: shown(&command), ours: Running::start(&mut command)?, peer, peer_line })
            }
            Role::Server => {
                let line = format!("{} {}", self.ours.line(self.role, 0), self.our_args);
                let mut command = fixtures.command(&line, 0)?;
                let our_line = shown(&command);
                let ours = Running::start(&mut command)?;
                let port = ours.listening_port("listening on 127.0.0.1:", deadline)?;
                let mut command = fixtures.command(&self.peer, port)?;
                Ok(Pair { peer_line: shown(&command), peer: Running::start(&mut command)?, ours, our_line })
            }
        }
    }
}
