//! The test programs of a selection of packages, several at a time: many of them wait for peers, for timeouts and for
//! the network most of the time, and cargo runs one after the other.

use std::io::Cursor;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};
use cargo_metadata::Message;

use crate::workspace;

/// Programs at a time. Each runs as many tests at a time as the machine has processors.
const AT_A_TIME: usize = 2;

/// What one test program, or the documentation's tests, printed.
pub struct Ran {
    /// The path of the program below the root, or `documentation`.
    pub name: String,
    /// Its result and output.
    pub output: Output,
}

/// Builds the tests of a selection (arguments of `cargo test`) and runs them, those of the documentation too. What they
/// printed is in the order in which cargo builds them.
///
/// # Errors
/// They do not build, with what the compiler says; or one does not start.
pub fn run(selection: &[&str]) -> Result<Vec<Ran>> {
    let mut documentation = workspace::cargo();
    documentation.args(["test", "--no-fail-fast", "--doc"]).args(selection);
    let mut commands = build(selection)?;
    commands.insert(0, ("documentation".to_owned(), documentation));

    let places: Vec<_> = commands.iter().map(|_| Mutex::new(None)).collect();
    let queue = Mutex::new(commands.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((place, (name, mut command))) = next() {
                    let ran = command.output().map(|output| Ran { name, output });
                    *places[place].lock().unwrap_or_else(PoisonError::into_inner) = Some(ran);
                }
            });
        }
    });
    let ran =
        places.into_iter().filter_map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(ran.collect::<std::io::Result<_>>()?)
}

/// Builds the test programs: each with its name, to be run in the folder of its package as cargo would.
fn build(selection: &[&str]) -> Result<Vec<(String, Command)>> {
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--no-run", "--message-format=json-render-diagnostics"]).args(selection);
    let built = workspace::output(&mut cargo)?;
    let mut programs = Vec::new();
    for message in Message::parse_stream(Cursor::new(built)) {
        let Message::CompilerArtifact(artifact) = message? else { continue };
        let Some(program) = artifact.executable.filter(|_| artifact.profile.test) else { continue };
        let package = artifact.manifest_path.parent().map(PathBuf::from).unwrap_or_default();
        let source = artifact.target.src_path;
        let name = source.strip_prefix(workspace::root()).unwrap_or(&source).to_string();
        let mut command = Command::new(program);
        command.current_dir(package);
        programs.push((name, command));
    }
    if programs.is_empty() {
        bail!("{} built no test program", workspace::shown(&cargo));
    }
    Ok(programs)
}
