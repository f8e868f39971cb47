//! `cargo xtask capi`: the C interface: its header, its installation, its tests.

mod header;

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
