//! `handclasp explain` on labelled captures of handshakes: its findings are compared with the labels. Each
//! case of each set in `vectors/handshakes` is one test, which fails if the first finding is wrong, unless
//! `interop/score/known_misses.tsv` lists the case. One more test a set, `figures`, compares the sums with
//! `interop/score/floors.tsv`.
//!
//! A false alarm, a grade above what the inputs allow, two findings of one conversation that each claim to be
//! the only cause, and a missing answer fail in every case. The program
//! receives a copy of the capture under a neutral name and nothing else that names the cause.

mod case;
mod figures;
mod floors;
mod judgement;
mod known_misses;
mod set;
mod sole_cause;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use crate::harness::{self, Test};
use crate::workspace;
use set::{CaseTest, FiguresTest, Set};

/// The environment variable that names one folder of captures and labels. Unset: those of `FOLDER`.
pub const CAPTURES: &str = "INTEROP_CAPTURES";

/// The folder of the repository's sets of captures.
const FOLDER: &str = "vectors/handshakes";

/// The `main` of the test program: runs the selected tests, then prints the figures of each set.
pub fn main() -> ExitCode {
    let run = || {
        let sets = sets()?;
        let conclusion = harness::run(tests(&sets))?;
        for set in &sets {
            print!("{}", set.summary());
        }
        Ok(conclusion.exit_code())
    };
    run().unwrap_or_else(|error: anyhow::Error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

/// Every case, named `score::SET::CASE`, and the figures of every set, `score::SET::figures`.
fn tests(sets: &[Arc<Set>]) -> Vec<Box<dyn Test>> {
    let mut tests: Vec<Box<dyn Test>> = Vec::new();
    for set in sets {
        for index in 0..set.len() {
            tests.push(Box::new(CaseTest { set: Arc::clone(set), index }));
        }
        // Last: most cases are judged by then, and it judges the others.
        tests.push(Box::new(FiguresTest { set: Arc::clone(set) }));
    }
    tests
}

/// The set of the folder that the environment names, or those of the repository.
fn sets() -> Result<Vec<Arc<Set>>> {
    let ours = workspace::root().join(FOLDER);
    let folders = match env::var_os(CAPTURES) {
        // Tests run in `interop/`; a relative path is one from the root.
        Some(folder) => vec![workspace::root().join(folder)],
        None => folders_in(&ours)?,
    };
    folders.iter().map(|folder| Ok(Arc::new(Set::read(folder, folder.parent() == Some(&ours))?))).collect()
}

fn folders_in(folder: &PathBuf) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        bail!("{} has no folder of captures", folder.display());
    }
    Ok(folders)
}
