//! The shim for BoGo, BoringSSL's protocol test runner. The runner starts one process per test, which
//! connects back, plays one side of TLS according to its flags, and reports the outcome by its exit
//! code. The interface is described in BoringSSL's `ssl/test/PORTING.md`.
//!
//! | file | contents |
//! |---|---|
//! | `options` | what the flags ask of each connection |
//! | `flags` | one row per flag; a flag that is missing there is not implemented |
//! | `not_done` | why a flag is not supported |
//! | `setup` | configuration and credentials from options |
//! | `imported` | imported pre-shared keys (RFC 9258) |
//! | `answers` | answers to what the handshake needs, according to the options |
//! | `memory` | state kept from one connection to the next |
//! | `link` | the connection and its socket |
//! | `exchange` | the exchange of data after the handshake |
//! | `checks` | expectations about the outcome of the handshake |
//! | `end` | how a test ended |
//!
//! A fault is printed in its `Debug` form; `config.json` maps BoringSSL's error names to those forms.
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
    // The runner asks first whether handshakes can be split between two processes.
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

/// Names the file in which `cargo xtask bogo` expects the reason for each test that was not run, one
/// line per process; the runner does not report reasons.
const NOTES: &str = "HANDCLASP_BOGO_NOTES";

fn note(outcome: &Result<(), End>) {
    let Some(file) = std::env::var_os(NOTES) else { return };
    let line = outcome.as_ref().err().map(|end| end.to_string().replace('\n', " ")).unwrap_or_default();
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    // A missing line shows when they are counted.
    let _ = opened.and_then(|mut file| writeln!(file, "{line}"));
}

/// Runs all connections of one test.
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
