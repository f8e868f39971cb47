//! Clients in large numbers against servers that run as processes.
//!
//! - `load soak`: what `handclasp serve` and `run` must survive, with every byte compared;
//! - `load bench`: `handclasp serve --forward` beside stunnel, HAProxy and nginx, with the processor time and
//!   memory of each.
//!
//! `cargo xtask soak` and `cargo xtask bench-serve` build the release programs and run these.

mod bench;
mod certificate;
mod client;
mod family;
mod server;
mod soak;
mod usage;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Clients in large numbers.
#[derive(Parser)]
#[command(name = "load")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What the servers of the program must survive
    Soak {
        /// The program `handclasp`
        #[arg(long, value_name = "FILE")]
        program: PathBuf,
        /// Small numbers: seconds instead of minutes
        #[arg(long)]
        quick: bool,
        /// Only the parts whose name contains this
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
    },
    /// `serve --forward` beside other programs that terminate TLS
    Bench {
        /// The program `handclasp`
        #[arg(long, value_name = "FILE")]
        program: PathBuf,
        /// Another build of the program, measured beside it
        #[arg(long, value_name = "FILE")]
        before: Option<PathBuf>,
        /// Rounds; each runs every server once
        #[arg(long, value_name = "N", default_value = "7")]
        rounds: usize,
        /// Seconds that a server is measured in a round
        #[arg(long, value_name = "SECONDS", default_value = "1.0")]
        seconds: f64,
        /// Only the rows whose name contains this
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
        /// Only these servers, separated by commas: handclasp, stunnel, haproxy, nginx
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        servers: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Soak { program, quick, only } => soak::run(&program, quick, &only),
        Command::Bench { program, before, rounds, seconds, only, servers } => {
            bench::run(&bench::Options { program, before, rounds, seconds, only, servers })
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}
