//! Cells of `check`: the rows of `interop/check/servers.tsv`. Their columns:
//!
//! - `name`
//! - `server`: its whole command line, with the placeholders of [`Fixtures::command`]; `{conf}` is
//!   `interop/peers/mosquitto.conf` with its placeholders replaced, `{conf13}` the same for TLS 1.3 only
//! - `ready`: what it prints once it listens
//! - `probe`: how a client finds out that it is connected, see `Probe`; `-` skips the tests of the
//!   minimal profile
//! - `check_args`: arguments of `handclasp check 127.0.0.1:PORT --json`; `--as {dir}/NAME.hello` reads a
//!   ClientHello of `interop/check/client_hellos.tsv`
//! - `facts`: what the JSON must contain, see `facts`
//! - `openssl_args`, `our_args`: more arguments for the command lines that it prints; `none` as `our_args`:
//!   it prints no command line of handclasp

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::probe::Probe;
use super::{facts, minimal_profile};
use crate::credentials::{PSK_HEX, PSK_ID};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::Running;
use crate::table::{Table, list, optional};
use crate::workspace::shown;
use crate::{process, table, workspace};

const TABLE: Table = table!("check/servers.tsv");
const CLIENT_HELLOS: Table = table!("check/client_hellos.tsv");
const COLUMNS: [&str; 8] =
    ["name", "server", "ready", "probe", "check_args", "facts", "openssl_args", "our_args"];

/// A Java machine takes a second to start, more where many start.
const TIMEOUT: Duration = Duration::from_secs(20);
/// About a hundred handshakes, most of them of one flight.
const CHECK_TIMEOUT: Duration = Duration::from_secs(60);
/// The number of connections that `check` promises not to exceed.
const CONNECTIONS: u64 = 110;

/// One row.
pub struct Cell {
    /// The name within its table.
    pub name: String,
    server: String,
    ready: String,
    probe: Option<Probe>,
    check_args: String,
    facts: Vec<String>,
    openssl_args: String,
    our_args: String,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    TABLE.read(COLUMNS, |[name, server, ready, probe, check, facts, openssl, ours]| {
        let cell = Cell::new([name, server, ready, probe, check, facts])?;
        Ok(Cell { openssl_args: optional(openssl), our_args: optional(ours), ..cell })
    })
}

/// Writes the ClientHellos of the table, a file for each.
pub fn write_client_hellos(directory: &Path) -> Result<()> {
    let files = CLIENT_HELLOS.read(["name", "record"], |[name, record]| {
        Ok((directory.join(format!("{name}.hello")), record.to_owned()))
    })?;
    for (file, record) in files {
        std::fs::write(&file, record).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// A running server, and what the clients of its cell need to know.
pub struct Target<'a> {
    /// What the cell runs with.
    pub fixtures: &'a Fixtures,
    /// Where the server listens.
    pub port: u16,
    /// How a client finds out that it is connected.
    pub probe: Probe,
    openssl_args: &'a str,
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("check::server::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        self.run_check(fixtures, |target, found| {
            let mut failures = Vec::new();
            if found["connections"].as_u64().is_none_or(|count| count > CONNECTIONS) {
                failures.push(format!("{} connections", found["connections"]));
            }
            if found["least"].is_object() {
                failures.extend(self.printed_lines_connect(target, found)?);
                // These tests send ClientHellos over TCP as they are.
                if !self.check_args.contains("--starttls") {
                    failures.extend(minimal_profile::failures(target, found)?);
                }
            }
            Ok(failures)
        })
    }
}

