//! Cells of `check`: the rows of `interop/check/servers.tsv`:
//!
//! - `name`
//! - `server`: its whole command line; words `NAME=value` in front are variables of the environment,
//!   `{conf}` is a copy of `interop/peers/mosquitto.conf` with its places filled, `{conf13}` the same for
//!   TLS 1.3 alone
//! - `ready`: what it says once it listens
//! - `probe`: how a client that is connected sees that it is, see `probe`
//! - `check`: arguments of `handclasp check 127.0.0.1:PORT --json`; `--as {dir}/NAME.hello` takes a
//!   ClientHello of `interop/check/hellos.tsv`, and then nobody connects
//! - `facts`: what its answer must say, see `facts`
//! - `openssl`, `ours`: more arguments for the command lines that it prints
//!
//! `{port}`, `{dir}` and `{peers}` are filled as in the matrix.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::probe::Probe;
use super::{Bench, facts, less, list, rows};
use crate::matrix::credentials::{PSK_HEX, PSK_ID};
use crate::process::{Running, contains};
use crate::workspace;

const TABLE: &str = include_str!("../../check/servers.tsv");
const HELLOS: &str = include_str!("../../check/hellos.tsv");
const COLUMNS: &str = "name server ready probe check facts openssl ours";

/// A Java machine takes a second to start, more where many start.
const PATIENCE: Duration = Duration::from_secs(20);
/// About a hundred handshakes, most of them of one flight.
const LONG_PATIENCE: Duration = Duration::from_secs(60);
/// What `check` promises.
const CONNECTIONS: u64 = 110;

/// One row.
pub struct Cell {
    /// `check` and the row's.
    pub name: String,
    server: String,
    ready: String,
    probe: Option<Probe>,
    check: String,
    facts: Vec<String>,
    openssl: String,
    ours: String,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    rows(TABLE, COLUMNS)?.iter().map(|row| cell(row).with_context(|| format!("{row:?}"))).collect()
}

fn cell(row: &[&str]) -> Result<Cell> {
    let [name, server, ready, probe, check, facts, openssl, ours] = *row else {
        bail!("{} columns", row.len())
    };
    let nothing = |value: &str| if value == "-" { String::new() } else { value.to_owned() };
    Ok(Cell {
        name: format!("check {name}"),
        server: server.to_owned(),
        ready: ready.to_owned(),
        probe: if probe == "-" { None } else { Some(Probe::from_word(probe)?) },
        check: nothing(check),
        facts: list(facts),
        openssl: nothing(openssl),
        ours: nothing(ours),
    })
}

/// Writes the ClientHellos of the table, a file for each.
pub fn hellos(directory: &Path) -> Result<()> {
    for line in HELLOS.lines().filter(|line| !line.starts_with('#')) {
        let (name, hex) = line.split_once('\t').with_context(|| line.to_owned())?;
        std::fs::write(directory.join(format!("{name}.hello")), hex)?;
    }
    Ok(())
}

/// A server that runs, and what its cell says.
pub struct Stage<'b> {
    pub bench: &'b Bench,
    pub port: u16,
    pub probe: Probe,
    /// More arguments for OpenSSL.
    pub openssl: String,
}

impl Cell {
    /// A cell whose answers are judged by its owner.
    pub fn new(name: &str, [server, ready, probe, check, facts]: [&str; 5]) -> Result<Self> {
        let mut cell = cell(&["", server, ready, probe, check, facts, "-", "-"])?;
        name.clone_into(&mut cell.name);
        Ok(cell)
    }

