//! Runs one cell: starts both ends, performs the action once they are connected, and records what they
//! printed and how they ended. Failures on the way are recorded; `expectations` judges the rest.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::cell::{Action, Cell, Role, add_arguments};
use super::{handclasp, openssl, payload, prior_connections};
use crate::fixtures::Fixtures;
use crate::process::{Output, Running, contains};
use crate::workspace::shown;

/// A handshake and a few lines take milliseconds; a busy machine takes longer.
const TIMEOUT: Duration = Duration::from_secs(25);
/// For 10 MB each way.
const BULK_TIMEOUT: Duration = Duration::from_secs(90);
/// For an end after the other has ended.
const SETTLE: Duration = Duration::from_secs(5);

/// The end of one process.
pub struct ProcessRecord {
    /// Its command line.
    pub command: String,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    /// Its exit code; `None` if it had to be killed.
    pub code: Option<i32>,
}

/// What happened in a cell.
pub struct Record {
    /// handclasp.
    pub ours: ProcessRecord,
    /// OpenSSL.
    pub openssl: ProcessRecord,
    /// Steps that did not happen.
    pub failures: Vec<String>,
}

/// Runs it.
pub fn run(cell: &Cell, fixtures: &Fixtures) -> Result<Record> {
    // Builds what is not built yet, so that the build does not count against the timeout.
    fixtures.program()?;
    let credentials = fixtures.credentials()?;
    let timeout = if cell.action == Action::Bulk { BULK_TIMEOUT } else { TIMEOUT };
    let deadline = Instant::now() + timeout;
    fs::create_dir_all(cell.directory(credentials))?;
    match cell.role {
        Role::Client => {
            let mut server = openssl::server(cell, credentials);
            add_arguments(&mut server, &cell.openssl_args, credentials);
            let openssl = Running::start(&mut server)?;
            let port = openssl.listening_port("ACCEPT 127.0.0.1:", deadline)?;
            prior_connections::from_handclasp(cell, fixtures, port, &openssl, deadline)?;
            let mut client = handclasp::connect(cell, fixtures, port)?;
            add_arguments(&mut client, &cell.our_args, credentials);
            let ours = Running::start(&mut client)?;
            Connection { cell, fixtures, deadline, ours, openssl, failures: Vec::new() }.run(&client, &server)
        }
        Role::Server => {
            let mut server = handclasp::serve(cell, fixtures)?;
            add_arguments(&mut server, &cell.our_args, credentials);
            let ours = Running::start(&mut server)?;
            let port = ours.listening_port("listening on 127.0.0.1:", deadline)?;
            prior_connections::from_openssl(cell, fixtures, port, deadline)?;
            let mut client = openssl::client(cell, credentials, port);
            add_arguments(&mut client, &cell.openssl_args, credentials);
            let openssl = Running::start(&mut client)?;
            let mut connection = Connection { cell, fixtures, deadline, ours, openssl, failures: Vec::new() };
            if cell.action == Action::Many {
                connection.serve_two_more(port)?;
            }
            connection.run(&server, &client)
        }
    }
}

/// Both ends while they run.
struct Connection<'a> {
    cell: &'a Cell,
    fixtures: &'a Fixtures,
    deadline: Instant,
    ours: Running,
    openssl: Running,
    failures: Vec<String>,
}

