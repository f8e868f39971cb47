//! `check` and `listen` of the built program against real servers and clients: what they say must be
//! so. The least profile that `check` prints is taken at its word: its command lines connect, and
//! with one step less they do not; its configuration of Mbed TLS compiles, and a client built with it
//! connects. A hello that `explain` repairs and completes is answered. What is run stands in
//! `interop/check/*.tsv`, one row per cell.

mod client;
mod facts;
mod less;
mod mbed;
mod probe;
mod repair;
mod server;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};

use crate::matrix::{self, credentials::Credentials};
use crate::outcome::Outcome;

/// Cells run at a time: as many as the smallest CI machine has cores.
const THREADS: usize = 2;

/// What every cell shares.
pub struct Bench {
    /// The program to drive.
    pub program: PathBuf,
    /// Certificates, keys and OpenSSL's configuration.
    pub credentials: Credentials,
    /// The source of Mbed TLS.
    pub mbed: mbed::Source,
}

/// One cell of any kind.
enum Job {
    /// `check` against a server.
    Server(server::Cell),
    /// `listen`, and a client.
    Client(client::Cell),
    /// `check`, and a client of Mbed TLS.
    Mbed(mbed::Cell),
    /// `explain`, and a server.
    Repair(repair::Cell),
}

impl Job {
    fn name(&self) -> &str {
        match self {
            Self::Server(cell) => &cell.name,
            Self::Client(cell) => &cell.name,
            Self::Mbed(cell) => cell.name(),
            Self::Repair(cell) => &cell.name,
        }
    }

    /// Plays it: what is wrong, and what was said.
    fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        match self {
            Self::Server(cell) => cell.play(bench),
            Self::Client(cell) => cell.play(bench),
            Self::Mbed(cell) => cell.play(bench),
            Self::Repair(cell) => cell.play(bench),
        }
    }

    /// Nothing, or all there is to say about its failure.
    fn story(&self, bench: &Bench) -> Option<String> {
        let (complaints, told) = match self.play(bench) {
            Ok(played) => played,
            Err(error) => (vec![format!("{error:#}")], String::new()),
        };
        if complaints.is_empty() {
            return None;
        }
        let complaints: String = complaints.iter().map(|one| format!("  - {one}\n")).collect();
        Some(format!("CELL {}\n{complaints}{told}", self.name()))
    }
}

/// Runs the cells whose name contains `only`.
pub fn run(only: Option<&str>, program: Option<PathBuf>) -> Result<Outcome> {
    let servers = server::all()?.into_iter().map(Job::Server);
    let mut jobs: Vec<Job> = servers.chain(client::all()?.into_iter().map(Job::Client)).collect();
    jobs.extend(mbed::all()?.into_iter().map(Job::Mbed));
    jobs.extend(repair::all()?.into_iter().map(Job::Repair));
    let known = jobs.len();
    jobs.retain(|job| only.is_none_or(|only| job.name().contains(only)));
    if jobs.is_empty() {
        bail!("none of the {known} cells is named so");
    }
    let program = match program {
        Some(program) => program.canonicalize()?,
        None => matrix::build()?,
    };
    let credentials = Credentials::make()?;
    let mbed = mbed::Source::prepare(&credentials)?;
    let bench = Bench { program, credentials, mbed };
    server::hellos(bench.credentials.path())?;
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(story) = job.story(&bench) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(story);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let note = format!("{} cells, {} failed", jobs.len(), failed.len());
    Ok(Outcome { passed: jobs.len() - failed.len(), failed: failed.len(), note, details: failed.join("\n") })
}

/// The rows of a table: its first row names the columns, `#` begins a comment line, tabs divide.
fn rows<'t>(table: &'t str, columns: &str) -> Result<Vec<Vec<&'t str>>> {
    let rows = table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut rows = rows.map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>());
    if rows.next().unwrap_or_default().join(" ") != columns {
        bail!("the columns are `{columns}`");
    }
    Ok(rows.collect())
}

/// Parts of a cell divided by semicolons; `-` is nothing.
fn list(value: &str) -> Vec<String> {
    let parts = value.split(';').map(str::trim).filter(|part| !part.is_empty() && *part != "-");
    parts.map(str::to_owned).collect()
}
