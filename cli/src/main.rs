//! The program `handclasp`: connect, serve, explain, check, listen, lint, id, peers, browse, demo.
//!
//! Standard input and output are the stream; facts go to standard error. The exit code says
//! who failed (`exit.rs`).

mod accept;
mod advertise;
mod args;
mod browse;
mod ca;
mod check;
mod client;
mod connect;
mod daemon;
mod demo;
mod exit;
mod explain;
mod facts;
mod files;
mod id;
mod keys;
mod known_peers;
mod lint;
mod listen;
mod log;
mod memory_log;
mod observe;
mod output;
mod own;
#[cfg(test)]
mod package_files;
mod passphrase;
mod peers;
mod progress;
mod psk;
mod revocation;
mod rows;
mod run;
mod runtime;
mod say;
mod secret;
mod serve;
mod starttls;
mod store;
mod systemd;
mod tape;
mod terminal;
mod tofu;
mod tunnel;

use std::io::Write as _;

fn main() {
    exit::end(run())
}

/// The exit code.
fn run() -> u8 {
    let arguments = match args::usage::parse(args::joined(std::env::args_os())) {
        Ok(arguments) => arguments,
        // Also --help and --version, which must not be lost on a full disk.
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print().and_then(|()| std::io::stdout().flush()) {
                Err(failed) if !error.use_stderr() && failed.kind() != std::io::ErrorKind::BrokenPipe => {
                    exit::Failure::Output(format!("standard output: {failed}")).tell()
                }
                _ => code,
            };
        }
    };
    let outcome = match arguments.command {
        args::Command::Connect(arguments) => connect::run(&arguments),
        args::Command::Serve(arguments) => serve::run(*arguments),
        args::Command::Tunnel(arguments) => tunnel::run(*arguments),
        args::Command::Run(arguments) => run::run(arguments),
        args::Command::Explain(arguments) => explain::run(&arguments),
        args::Command::Check(arguments) => check::run(&arguments),
        args::Command::Listen(arguments) => listen::run(&arguments),
        args::Command::Lint(arguments) => lint::run(&arguments),
        args::Command::Id(arguments) => id::run(&arguments),
        args::Command::Peers(arguments) => peers::run(&arguments),
        args::Command::Ca(arguments) => ca::run(&arguments),
        args::Command::Browse(arguments) => browse::run(&arguments),
        args::Command::Store(arguments) => store::run(&arguments),
        args::Command::Demo => demo::run(),
    };
    match outcome {
        Ok(()) => 0,
        Err(failure) => failure.tell(),
    }
}
