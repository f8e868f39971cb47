//! Cells of `connect --starttls`: the rows of `interop/check/starttls.tsv`. Their columns:
//!
//! - `name`
//! - `server`: its command line, see [`Fixtures::command`]; `ready`: what it prints once it listens
//! - `connect_args`: arguments of `handclasp connect 127.0.0.1:PORT`
//! - `exit`: the expected exit code. With 0 a line that is sent must come back reversed
//! - `our_output`: phrases, divided by `;`, that handclasp must print on standard error

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::Running;
use crate::table::{Table, list, optional};
use crate::workspace::shown;
use crate::{process, table};

const TABLE: Table = table!("check/starttls.tsv");
const COLUMNS: [&str; 6] = ["name", "server", "ready", "connect_args", "exit", "our_output"];
const TIMEOUT: Duration = Duration::from_secs(30);
const LINE: &str = "a line that comes back";
const REVERSED: &str = "kcab semoc taht enil a";

/// One row.
pub struct Cell {
    name: String,
    server: String,
    ready: String,
    connect_args: String,
    exit: i32,
    our_output: Vec<String>,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    TABLE.read(COLUMNS, |[name, server, ready, connect_args, exit, our_output]| {
        Ok(Cell {
            name: name.to_owned(),
            server: server.to_owned(),
            ready: ready.to_owned(),
            connect_args: optional(connect_args),
            exit: exit.parse().context("exit")?,
            our_output: list(our_output, ';'),
        })
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("check::connect::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        let program = fixtures.program()?.display();
        let deadline = Instant::now() + TIMEOUT;
        let port = process::free_port()?;
        let server = Running::start(&mut fixtures.command(&self.server, port)?)?;
        server.wait_ready(deadline, &self.ready)?;
        let line = format!("{program} connect 127.0.0.1:{port} --half-close {}", self.connect_args);
        let mut command = fixtures.command(&line, port)?;
        let mut ours = Running::start(&mut command)?;
        ours.feed(format!("{LINE}\n").as_bytes());
        let mut failures = Vec::new();
        if self.exit == 0 && ours.wait(deadline, |output| output.contains(REVERSED)).is_err() {
            failures.push("the line did not come back".to_owned());
        }
        ours.close_input();
        let code = ours.exit_code(deadline);
        if code != Some(self.exit) {
            failures.push(format!("handclasp: exit {code:?} instead of {}", self.exit));
        }
        let words = ours.err_text().split_whitespace().collect::<Vec<_>>().join(" ");
        let lacking = self.our_output.iter().filter(|phrase| !words.contains(phrase.as_str()));
        failures.extend(lacking.map(|phrase| format!("the output lacks `{phrase}`")));
        let log =
            format!("  handclasp: {}\n{}\n  server:\n{}\n", shown(&command), ours.text(), server.text());
        Ok(Transcript { failures, log })
    }
}
