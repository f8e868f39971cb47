//! `cargo xtask capi`: the C interface: its header, its installation, its tests.

mod firmware;
mod header;
mod install;

use std::path::Path;

use anyhow::Result;

use crate::step::Outcome;

/// Whether the header is what the sources say.
pub fn check_header() -> Result<Outcome> {
    header::check()
}

/// Writes the header.
pub fn write_header() -> Result<Outcome> {
    header::write()
}

/// Builds the library for this machine and installs it.
pub fn install(prefix: &Path, release: bool) -> Result<Outcome> {
    install::run(prefix, release)
}

/// The firmware in C under QEMU.
pub fn firmware() -> Result<Outcome> {
    firmware::run()
}
