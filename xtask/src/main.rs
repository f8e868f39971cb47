//! Build chores: `cargo xtask …` (an alias in `.cargo/config.toml`).
//!
//! - `structure`: rules about the sources and the crates that cargo does not check;
//! - `matrix`, `check`, `score`: the tests of the crate `interop`, with one line as the result;
//! - `capi`: header, library, installation and firmware of the C interface;
//! - `bogo`: our shim under BoringSSL's protocol test runner;
//! - `firmware`: the programs for microcontrollers, under QEMU;
//! - `soak`: servers of the program under load; `bench-serve`: `serve --forward` beside other programs;
//! - `package`: the Debian package, tried in a new system;
//! - `test`: all of them except `bogo`, `bench-serve` and `package`, and the unit tests, the fast ones first. `.ci/run`
//!   calls it.

mod bogo;
mod budgets;
mod capi;
mod cargo_deny;
mod cargo_test;
mod embedded;
mod firmware;
mod load;
mod package;
mod peers;
mod step;
mod structure;
mod test;
mod test_programs;

mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cargo_test::Suite;
use crate::step::Steps;

/// Build chores of handclasp.
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
    /// The program against OpenSSL, GnuTLS, Java, Mbed TLS and rustls, over sockets, both directions.
    Matrix {
        /// Only the cells whose name contains this (`cargo test -p interop -- --list` names them).
        #[arg(long)]
        only: Option<String>,
        /// The program under test; otherwise target/suites/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// The program's `check` and `listen` against real servers and clients.
    Check {
        /// Only the cells whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// The program under test; otherwise target/suites/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// Our shim under BoringSSL's protocol test runner, compared with the recorded results.
    Bogo {
        /// The folder with `runner.test` and `COMMIT`; a copy of BoringSSL beside the project.
        #[arg(long, value_name = "DIR")]
        runner: PathBuf,
        /// Only tests that match one of these patterns, separated by semicolons.
        #[arg(long)]
        only: Option<String>,
        /// Record the new results.
        #[arg(long)]
        accept: bool,
    },
    /// The program's findings about labelled captures of handshakes, compared with the labels.
    Score {
        /// The folder of labels and captures; otherwise each one in vectors/handshakes.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// The program under test; otherwise target/suites/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
        /// Only the cases whose name contains this; the figures then have no minimum.
        #[arg(long)]
        only: Option<String>,
    },
    /// Tests the state machines in programs that leave capabilities out.
    Profiles,
    /// The programs for microcontrollers under QEMU: runs against real peers, code size, heap, stack.
    Firmware {
        /// Only the profiles whose name contains this; no figures of the others, and no complaint about them.
        #[arg(long)]
        only: Option<String>,
        /// Also list the parts of each program and its N largest functions.
        #[arg(long, value_name = "N")]
        symbols: Option<usize>,
    },
    /// Servers of the program under load: many clients, slow and hostile ones, signals, floods.
    Soak {
        /// Small numbers: seconds instead of minutes, as in `test`.
        #[arg(long)]
        quick: bool,
        /// Only the parts whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// The program under test; otherwise target/release/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// `serve --forward` beside stunnel, HAProxy and nginx: processor time, rates, memory, as ratios.
    BenchServe {
        /// Rounds; each runs every server once.
        #[arg(long, default_value = "7")]
        rounds: usize,
        /// Only the rows whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Only these servers, separated by commas.
        #[arg(long)]
        servers: Option<String>,
        /// The program that is measured; otherwise target/release/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
    },
    /// The C interface of the crate `capi`.
    Capi {
        /// Write the header from the sources.
        #[arg(long)]
        header: bool,
        /// Build the library for this machine, and install it with header, CMake and pkg-config files.
        #[arg(long, value_name = "PREFIX")]
        install: Option<PathBuf>,
        /// Build the library for a device, and write it to this file.
        #[arg(long, value_name = "FILE")]
        device: Option<PathBuf>,
        /// With --device: the target of Rust.
        #[arg(long, default_value = "thumbv7em-none-eabihf")]
        target: String,
        /// With --device: features of the crate, see docs/c.md.
        #[arg(long, default_value = "arena,psk,ecdhe")]
        features: String,
        /// Build the firmware in C, and run it under QEMU.
        #[arg(long)]
        firmware: bool,
        /// Install the library that is built quickly and runs slowly, for tests.
        #[arg(long)]
        debug: bool,
    },
    /// The Debian package: manual pages, completions, unit file; lintian; installed and purged in a new system.
    Package {
        /// The program; otherwise target/release/handclasp, which is built first.
        #[arg(long)]
        program: Option<PathBuf>,
        /// Write only the manual pages and completions, into this folder.
        #[arg(long, value_name = "DIR")]
        files: Option<PathBuf>,
        /// Do not try the package in a new system, which needs the rights of root and a mirror of Debian.
        #[arg(long)]
        without_chroot: bool,
    },
    /// Install the bare-metal targets (`structure` and `firmware` do so themselves).
    Embedded {
        /// Use Debian's compiler even if rustup has the targets.
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
            let suite = Suite { name: "matrix", only: only.as_deref(), program, captures: None };
            steps.run("matrix", || cargo_test::interop(&suite));
        }
        Command::Check { only, program } => {
            let suite = Suite { name: "check", only: only.as_deref(), program, captures: None };
            steps.run("check and listen", || cargo_test::interop(&suite));
        }
        Command::Bogo { runner, only, accept } => {
            steps
                .run("bogo", || bogo::run(&bogo::Options { runner: &runner, only: only.as_deref(), accept }));
        }
        Command::Score { dir, program, only } => {
            let suite = Suite { name: "score", only: only.as_deref(), program, captures: dir.as_deref() };
            steps.run("handshakes explained", || cargo_test::interop(&suite));
        }
        Command::Profiles => {
            steps.run("capabilities", cargo_test::profiles);
        }
        Command::Firmware { only, symbols } => firmware::run(&mut steps, only.as_deref(), symbols),
        Command::Soak { quick, only, program } => {
            return load::soak(&load::Soak { quick, only: only.as_deref(), program: program.as_deref() });
        }
        Command::BenchServe { rounds, only, servers, program } => {
            return load::bench(&load::Bench {
                rounds,
                only: only.as_deref(),
                servers: servers.as_deref(),
                program: program.as_deref(),
            });
        }
        Command::Capi { header, install, device, target, features, firmware, debug } => {
            if header {
                steps.run("C header", capi::write_header);
            }
            if let Some(prefix) = install {
                steps.run("C library", || capi::install(&prefix, !debug));
            }
            if let Some(output) = device {
                steps.run("C library", || capi::device(&output, &target, &features));
            }
            if firmware {
                steps.run("C firmware", capi::firmware);
            }
        }
        Command::Package { program, files, without_chroot } => {
            package::run(&mut steps, &package::Options { program, files, without_chroot });
        }
        Command::Embedded { without_rustup } => {
            steps.run("bare-metal targets", || embedded::prepare(without_rustup));
        }
    }
    steps.finish()
}
