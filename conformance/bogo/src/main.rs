//! The shim for BoGo, BoringSSL's protocol test runner: one process per test, which connects to
//! the runner, plays one side of TLS as its flags say, and tells by its exit how it went. The
//! contract is `ssl/test/PORTING.md` of BoringSSL.
//!
//! | file | what |
//! |---|---|
//! | `options` | what the flags ask of each connection |
//! | `flags` | the flags themselves, one row each; one that is not here is not implemented |
//! | `not_done` | why a flag is not honoured |
//! | `setup` | from options to a configuration and our credentials |
//! | `imported` | pre-shared keys by RFC 9258 |
//! | `answers` | what the handshake needs, answered as the options say |
//! | `memory` | what stays from one connection to the next |
//! | `link` | the connection and its socket |
//! | `exchange` | what the runner expects of both after the handshake |
//! | `checks` | what the flags expect of the handshake's outcome |
//! | `end` | how it ended |
//!
//! A fault is printed as it is; `config.json` maps BoringSSL's words for errors to ours.
#![forbid(unsafe_code)]

mod answers;
mod checks;
mod end;
mod exchange;
mod flags;
mod imported;
mod link;
mod memory;
mod not_done;
mod options;
mod setup;

use std::{io::Write as _, process::ExitCode};

use crate::{end::End, memory::Memory, options::Phases};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The runner's first question: whether handshakes can be split between two processes.
    if arguments.iter().any(|argument| argument == "-is-handshaker-supported") {
        println!("No");
        return ExitCode::SUCCESS;
    }
    let outcome = run(&arguments);
    note(&outcome);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            eprintln!("{end}");
            end.exit_code()
        }
    }
}

/// Where `cargo xtask bogo` wants to know why a test was not played, since the runner does not say
/// it: one line for each process.
const NOTES: &str = "HANDCLASP_BOGO_NOTES";

fn note(outcome: &Result<(), End>) {
    let Some(file) = std::env::var_os(NOTES) else { return };
    let line = outcome.as_ref().err().map(|end| end.to_string().replace('\n', " ")).unwrap_or_default();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    // A line that is missing shows when they are counted.
    let _ = opened.and_then(|mut file| writeln!(file, "{line}"));
}

/// All connections of one test.
fn run(arguments: &[String]) -> Result<(), End> {
    let phases = Phases::parse(arguments)?;
    let mut memory = Memory::default();
    let mut elapsed = 0;
    for (index, options) in phases.connections().enumerate() {
        exchange::run(options, &mut memory, exchange::Place { is_resume: index > 0, elapsed })?;
        elapsed += options.resumption_delay;
    }
    Ok(())
}