impl Connection<'_> {
    /// Performs the action and waits for both ends.
    fn run(mut self, our_command: &Command, openssl_command: &Command) -> Result<Record> {
        if self.cell.expect.connected {
            self.act();
        }
        let failed = !self.failures.is_empty();
        if self.cell.action.has_several_clients() && self.cell.role == Role::Server {
            // Such a server never ends by itself; its client must first see an orderly end.
            self.openssl.exit_code(self.deadline);
            self.ours.kill();
        }
        // handclasp first: its output is complete then.
        let deadline = if failed { Instant::now() + SETTLE } else { self.deadline };
        let our_code = self.ours.exit_code(deadline);
        let openssl_code = self.openssl.exit_code(Instant::now() + SETTLE);
        if self.cell.action == Action::KeyLog && !failed {
            self.compare_key_logs()?;
        }
        if self.cell.action == Action::Pin && !failed {
            self.compare_pins()?;
        }
        let record = |running: &Running, command: &Command, code| ProcessRecord {
            command: shown(command),
            out: running.out_text(),
            err: running.err_text(),
            code,
        };
        Ok(Record {
            ours: record(&self.ours, our_command, our_code),
            openssl: record(&self.openssl, openssl_command, openssl_code),
            failures: self.failures,
        })
    }

    /// The action of the cell. Returns at the first step that does not happen.
    fn act(&mut self) -> Option<()> {
        if self.cell.action == Action::PeerCloses {
            self.ours.feed(b"GET / HTTP/1.0\r\n\r\n");
            // Our input stays open: the peer's close_notify must end our client.
            return self.wait_for_ours("OpenSSL's page", |output| contains(&output.out, "</BODY></HTML>"));
        }
        // Before it prints this, OpenSSL's server takes its input as a reason to read the handshake.
        let earlier = if self.cell.role == Role::Client { self.cell.action.prior_connections() } else { 0 };
        self.wait_for_openssl("a connection", |output| {
            let text = String::from_utf8_lossy(&output.out);
            let count = text.matches("CIPHER is ").count() + text.matches("Cipher is ").count();
            count > earlier && !text.contains("is (NONE)")
        })?;
        match self.cell.action {
            Action::Bulk => self.bulk()?,
            Action::Reply => {
                self.wait_for_openssl("our reply", |output| contains(&output.out, payload::REPLY))?;
            }
            Action::Update => {
                self.update_keys()?;
                self.hello()?;
                self.wait_for_openssl("our KeyUpdate", |output| key_updates(output, "<<<") >= 1)?;
            }
            Action::Renegotiate => {
                self.hello()?;
                self.openssl.feed(if self.cell.role == Role::Server { b"R\n" } else { b"r\n" });
                return Some(());
            }
            _ => self.hello()?,
        }
        match (self.cell.action, self.cell.role) {
            (Action::Truncate, _) => self.openssl.kill(),
            (_, Role::Server) => self.openssl.close_input(),
            (_, Role::Client) => self.ours.close_input(),
        }
        Some(())
    }

    /// A line from OpenSSL and one from handclasp: as a client its own, as a server the echo.
    fn hello(&mut self) -> Option<()> {
        self.openssl.feed(payload::FROM_OPENSSL.as_bytes());
        if self.cell.role == Role::Server {
            return self.wait_for_openssl("the echo", |output| contains(&output.out, payload::FROM_OPENSSL));
        }
        // OpenSSL's line first: a KeyUpdate that it requested precedes our next data, so the request
        // must have arrived by then.
        self.wait_for_ours("OpenSSL's line", |output| contains(&output.out, payload::FROM_OPENSSL))?;
        self.ours.feed(payload::FROM_HANDCLASP.as_bytes());
        self.wait_for_openssl("our line", |output| contains(&output.out, payload::FROM_HANDCLASP))
    }

    /// Two more clients, served while the first one is still connected.
    fn serve_two_more(&mut self, port: u16) -> Result<()> {
        self.wait_for_openssl("a connection", |output| contains(&output.out, "Cipher is "));
        let credentials = self.fixtures.credentials()?;
        let start = || Running::start(&mut openssl::client(self.cell, credentials, port));
        let mut others = [start()?, start()?];
        for other in others.iter_mut().rev() {
            other.feed(payload::FROM_HANDCLASP.as_bytes());
            let echo = other.wait(self.deadline, |output| contains(&output.out, payload::FROM_HANDCLASP));
            if let Err(error) = echo {
                self.failures.push(format!("another client did not receive its echo: {error:?}"));
            }
        }
        Ok(())
    }

    /// OpenSSL updates its keys and requests ours (`K`), then updates its keys alone (`k`).
    fn update_keys(&mut self) -> Option<()> {
        // OpenSSL takes one read of its input for one command.
        for (sent, command) in ["K\n", "k\n"].into_iter().enumerate() {
            self.openssl.feed(command.as_bytes());
            self.wait_for_openssl("its own KeyUpdate", |output| key_updates(output, ">>>") > sent)?;
        }
        Some(())
    }

    /// 10 MB each way at the same time.
    fn bulk(&mut self) -> Option<()> {
        self.openssl.feed(payload::large());
        if self.cell.role == Role::Client {
            self.ours.feed(payload::large());
            self.wait_for_ours("10 MB", |output| payload::is_complete(&output.out))?;
        }
        self.wait_for_openssl("10 MB", |output| payload::is_complete(&output.out))?;
        let sent = payload::hash(payload::large());
        let mut compare = |end: &str, running: &Running| {
            let received = payload::hash(&payload::digits(&running.output().out));
            if received != sent {
                self.failures.push(format!("SHA-256 of what {end} received: {received}; sent: {sent}"));
            }
        };
        compare("OpenSSL", &self.openssl);
        if self.cell.role == Role::Client {
            compare("handclasp", &self.ours);
        }
        Some(())
    }

    fn wait_for_ours(&mut self, what: &str, condition: impl Fn(&Output) -> bool) -> Option<()> {
        let error = self.ours.wait(self.deadline, condition).err();
        self.note(error.map(|error| format!("handclasp did not show {what}: {error:?}")))
    }

    fn wait_for_openssl(&mut self, what: &str, condition: impl Fn(&Output) -> bool) -> Option<()> {
        let error = self.openssl.wait(self.deadline, condition).err();
        self.note(error.map(|error| format!("OpenSSL did not show {what}: {error:?}")))
    }

    /// Records a failure; `None` if there was one.
    fn note(&mut self, failure: Option<String>) -> Option<()> {
        let failed = failure.is_some();
        self.failures.extend(failure);
        (!failed).then_some(())
    }

    /// Both key logs hold the same secrets (RFC 9850): the keys, and in TLS 1.3 the exporter's.
    fn compare_key_logs(&mut self) -> Result<()> {
        let credentials = self.fixtures.credentials()?;
        let read = |name: &str| -> Result<Vec<String>> {
            let text = fs::read_to_string(self.cell.file(credentials, name))?;
            let mut lines: Vec<String> =
                text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
            lines.sort();
            Ok(lines)
        };
        let (ours, openssl) = (read("ours.keys")?, read("openssl.keys")?);
        if ours != openssl || ours.is_empty() {
            self.failures.push(format!("key logs differ\n    ours: {ours:#?}\n    OpenSSL's: {openssl:#?}"));
        }
        Ok(())
    }

    /// The pin that our server printed is that of the certificate that OpenSSL received.
    fn compare_pins(&mut self) -> Result<()> {
        let output = self.openssl.out_text();
        let Some(certificate) = openssl::certificate(&output) else {
            self.failures.push("OpenSSL shows no certificate".to_owned());
            return Ok(());
        };
        let credentials = self.fixtures.credentials()?;
        let file = self.cell.file(credentials, "received.pem");
        fs::write(&file, certificate)?;
        let pin = credentials.pin(&file.display().to_string())?;
        if !self.ours.err_text().contains(&pin) {
            self.failures.push(format!("our server did not print {pin}"));
        }
        Ok(())
    }
}

/// KeyUpdate messages in the output of `-msg`, in one direction (`<<<` received, `>>>` sent).
fn key_updates(output: &Output, direction: &str) -> usize {
    let text = String::from_utf8_lossy(&output.out);
    text.lines().filter(|line| line.contains(direction) && line.ends_with(", KeyUpdate")).count()
}

impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (end, process) in [("handclasp", &self.ours), ("OpenSSL", &self.openssl)] {
            let code = process.code.map_or("killed".to_owned(), |code| format!("exit {code}"));
            writeln!(f, "  {end}: {} [{code}]", process.command)?;
            for (stream, text) in [("out", &process.out), ("err", &process.err)] {
                // The first lines of 10 MB are enough.
                for line in text.lines().take(120) {
                    let line: String = line.chars().take(200).collect();
                    writeln!(f, "    {stream}| {line}")?;
                }
            }
        }
        Ok(())
    }
}
