//! The no_std crates build for Cortex-M0: no operating system, no atomics wider than load and
//! store, hence no `Arc`, no locks.

use anyhow::Result;

use crate::embedded::{TARGETS, Toolchain};
use crate::step::Outcome;
use crate::workspace;

/// Crates that are no_std as they are.
const CRATES: [&str; 9] = [
    "handclasp-codec",
    "handclasp-crypto",
    "handclasp-provider-rustcrypto",
    "handclasp-schedule",
    "handclasp-report",
    "handclasp-record",
    "handclasp-handshake",
    "handclasp-connection",
    "handclasp-device",
];

/// Crates whose core is no_std and whose files and system roots need the feature `std`.
const CORES: [&str; 3] = ["handclasp-identity", "handclasp-rotation", "handclasp-trust"];

/// Checks both groups for thumbv6m.
pub fn check() -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    let target = TARGETS[0];
    for (crates, features) in [(&CRATES[..], None), (&CORES[..], Some("--no-default-features"))] {
        let mut cargo = toolchain.cargo("check", &[target])?;
        cargo.arg("--quiet").args(features);
        for member in crates {
            cargo.args(["--package", member]);
        }
        workspace::output(&mut cargo)?;
    }
    // The library for C, with either kind of memory: features choose the provider.
    for memory in ["arena", "hooks"] {
        let features = format!("rustcrypto,capabilities,{memory}");
        let mut cargo = toolchain.cargo("check", &[target])?;
        cargo.args([
            "--quiet",
            "--package",
            "handclasp-capi",
            "--no-default-features",
            "--features",
            &features,
        ]);
        workspace::output(&mut cargo)?;
    }
    Ok(Outcome::passed(format!(
        "{} crates for {target}, {}",
        CRATES.len() + CORES.len() + 1,
        toolchain.version()?
    )))
}
