//! `handclasp-explain` builds without C, with the provider rustcrypto alone: for WebAssembly if its
//! standard library is available, else for the host.

use std::process::Command;

use anyhow::{Result, bail};

use crate::step::Outcome;
use crate::workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const BUILD: [&str; 5] =
    ["--package", "handclasp-explain", "--no-default-features", "--features", "rustcrypto"];

/// Checks the dependencies, then the build.
pub fn check() -> Result<Outcome> {
    let mut tree = workspace::cargo();
    tree.args(["tree", "--edges", "normal,build", "--prefix", "none"]).args(BUILD);
    let tree = workspace::output(&mut tree)?;
    if let Some(library) = tree.lines().find(|line| line.starts_with("aws-lc")) {
        bail!("handclasp-explain without aws-lc depends on {library}");
    }
    let mut check = workspace::cargo();
    check.args(["check", "--quiet"]).args(BUILD);
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace::root()).args(["target", "add", TARGET]);
    let target = match workspace::output(&mut rustup) {
        Ok(_) => {
            check.args(["--target", TARGET]);
            TARGET
        }
        Err(_) => "the host; rustup cannot add wasm32-unknown-unknown",
    };
    workspace::output(&mut check)?;
    Ok(Outcome::passed(format!("explain with rustcrypto for {target}")))
}
