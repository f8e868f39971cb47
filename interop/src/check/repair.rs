//! Cells of ClientHellos that `explain` repairs and completes: a server answers the completed one with a
//! ServerHello, but not the one that is only repaired. The rows of `interop/check/repairs.tsv`. Columns:
//!
//! - `name`
//! - `file`: hexadecimal, the path from the root of the repository
//! - `server`: its command line; it prints `ACCEPT` once it listens
//! - `explain_args`: more arguments of `handclasp explain FILE --json`
//! - `repaired`: `served` or `refused`, what the server does with the ClientHello that is only repaired

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::minimal_profile::is_served;
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process::Running;
use crate::table::{Table, optional};
use crate::{process, table, workspace};

const TABLE: Table = table!("check/repairs.tsv");
const COLUMNS: [&str; 5] = ["name", "file", "server", "explain_args", "repaired"];
const TIMEOUT: Duration = Duration::from_secs(20);

/// One row.
pub struct Cell {
    name: String,
    file: String,
    server: String,
    explain_args: String,
    repaired_is_served: bool,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    TABLE.read(COLUMNS, |[name, file, server, explain_args, repaired]| {
        Ok(Cell {
            name: name.to_owned(),
            file: file.to_owned(),
            server: server.to_owned(),
            explain_args: optional(explain_args),
            repaired_is_served: match repaired {
                "served" => true,
                "refused" => false,
                other => bail!("`{other}` is neither served nor refused"),
            },
        })
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("check::repair::{}", self.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        let program = fixtures.program()?.display();
        let port = process::free_port()?;
        let mut command = fixtures.command(&self.server, port)?;
        let deadline = Instant::now() + TIMEOUT;
        let server = Running::start(&mut command)?;
        server.wait_ready(deadline, "ACCEPT")?;
        let file = workspace::root().join(&self.file);
        let line = format!("{program} explain {} --json {}", file.display(), self.explain_args);
        let mut ours = Running::start(&mut fixtures.command(&line, port)?)?;
        let _ = ours.exit(deadline);
        let output = ours.out_text();
        let found: Value = serde_json::from_str(&output).context("handclasp printed no JSON")?;
        let mut failures = Vec::new();
        for (field, expected) in [("repaired", self.repaired_is_served), ("completed", true)] {
            let Some(hello) = found[field].as_str() else {
                failures.push(format!("the JSON has no `{field}`"));
                continue;
            };
            if is_served(port, hello)? != expected {
                failures.push(format!("the {field} ClientHello is served: {}: {hello}", !expected));
            }
        }
        let log = format!("  handclasp: {line}\n{output}{}\n", ours.err_text());
        Ok(Transcript { failures, log })
    }
}
