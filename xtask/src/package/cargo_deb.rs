//! cargo-deb: which one runs, and how to install it.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};
use interop::peers::on_path;

use crate::{step::Outcome, workspace};

/// The version that the metadata was written for. Another one on the PATH does as well.
const VERSION: &str = "3.8.0";

/// The program: the one on the PATH, else the one below `target/tools`.
pub fn program() -> Result<PathBuf> {
    if on_path("cargo-deb") {
        return Ok(PathBuf::from("cargo-deb"));
    }
    let tools = workspace::root().join("target/tools");
    let installed = tools.join("bin/cargo-deb");
    if installed.is_file() {
        return Ok(installed);
    }
    bail!(
        "missing: cargo-deb (builds the Debian package)\n\
         install with: cargo install --locked cargo-deb --version {VERSION}\n\
         or, beside the other tools of this workspace: cargo install --locked cargo-deb --version {VERSION} --root {}",
        tools.display()
    )
}

/// Checks that it is there, and the other programs.
pub fn prepare() -> Result<Outcome> {
    let version = workspace::output(Command::new(program()?).arg("--version"))?;
    for (name, package) in [
        ("dpkg-deb", "dpkg"),
        ("lintian", "lintian"),
        ("mmdebstrap", "mmdebstrap"),
        ("mandoc", "mandoc"),
        ("systemd-analyze", "systemd"),
    ] {
        if !on_path(name) {
            bail!("missing: {name}\ninstall with: apt-get install --no-install-recommends {package}");
        }
    }
    Ok(Outcome::passed(version.trim()))
}