    /// Plays it: what is wrong, and what was said.
    pub fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        self.checked(bench, |stage, found| {
            let mut complaints = Vec::new();
            if found["connections"].as_u64().is_none_or(|count| count > CONNECTIONS) {
                complaints.push(format!("{} connections", found["connections"]));
            }
            if found["least"].is_object() {
                complaints.extend(self.connects(stage, found)?);
                complaints.extend(less::complaints(stage, found)?);
            }
            Ok(complaints)
        })
    }

    /// Runs the server and `check`, and hands what it found to `judge` where the cell has a probe:
    /// what is wrong, and what was said.
    pub fn checked(
        &self,
        bench: &Bench,
        judge: impl FnOnce(&Stage<'_>, &Value) -> Result<Vec<String>>,
    ) -> Result<(Vec<String>, String)> {
        let deadline = Instant::now() + PATIENCE;
        // Free a moment ago; who else would take it?
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let probe = self.probe.unwrap_or(Probe::Echo);
        let stage = Stage { bench, port, probe, openssl: self.openssl.clone() };
        let line = self.configured(bench, port)?;
        let mut theirs = stage.command(&line)?;
        let peer = Running::start(&mut theirs)?;
        let ready = self.ready.replace("{port}", &port.to_string());
        let listens = peer.wait(deadline, |told| contains(&told.out, &ready) || contains(&told.err, &ready));
        if listens.is_err() {
            bail!("the peer never said `{ready}`:\n{}{}", peer.out_text(), peer.err_text());
        }
        let program = bench.program.display();
        let mut ours =
            stage.command(&format!("{program} check 127.0.0.1:{port} --json --quiet {}", self.check))?;
        let mut us = Running::start(&mut ours)?;
        let code = us.exit(Instant::now() + LONG_PATIENCE).and_then(|status| status.code());
        let said = us.out_text();
        let told = format!(
            "  ours: {}\n{said}{}\n  peer: {}\n",
            workspace::shown(&ours),
            us.err_text(),
            workspace::shown(&theirs)
        );
        if code != Some(0) {
            return Ok((vec![format!("our program: exit {code:?}")], told));
        }
        let found: Value = serde_json::from_str(&said).context("our program printed no JSON")?;
        let mut complaints = facts::complaints(&found, &self.facts)?;
        if self.probe.is_some() {
            complaints.extend(judge(&stage, &found)?);
        }
        Ok((complaints, told))
    }

    /// The printed command lines connect.
    fn connects(&self, stage: &Stage<'_>, found: &Value) -> Result<Vec<String>> {
        let mut complaints = Vec::new();
        let openssl = stage.openssl(found)?;
        if let Some(complaint) = stage.probe.answers(&mut stage.command(&openssl)?)? {
            complaints.push(format!("`{openssl}` does not connect: {complaint}"));
        }
        let program = stage.bench.program.display().to_string();
        let handclasp = found["least"]["handclasp"].as_str();
        if let Some(line) = handclasp.filter(|_| self.ours != "none") {
            let line = format!("{} {}", placed(line), self.ours).replacen("handclasp", &program, 1);
            if let Some(complaint) = stage.probe.answers(&mut stage.command(&line)?)? {
                complaints.push(format!("`{line}` does not connect: {complaint}"));
            }
        }
        if handclasp.is_none() != (self.ours == "none") {
            complaints.push(format!("handclasp's command line: {handclasp:?}"));
        }
        Ok(complaints)
    }

    /// The server's line with a configuration of its own, where it wants one.
    fn configured(&self, bench: &Bench, port: u16) -> Result<String> {
        let (place, more) = match self.server.contains("{conf13}") {
            true => ("{conf13}", "tls_version tlsv1.3\n"),
            false => ("{conf}", ""),
        };
        let text = workspace::read("interop/peers/mosquitto.conf")? + more;
        let path = bench.credentials.path().join(format!("mosquitto-{port}.conf"));
        std::fs::write(&path, bench.credentials.filled(&text, port)?)?;
        Ok(self.server.replace(place, &path.display().to_string()))
    }
}

impl Stage<'_> {
    /// A command of a table.
    pub fn command(&self, line: &str) -> Result<Command> {
        let files = &self.bench.credentials;
        let mut words = line.split(' ').filter(|word| !word.is_empty()).peekable();
        let mut variables = Vec::new();
        let is_variable = |word: &&str| {
            word.split_once('=')
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        };
        while let Some(word) = words.next_if(is_variable) {
            variables.push(files.filled(word, self.port)?);
        }
        let mut command = Command::new(words.next().context("no program")?);
        files.clean(&mut command);
        command.envs(variables.iter().filter_map(|variable| variable.split_once('=')));
        for word in words {
            command.arg(files.filled(word, self.port)?);
        }
        Ok(command)
    }

    /// The command line of OpenSSL that is printed, with what only the cell knows.
    pub fn openssl(&self, found: &Value) -> Result<String> {
        let line = found["least"]["openssl"].as_str().context("no command line of OpenSSL")?;
        Ok(format!("{} {}", placed(line), self.openssl))
    }
}

/// With keys and files where the line says what is to be put.
fn placed(line: &str) -> String {
    line.replace("KEY_IN_HEX", PSK_HEX)
        .replace("IDENTITY", PSK_ID)
        .replace("CLIENT.pem", "{dir}/client-P-256.pem")
        .replace("CLIENT.key", "{dir}/client-P-256.key")
}
