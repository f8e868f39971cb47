//! Cells of hellos that `explain` repairs and completes: a server answers the completed one with a
//! ServerHello, and not the one that is only repaired. The rows of `interop/check/repairs.tsv`:
//!
//! - `name`
//! - `file`: hexadecimal, from the root of the workspace
//! - `server`: its command line, and what it says once it listens is `ACCEPT`
//! - `explain`: more arguments of `handclasp explain FILE --json`
//! - `repaired`: `served` or `refused`: what becomes of the hello that is repaired alone

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::less::served;
use super::probe::Probe;
use super::server::Stage;
use super::{Bench, rows};
use crate::process::{Running, contains};
use crate::workspace;

const TABLE: &str = include_str!("../../check/repairs.tsv");
const COLUMNS: &str = "name file server explain repaired";
const PATIENCE: Duration = Duration::from_secs(20);

/// One row.
pub struct Cell {
    /// `explain` and the row's.
    pub name: String,
    file: String,
    server: String,
    explain: String,
    repaired: bool,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    rows(TABLE, COLUMNS)?.iter().map(|row| cell(row).with_context(|| format!("{row:?}"))).collect()
}

fn cell(row: &[&str]) -> Result<Cell> {
    let [name, file, server, explain, repaired] = *row else { bail!("{} columns", row.len()) };
    Ok(Cell {
        name: format!("explain {name}"),
        file: file.to_owned(),
        server: server.to_owned(),
        explain: if explain == "-" { String::new() } else { explain.to_owned() },
        repaired: match repaired {
            "served" => true,
            "refused" => false,
            other => bail!("`{other}` is neither served nor refused"),
        },
    })
}

impl Cell {
    /// Plays it: what is wrong, and what was said.
    pub fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        let deadline = Instant::now() + PATIENCE;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let stage = Stage { bench, port, probe: Probe::Echo, openssl: String::new() };
        let peer = Running::start(&mut stage.command(&self.server)?)?;
        if peer.wait(deadline, |told| contains(&told.out, "ACCEPT")).is_err() {
            bail!("the peer never listened:\n{}{}", peer.out_text(), peer.err_text());
        }
        let file = workspace::root().join(&self.file);
        let program = bench.program.display();
        let line = format!("{program} explain {} --json {}", file.display(), self.explain);
        let mut us = Running::start(&mut stage.command(&line)?)?;
        let _ = us.exit(deadline);
        let said = us.out_text();
        let found: Value = serde_json::from_str(&said).context("our program printed no JSON")?;
        let mut complaints = Vec::new();
        for (what, expected) in [("repaired", self.repaired), ("completed", true)] {
            let Some(hello) = found[what].as_str() else {
                complaints.push(format!("nothing {what}"));
                continue;
            };
            if served(port, hello)? != expected {
                complaints.push(format!("the {what} hello is served: {}: {hello}", !expected));
            }
        }
        Ok((complaints, format!("  ours: {line}\n{said}{}\n", us.err_text())))
    }
}
