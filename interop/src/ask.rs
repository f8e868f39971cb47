//! `handclasp explain --ask` against real servers: a client refuses a server's certificate in TLS 1.3, the
//! connection is recorded without keys, and the server is asked for its chain afterwards. The rows of
//! `interop/ask/refusals.tsv`. Columns:
//!
//! - `name`
//! - `server`: its command line; `{conf}` is `interop/peers/nginx.conf` with its placeholders replaced, of
//!   which `{cert}` is the column `cert`
//! - `cert`: the name of its certificate in the directory of [`crate::credentials::Credentials`]
//! - `client`: its command line; its `{port}` is that of the recording relay
//! - `ask_args`: more arguments of `handclasp explain FILE --ask --json`
//! - `cause`: what must be the first finding; `-`: the client is content, and nothing may fail

use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::Running;
use crate::recorder::{self, Recorder};
use crate::table::{Table, optional};
use crate::workspace::shown;
use crate::{process, table, workspace};

const TABLE: Table = table!("ask/refusals.tsv");
const COLUMNS: [&str; 6] = ["name", "server", "cert", "client", "ask_args", "cause"];
const TIMEOUT: Duration = Duration::from_secs(20);

/// A row of `ask/*.tsv`.
pub struct Cell {
    name: String,
    server: String,
    cert: String,
    client: String,
    ask_args: String,
    cause: String,
}

/// Every cell, named `ask::…`.
pub fn tests() -> Result<Vec<Box<dyn Test>>> {
    let cells = TABLE.read(COLUMNS, |[name, server, cert, client, ask_args, cause]| {
        Ok(Cell {
            name: name.to_owned(),
            server: server.replace("{cert}", cert),
            cert: cert.to_owned(),
            client: client.to_owned(),
            ask_args: optional(ask_args),
            cause: optional(cause),
        })
    })?;
    Ok(cells.into_iter().map(|cell| Box::new(cell) as Box<dyn Test>).collect())
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("ask::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        // First what may have to be built: that does not count against the timeout.
        let program = fixtures.program()?.display();
        fixtures.command(&self.client, 0)?;
        let port = process::free_port()?;
        let mut server_command = fixtures.command(&self.with_configuration(fixtures, port)?, port)?;
        let deadline = Instant::now() + TIMEOUT;
        let mut server = Running::start(&mut server_command)?;
        wait_listening(port, deadline).with_context(|| server.text())?;
        let recorder = Recorder::start(port)?;
        let mut client_command = fixtures.command(&self.client, recorder.port)?;
        let mut client = Running::start(&mut client_command)?;
        client.close_input();
        if client.exit(deadline).is_none() {
            bail!("the client did not end: {}", client.text());
        }
        let file = fixtures.credentials()?.path().join(format!("ask-{port}.pcap"));
        recorder::write(&file, &recorder.capture()?)?;
        let line = format!("{program} explain {} --ask --json {}", file.display(), self.ask_args);
        let mut command = fixtures.command(&line, port)?;
        let mut ours = Running::start(&mut command)?;
        let code = ours.exit_code(deadline);
        server.kill();
        let log = format!(
            "  client: {}\n{}\n  server: {}\n{}\n  handclasp: {}\n{}\n",
            shown(&client_command),
            client.text(),
            shown(&server_command),
            server.text(),
            shown(&command),
            ours.text()
        );
        if code != Some(0) {
            return Ok(Transcript { failures: vec![format!("handclasp: exit {code:?}")], log });
        }
        let found: Value = serde_json::from_str(&ours.out_text()).context("handclasp printed no JSON")?;
        Ok(Transcript { failures: self.failures(&found, port), log })
    }
}

impl Cell {
    /// The server's command line, with a configuration file if it has the placeholder of one.
    fn with_configuration(&self, fixtures: &Fixtures, port: u16) -> Result<String> {
        let credentials = fixtures.credentials()?;
        let text = workspace::read("interop/peers/nginx.conf")?.replace("{cert}", &self.cert);
        let path = credentials.path().join(format!("nginx-{port}.conf"));
        std::fs::write(&path, credentials.fill(&text, port)?)?;
        Ok(self.server.replace("{conf}", &path.display().to_string()))
    }

    fn failures(&self, found: &Value, port: u16) -> Vec<String> {
        let mut failures = Vec::new();
        let first = &found["findings"][0];
        let fails = first["severity"] == "failure";
        if fails == self.cause.is_empty() || fails && first["cause"] != self.cause.as_str() {
            failures.push(format!("the first finding is {} ({})", first["cause"], first["severity"]));
        }
        let of_now =
            found["findings"].as_array().into_iter().flatten().filter(|found| found["as_of"] == "now");
        for finding in
            of_now.filter(|found| !["inferred", "possible"].map(Value::from).contains(&found["grade"]))
        {
            failures.push(format!("{} of now is {}", finding["cause"], finding["grade"]));
        }
        let version = &found["conversations"][0]["version"];
        if version != "TLS 1.3" || found["server_now"]["answer"] != "continues" {
            failures.push(format!(
                "the capture is of {version}, the answer of now {}",
                found["server_now"]["answer"]
            ));
        }
        let marked = format!("asked 127.0.0.1:{port} at ");
        let evidence = first["evidence"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let is_marked = |line: &str| line.starts_with(&marked) && line.contains("(now, not when");
        if fails && !evidence.into_iter().any(is_marked) {
            failures.push("no line of evidence says who was asked, and that it is now".to_owned());
        }
        failures
    }
}

/// Waits until a server accepts connections.
fn wait_listening(port: u16, deadline: Instant) -> Result<()> {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if Instant::now() >= deadline {
            bail!("no program listens on port {port}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
