//! `cargo xtask firmware`: the programs for microcontrollers. Builds those of `firmware/` (a workspace of its
//! own) for both targets, runs them under QEMU against OpenSSL, Mbed TLS and mosquitto, and prints a table of
//! what they take. It fails if a program does not build, if a run does not go as expected, if a program takes
//! more than its budget, or if it links code that it does not need.

mod budget;
mod elf;
mod figures;
mod machine;
mod owner;
mod programs;
mod psk_client;
mod run;
mod table;
mod weight;

use interop::fixtures::Fixtures;

use crate::embedded::Toolchain;
use crate::firmware::figures::Measured;
use crate::firmware::programs::Programs;
use crate::step::{Outcome, Steps};

/// Builds, runs, measures. With `symbols`, also lists the parts
/// of each program and that many of its largest functions.
pub fn run(steps: &mut Steps, symbols: Option<usize>) {
    let mut programs = None;
    let mut compiler = String::new();
    let built = steps.run("firmware: build", || {
        let toolchain = Toolchain::find()?;
        compiler = toolchain.version()?;
        let built = programs.insert(Programs::build(&toolchain)?);
        Ok(Outcome::passed(format!("{} programs, {compiler}", built.count())))
    });
    let Some(programs) = programs.filter(|_| built) else { return };
    let fixtures = Fixtures::default();
    let mut measured = Measured::default();
    steps.run("firmware: PSK client", || {
        run::outcome(&psk_client::runs(), &programs, &fixtures, &mut measured)
    });
    steps.run("firmware: size and memory", || figures::outcome(&programs, &measured, &compiler, symbols));
}