impl Cell {
    /// A cell without arguments for the printed command lines.
    pub fn new([name, server, ready, probe, check_args, facts]: [&str; 6]) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            server: server.to_owned(),
            ready: ready.to_owned(),
            probe: if probe == "-" { None } else { Some(Probe::from_word(probe)?) },
            check_args: optional(check_args),
            facts: list(facts, ';'),
            openssl_args: String::new(),
            our_args: String::new(),
        })
    }

    /// Runs the server and `check`, tests the facts, and passes the JSON to `judge` if the cell has a
    /// probe; `judge` returns further failures.
    pub fn run_check(
        &self,
        fixtures: &Fixtures,
        judge: impl FnOnce(&Target<'_>, &Value) -> Result<Vec<String>>,
    ) -> Result<Transcript> {
        // First what may have to be built: that does not count against the timeout.
        let program = fixtures.program()?.display();
        fixtures.write_client_hellos()?;
        let deadline = Instant::now() + TIMEOUT;
        let port = process::free_port()?;
        let mut server_command = fixtures.command(&self.with_configuration(fixtures, port)?, port)?;
        let server = Running::start(&mut server_command)?;
        server.wait_ready(deadline, &self.ready.replace("{port}", &port.to_string()))?;
        let line = format!("{program} check 127.0.0.1:{port} --json --quiet {}", self.check_args);
        let mut command = fixtures.command(&line, port)?;
        let mut ours = Running::start(&mut command)?;
        let code = ours.exit_code(Instant::now() + CHECK_TIMEOUT);
        let output = ours.out_text();
        let (line, err, server_line) = (shown(&command), ours.err_text(), shown(&server_command));
        let log = format!("  handclasp: {line}\n{output}{err}\n  server: {server_line}\n");
        if code != Some(0) {
            return Ok(Transcript { failures: vec![format!("handclasp: exit {code:?}")], log });
        }
        let found: Value = serde_json::from_str(&output).context("handclasp printed no JSON")?;
        let mut failures = facts::failures(&found, &self.facts)?;
        if let Some(probe) = self.probe {
            let target = Target { fixtures, port, probe, openssl_args: &self.openssl_args };
            failures.extend(judge(&target, &found)?);
        }
        Ok(Transcript { failures, log })
    }

    /// The command lines that `check` printed connect.
    fn printed_lines_connect(&self, target: &Target<'_>, found: &Value) -> Result<Vec<String>> {
        let mut failures = Vec::new();
        let openssl = target.openssl_line(found)?;
        if let Some(failure) = target.probe.must_connect(&mut target.command(&openssl)?)? {
            failures.push(format!("`{openssl}` does not connect: {failure}"));
        }
        let program = target.fixtures.program()?.display().to_string();
        let handclasp = found["least"]["handclasp"].as_str();
        if let Some(line) = handclasp.filter(|_| self.our_args != "none") {
            let line = format!("{} {}", fill_in(line), self.our_args).replacen("handclasp", &program, 1);
            if let Some(failure) = target.probe.must_connect(&mut target.command(&line)?)? {
                failures.push(format!("`{line}` does not connect: {failure}"));
            }
        }
        if handclasp.is_none() != (self.our_args == "none") {
            failures.push(format!("handclasp's command line: {handclasp:?}"));
        }
        Ok(failures)
    }

    /// The server's command line, with a configuration file if it has the placeholder of one.
    fn with_configuration(&self, fixtures: &Fixtures, port: u16) -> Result<String> {
        let (placeholder, more) = match self.server.contains("{conf13}") {
            true => ("{conf13}", "tls_version tlsv1.3\n"),
            false => ("{conf}", ""),
        };
        let credentials = fixtures.credentials()?;
        let text = workspace::read("interop/peers/mosquitto.conf")? + more;
        let path = credentials.path().join(format!("mosquitto-{port}.conf"));
        std::fs::write(&path, credentials.fill(&text, port)?)?;
        Ok(self.server.replace(placeholder, &path.display().to_string()))
    }
}

impl Target<'_> {
    /// The command of a line with placeholders.
    pub fn command(&self, line: &str) -> Result<Command> {
        self.fixtures.command(line, self.port)
    }

    /// The command line of OpenSSL that `check` printed, with the arguments of the cell.
    pub fn openssl_line(&self, found: &Value) -> Result<String> {
        let line = found["least"]["openssl"].as_str().context("no command line of OpenSSL")?;
        Ok(format!("{} {}", fill_in(line), self.openssl_args))
    }
}

/// A printed line with the key and the files that the user is to insert.
fn fill_in(line: &str) -> String {
    line.replace("KEY_IN_HEX", PSK_HEX)
        .replace("IDENTITY", PSK_ID)
        .replace("CLIENT.pem", "{dir}/client-P-256.pem")
        .replace("CLIENT.key", "{dir}/client-P-256.key")
}
