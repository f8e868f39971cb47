//! cargo-deny: which one runs, its installation, and the checks of `deny.toml` that need no database of advisories.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use interop::peers::on_path;

use crate::step::Outcome;
use crate::workspace;

/// Installed where it is missing. Another version that is on the PATH does as well.
const VERSION: &str = "0.20.2";

/// The program: the one on the PATH, else the one that [`prepare`] installed.
fn program() -> Option<PathBuf> {
    if on_path("cargo-deny") {
        return Some(PathBuf::from("cargo-deny"));
    }
    let installed = tools().join("bin/cargo-deny");
    installed.is_file().then_some(installed)
}

/// Tools that are built here stay below `target`, out of the user's own.
fn tools() -> PathBuf {
    workspace::root().join("target/tools")
}

/// Checks that cargo-deny is there; with `install`, builds it if it is not (a minute or two, once).
pub fn prepare(install: bool) -> Result<Outcome> {
    if program().is_some() {
        return Ok(Outcome::passed(""));
    }
    if !install {
        bail!(
            "missing: cargo-deny (licences and sources of dependencies)\n\
             install with: cargo install --locked cargo-deny\n\
             or run: cargo xtask test --install-peers"
        );
    }
    let mut cargo = workspace::cargo();
    // Unoptimised: it runs for a second, and is built in a third of the time.
    cargo
        .args(["install", "--quiet", "--locked", "--debug", "cargo-deny", "--version", VERSION, "--root"])
        .arg(tools());
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    workspace::output(&mut cargo)?;
    Ok(Outcome::passed(format!("installed cargo-deny {VERSION}")))
}

/// Licences, bans and sources of all dependencies.
pub fn check() -> Result<Outcome> {
    let Some(program) = program() else { return prepare(false) };
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    command.args(["--log-level", "error", "check", "licenses", "bans", "sources"]);
    workspace::output(&mut command)?;
    Ok(Outcome::passed("licences, bans, sources"))
}
