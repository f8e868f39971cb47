//! `cargo xtask score`: the built program explains labelled captures of handshakes, and what it
//! says is held against the labels: `vectors/handshakes/*` or any other folder. A capture is
//! copied to a neutral name first, so that only what the user would give is given.

mod case;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail};

use crate::step::Outcome;
use crate::workspace;
use case::Case;
use tally::Tally;

/// Cases run at a time: as many as the smallest CI machine has cores.
const THREADS: usize = 2;

/// Where the project keeps its captures.
const OURS: &str = "vectors/handshakes";

/// Scores one folder, or all of ours.
pub fn run(folder: Option<&Path>, program: Option<PathBuf>, only: Option<&str>) -> Result<Outcome> {
    let folders = match folder {
        Some(folder) => vec![folder.to_path_buf()],
        None => ours()?,
    };
    let program = match program {
        Some(program) => program.canonicalize()?,
        None => interop::workspace::build_program(&["--release", "--package", "handclasp-cli"])?,
    };
    let mut outcome = Outcome { passed: 0, failed: 0, note: String::new(), details: String::new() };
    for folder in folders {
        let mut cases = case::all(&folder)?;
        cases.retain(|case| only.is_none_or(|only| case.name.contains(only)));
        let tally = score(&program, &cases);
        let short_of = if only.is_some() { Vec::new() } else { tally.short_of_the_floor() };
        outcome.failed += short_of.len();
        outcome.passed += usize::from(short_of.is_empty());
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        outcome.note = [outcome.note, format!("{name}: {tally}")].join("  ").trim().to_owned();
        let floor = short_of.into_iter().map(|short| format!("below the floor: {short}"));
        let lines: Vec<String> = tally.told().into_iter().chain(floor).collect();
        if !lines.is_empty() {
            outcome.details += &format!("{name}:\n{}\n", lines.join("\n"));
        }
    }
    Ok(outcome)
}

/// The folders of the project that hold captures.
fn ours() -> Result<Vec<PathBuf>> {
    let root = workspace::root().join(OURS);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(&root).with_context(|| root.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        bail!("{OURS} has no folder of captures");
    }
    Ok(folders)
}

fn score(program: &Path, cases: &[Case]) -> Tally {
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let said = case.explained_by(program);
                    tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(case, said);
                }
            });
        }
    });
    tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}
