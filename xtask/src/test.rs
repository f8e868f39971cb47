//! `cargo xtask test`: everything that can fail, the fast checks first.

use std::thread;

use anyhow::bail;

use crate::cargo_test::{Suite, interop, profiles, unit};
use crate::step::Steps;
use crate::{capi, cargo_deny, firmware, load, peers, structure};

/// Runs all steps, also after a failed one; without peers only the first.
pub fn run(steps: &mut Steps, install_peers: bool) {
    // cargo-deny is compiled while packages come over the network.
    let tools = thread::spawn(move || cargo_deny::prepare(install_peers));
    let has_peers = steps.run("peers", || peers::check(install_peers));
    steps.run("cargo-deny", || tools.join().unwrap_or_else(|_| bail!("its installation panicked")));
    if !has_peers {
        return;
    }
    structure::run(steps, false);
    steps.run("unit tests", unit);
    steps.run("capabilities", profiles);
    steps.run("matrix", || interop(&Suite { name: "matrix", ..Suite::default() }));
    steps.run("check and listen", || interop(&Suite { name: "check", ..Suite::default() }));
    steps.run("servers asked", || interop(&Suite { name: "ask", ..Suite::default() }));
    steps.run("discovery", || interop(&Suite { name: "discovery", ..Suite::default() }));
    steps.run("services", || interop(&Suite { name: "services", ..Suite::default() }));
    steps.run("soak", load::step);
    steps.run("C firmware", capi::firmware);
    steps.run("handshakes explained", || interop(&Suite { name: "score", ..Suite::default() }));
    firmware::run(steps, None, None);
}
