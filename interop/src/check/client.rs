//! Cells of `listen`: the rows of `interop/check/clients.tsv`:
//!
//! - `name`
//! - `listen`: arguments of `handclasp listen 127.0.0.1:0 --once`
//! - `client`: its command line; or `hex BYTES`, or `text TEXT`, which is sent as it is
//! - `words`: phrases, divided by `;`, that our words must contain; line ends count as spaces

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::probe::Probe;
use super::server::Stage;
use super::{Bench, list, rows};
use crate::matrix::play::port;
use crate::process::Running;
use crate::workspace;

const TABLE: &str = include_str!("../../check/clients.tsv");
const COLUMNS: &str = "name listen client words";
const PATIENCE: Duration = Duration::from_secs(20);

/// One row.
pub struct Cell {
    /// `listen` and the row's.
    pub name: String,
    listen: String,
    client: String,
    words: Vec<String>,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    rows(TABLE, COLUMNS)?.iter().map(|row| cell(row).with_context(|| format!("{row:?}"))).collect()
}

fn cell(row: &[&str]) -> Result<Cell> {
    let [name, listen, client, words] = *row else { bail!("{} columns", row.len()) };
    Ok(Cell {
        name: format!("listen {name}"),
        listen: if listen == "-" { String::new() } else { listen.to_owned() },
        client: client.to_owned(),
        words: list(words),
    })
}

impl Cell {
    /// Plays it: what is wrong, and what was said.
    pub fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        let deadline = Instant::now() + PATIENCE;
        let stage = |port| Stage { bench, port, probe: Probe::Echo, openssl: String::new() };
        let program = bench.program.display();
        let mut ours = stage(0).command(&format!("{program} listen 127.0.0.1:0 --once {}", self.listen))?;
        let mut us = Running::start(&mut ours)?;
        let port = port(&us, "listening on 127.0.0.1:", deadline)?;
        if let Some(hex) = self.client.strip_prefix("hex ") {
            let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let pairs = digits.chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?));
            send(port, &pairs.collect::<Result<Vec<u8>>>()?)?;
        } else if let Some(text) = self.client.strip_prefix("text ") {
            send(port, format!("{text}\r\n\r\n").as_bytes())?;
        } else {
            let mut peer = Running::start(&mut stage(port).command(&self.client)?)?;
            peer.close_input();
            let _ = peer.exit(deadline);
        }
        let code = us.exit(deadline).and_then(|status| status.code());
        let said = us.out_text();
        // Where a line is broken is no matter.
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let lacking = self.words.iter().filter(|phrase| !words.contains(phrase.as_str()));
        let mut complaints: Vec<String> =
            lacking.map(|phrase| format!("our words lack `{phrase}`")).collect();
        if code != Some(0) {
            complaints.push(format!("our program: exit {code:?}"));
        }
        Ok((complaints, format!("  ours: {}\n{said}{}\n", workspace::shown(&ours), us.err_text())))
    }
}

/// Sends bytes, and waits for what comes.
fn send(port: u16, bytes: &[u8]) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(bytes)?;
    // An alert, or an end: both are told by the other side.
    let _ = stream.read(&mut [0; 512]);
    Ok(())
}
