//! `cargo xtask capi`: the C interface: its header, its installation, its tests.

mod firmware;
mod header;
mod install;
mod library;

use std::path::Path;

use anyhow::Result;

use crate::embedded::Toolchain;
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

/// Builds the library for a device.
pub fn device(output: &Path, target: &str, features: &str) -> Result<Outcome> {
    library::build(&Toolchain::find()?, target, features, output)?;
    Ok(Outcome::passed(output.display().to_string()))
}
