//! The no_std rooms build for Cortex-M0: no operating system, no atomics wider than load and
//! store, hence no `Arc`, no locks.

use anyhow::Result;

use crate::embedded::{TARGETS, Toolchain};
use crate::step::Outcome;
use crate::workspace;

/// Rooms that are no_std as they are.
const ROOMS: [&str; 8] = [
    "handclasp-codec",
    "handclasp-crypto",
    "handclasp-provider-rustcrypto",
    "handclasp-schedule",
    "handclasp-report",
    "handclasp-record",
    "handclasp-handshake",
    "handclasp-connection",
];

/// Rooms whose core is no_std and whose files and system roots stand behind `std`.
const CORES: [&str; 2] = ["handclasp-identity", "handclasp-trust"];

/// Checks both groups for thumbv6m.
pub fn check() -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    let target = TARGETS[0];
    for (rooms, features) in [(&ROOMS[..], None), (&CORES[..], Some("--no-default-features"))] {
        let mut cargo = toolchain.cargo("check", target)?;
        cargo.arg("--quiet").args(features);
        for room in rooms {
            cargo.args(["--package", room]);
        }
        workspace::output(&mut cargo)?;
    }
    Ok(Outcome::passed(format!("{} rooms for {target}, {}", ROOMS.len() + CORES.len(), toolchain.version()?)))
}
