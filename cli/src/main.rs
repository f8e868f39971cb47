//! The program `handclasp`: connect, serve, explain, check, listen, demo.
//!
//! Standard input and output are the stream; facts go to standard error. The exit code says
//! who failed (`exit.rs`).

mod args;
mod check;
mod connect;
mod demo;
mod exit;
mod explain;
mod facts;
mod keys;
mod listen;
mod memory_log;
mod rows;
mod secret;
mod serve;
mod tape;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let outcome = match args::Arguments::parse().command {
        args::Command::Connect(arguments) => connect::run(&arguments),
        args::Command::Serve(arguments) => serve::run(&arguments),
        args::Command::Explain(arguments) => explain::run(&arguments),
        args::Command::Check(arguments) => check::run(&arguments),
        args::Command::Listen(arguments) => listen::run(&arguments),
        args::Command::Demo => demo::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}
