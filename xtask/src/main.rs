//! The house's own commands: `cargo xtask …` (alias in `.cargo/config.toml`).
//!
//! - `structure`: the laws of the house that cargo itself does not know;
//! - `matrix`: the built program against OpenSSL, over sockets, both directions;
//! - `check`: what `check` and `listen` of the built program say about real servers and clients;
//! - `bogo`: our shim under BoringSSL's protocol test runner;
//! - `score`: what the built program says about labelled captures, against the labels;
//! - `size`: the probe for microcontrollers, under QEMU;
//! - `test`: all of them and the unit tests, the fast ones first. `.ci/run` calls it.
//!
//! Called by: people and `.ci/run`. No other crate depends on this one.

mod bogo;
mod cargo_deny;
mod embedded;
mod peers;
mod score;
mod size;
mod step;
mod structure;
mod test;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use interop::{check, matrix, process};

use crate::step::Steps;

/// The house's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Crate arrows, lengths, lints, no `unsafe`, dependencies, the bare-metal build.
    Structure {
        /// Only the checks that read sources: seconds, without clippy and the bare-metal build.
        #[arg(long)]
        quick: bool,
    },
    /// Everything that can fail, the fast checks first.
    Test {
        /// Install the peers that are missing (apt-get) instead of naming them.
        #[arg(long)]
        install_peers: bool,
    },
    /// The program against OpenSSL, over sockets, both directions.
    Matrix {
        /// Only the cells whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Drive this program; otherwise target/release/handclasp is built and driven.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// What `check` and `listen` of the program say about real servers and clients, held against them.
    Check {
        /// Only the cells whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Drive this program; otherwise target/release/handclasp is built and driven.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// Our shim under BoringSSL's protocol test runner, against the results checked in.
    Bogo {
        /// The folder with `runner.test` and `COMMIT`; a copy of BoringSSL beside the project.
        #[arg(long, value_name = "DIR")]
        runner: PathBuf,
        /// Only tests that fit one of these patterns, parted by semicolons.
        #[arg(long)]
        only: Option<String>,
        /// Check the new results in.
        #[arg(long)]
        accept: bool,
    },
    /// What the program says about labelled captures of handshakes, against their labels.
    Score {
        /// The folder of labels and captures; otherwise those in vectors/handshakes.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Run this program; otherwise target/release/handclasp is built and run.
        #[arg(long)]
        program: Option<PathBuf>,
        /// Only the cases whose name contains this; no floor then.
        #[arg(long)]
        only: Option<String>,
    },
    /// Text, heap and stack of the probe for microcontrollers.
    Size {
        /// Also list what each client consists of, and so many of its largest functions.
        #[arg(long, value_name = "N")]
        symbols: Option<usize>,
    },
    /// Make the bare-metal targets available (`structure` and `size` do so themselves).
    Embedded {
        /// Take Debian's compiler even where rustup has the targets.
        #[arg(long)]
        without_rustup: bool,
    },
}

fn main() -> ExitCode {
    let mut steps = Steps::default();
    match Arguments::parse().command {
        Command::Structure { quick } => structure::run(&mut steps, quick),
        Command::Test { install_peers } => test::run(&mut steps, install_peers),
        Command::Matrix { only, program } => {
            steps.run("matrix", || matrix::run(only.as_deref(), program));
        }
        Command::Check { only, program } => {
            steps.run("check and listen", || check::run(only.as_deref(), program));
        }
        Command::Bogo { runner, only, accept } => {
            steps.run("bogo", || bogo::run(&bogo::Asked { runner: &runner, only: only.as_deref(), accept }));
        }
        Command::Score { dir, program, only } => {
            steps.run("handshakes explained", || score::run(dir.as_deref(), program, only.as_deref()));
        }
        Command::Size { symbols } => {
            steps.run("size", || size::run(symbols));
        }
        Command::Embedded { without_rustup } => {
            steps.run("bare-metal targets", || embedded::prepare(without_rustup));
        }
    }
    steps.finish()
}
