//! The commands `soak` and `bench-serve`: the program `load` against the release build of `handclasp`. The step `soak`:
//! against the program of the suites.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use interop::workspace::{PROGRAM_OF_SUITES, build_program};

use crate::step::Outcome;

/// `load` with optimization.
const RELEASE: &[&str] = &["--release", "--package", "load"];
/// `load` as the unit tests build it: their dependencies are there.
const UNIT_TESTS: [&str; 5] = ["--workspace", "--exclude", "interop", "--bin", "load"];

/// What `soak` is asked for.
pub struct Soak<'s> {
    pub quick: bool,
    pub only: Option<&'s str>,
    pub program: Option<&'s Path>,
}

/// What `bench-serve` is asked for.
pub struct Bench<'b> {
    pub rounds: usize,
    pub only: Option<&'b str>,
    pub servers: Option<&'b str>,
    pub program: Option<&'b Path>,
}

/// Runs the parts of `load soak`, with their figures on standard output.
pub fn soak(soak: &Soak<'_>) -> ExitCode {
    exit_code(soak_command(soak))
}

/// The quick form as a step of `test`.
pub fn step() -> Result<Outcome> {
    let program = build_program(PROGRAM_OF_SUITES)?;
    let mut command = command("soak", Some(&program), build_program(&UNIT_TESTS)?)?;
    command.arg("--quick");
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{text}\n{err}");
    }
    let parts = text.lines().filter(|line| !line.starts_with(' ')).count();
    Ok(Outcome { passed: parts, failed: 0, note: format!("{parts} parts"), details: String::new() })
}

/// Runs `load bench`, with its table on standard output.
pub fn bench(bench: &Bench<'_>) -> ExitCode {
    let prepared = build_program(RELEASE).and_then(|load| {
        let mut command = command("bench", bench.program, load)?;
        command.args(["--rounds", &bench.rounds.to_string()]);
        command.args(bench.only.iter().flat_map(|only| ["--only", only]));
        command.args(bench.servers.iter().flat_map(|servers| ["--servers", servers]));
        Ok(command)
    });
    exit_code(prepared)
}

fn soak_command(soak: &Soak<'_>) -> Result<Command> {
    let mut command = command("soak", soak.program, build_program(RELEASE)?)?;
    command.args(soak.quick.then_some("--quick"));
    command.args(soak.only.iter().flat_map(|only| ["--only", only]));
    Ok(command)
}

/// `load` with the program under test.
fn command(name: &str, program: Option<&Path>, load: PathBuf) -> Result<Command> {
    let mut command = Command::new(load);
    command.arg(name).arg("--program");
    match program {
        Some(path) => command.arg(path.canonicalize().with_context(|| path.display().to_string())?),
        None => command.arg(build_program(&["--release", "--package", "handclasp-cli"])?),
    };
    Ok(command)
}

fn exit_code(command: Result<Command>) -> ExitCode {
    match command.and_then(|mut command| Ok(command.status()?)) {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
