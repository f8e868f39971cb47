//! The matrix: the built program against `openssl s_server` and `s_client`, over sockets, in
//! both directions; and against GnuTLS, Java, Mbed TLS and rustls where OpenSSL lacks something. What
//! is run stands in `interop/matrix/*.tsv`, one row per cell.

mod built;
mod cell;
pub mod credentials;
mod earlier;
mod judge;
pub mod openssl;
mod ours;
mod payload;
mod peer;
pub mod play;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, bail};

use crate::outcome::Outcome;
use crate::workspace;
use cell::Cell;

/// Cells run at a time: as many as the smallest CI machine has cores.
const THREADS: usize = 2;

/// What every cell shares.
pub struct Bench {
    /// The program to drive.
    pub program: PathBuf,
    /// Certificates, keys and OpenSSL's configuration.
    pub credentials: credentials::Credentials,
    /// Peers that are no programs by themselves.
    pub built: built::Built,
}

/// Runs the cells whose name contains `only`.
pub fn run(only: Option<&str>, program: Option<PathBuf>) -> Result<Outcome> {
    let (mut cells, mut pairings) = (cell::all()?, peer::all()?);
    let known = cells.len() + pairings.len();
    cells.retain(|cell| only.is_none_or(|only| cell.name.contains(only)));
    pairings.retain(|pairing| only.is_none_or(|only| pairing.name.contains(only)));
    let jobs: Vec<Job<'_>> = cells.iter().map(Job::OpenSsl).chain(pairings.iter().map(Job::Other)).collect();
    if jobs.is_empty() {
        bail!("none of the {known} cells is named so");
    }
    let program = match program {
        Some(program) => program.canonicalize()?,
        None => build()?,
    };
    let credentials = credentials::Credentials::make()?;
    let built = built::Built::make(credentials.path())?;
    let bench = Bench { program, credentials, built };

    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(story) = job.story(&bench) {
                        let mut failed = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        failed.push(story);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let note = format!("{} cells, {} failed", jobs.len(), failed.len());
    Ok(Outcome { passed: jobs.len() - failed.len(), failed: failed.len(), note, details: failed.join("\n") })
}

/// One cell of either kind.
enum Job<'c> {
    OpenSsl(&'c Cell),
    Other(&'c peer::Pairing),
}

impl Job<'_> {
    fn story(&self, bench: &Bench) -> Option<String> {
        match self {
            Self::OpenSsl(cell) => story(bench, cell),
            Self::Other(pairing) => pairing.story(bench),
        }
    }
}

/// Plays a cell; nothing, or all there is to say about its failure.
fn story(bench: &Bench, cell: &Cell) -> Option<String> {
    let (complaints, scene) = match play::play(bench, cell) {
        Ok(scene) => (judge::judge(cell, &scene), Some(scene)),
        Err(error) => (vec![format!("{error:#}")], None),
    };
    if complaints.is_empty() {
        return None;
    }
    let mut story = format!("CELL {}\n", cell.name);
    for complaint in complaints {
        story += &format!("  - {complaint}\n");
    }
    if let Some(scene) = scene {
        story += &scene.to_string();
    }
    Some(story)
}

/// Builds the program as it is shipped.
pub fn build() -> Result<PathBuf> {
    workspace::program(&["--release", "--package", "handclasp-cli"])
}
