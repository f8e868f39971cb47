//! `cargo xtask firmware`: the programs for microcontrollers. Builds those of `firmware/` (a workspace of its
//! own) for both targets, runs them under QEMU against OpenSSL, Mbed TLS and mosquitto, and prints a table of
//! what they take. It fails if a program does not build, if a run does not go as expected, if a program takes
//! more than its budget, or if it links code that it does not need.

mod budget;
mod elf;
mod faults;
mod figures;
mod machine;
mod mqtt;
mod owner;
mod power;
mod programs;
mod proxy;
mod psk_client;
mod refused;
mod run;
mod server;
mod table;
mod two_at_once;
mod weight;

use std::sync::{Mutex, PoisonError};

use interop::fixtures::Fixtures;

use crate::embedded::Toolchain;
use crate::firmware::figures::Measured;
use crate::firmware::programs::Programs;
use crate::firmware::run::{Bench, outcome};
use crate::step::{Outcome, Steps};

/// Builds, runs, measures. With `only`, just the profiles whose name contains that; with `symbols`, also lists the parts
/// of each program and that many of its largest functions.
pub fn run(steps: &mut Steps, only: Option<&str>, symbols: Option<usize>) {
    let fixtures = Fixtures::default();
    let mut programs = None;
    let mut compiler = String::new();
    let built = steps.run("firmware: build", || {
        let toolchain = Toolchain::find()?;
        compiler = toolchain.version()?;
        // Here, not in the runs that need them first: they take minutes, a run has one.
        fixtures.program()?;
        fixtures.current_mbedtls_peer()?;
        let built = programs.insert(Programs::build(&toolchain, only)?);
        Ok(Outcome::passed(format!("{} programs, {compiler}", built.count())))
    });
    let Some(programs) = programs.filter(|_| built) else { return };
    let measured = Mutex::new(Measured::default());
    let bench = Bench { programs: &programs, fixtures: &fixtures, measured: &measured };
    steps.run("firmware: PSK client", || Ok(outcome(&psk_client::runs(), &bench)));
    steps.run("firmware: server", || Ok(outcome(&server::runs(&fixtures)?, &bench)));
    steps.run("firmware: two at once", || Ok(outcome(&two_at_once::runs(&fixtures)?, &bench)));
    steps.run("firmware: refusals", || Ok(outcome(&refused::runs(&fixtures)?, &bench)));
    steps.run("firmware: MQTT client", || Ok(outcome(&mqtt::runs(&fixtures)?, &bench)));
    steps.run("firmware: faults", || Ok(outcome(&faults::runs(), &bench)));
    steps.run("firmware: faults of a server", || Ok(outcome(&faults::server_runs(&fixtures)?, &bench)));
    steps.run("firmware: power cuts", || Ok(outcome(&power::runs(&fixtures)?, &bench)));
    let measured = measured.into_inner().unwrap_or_else(PoisonError::into_inner);
    steps.run("firmware: size and memory", || figures::outcome(&programs, &measured, &compiler, symbols));
}
