//! The step `peers`: all programs that the tests run as peers are installed.

use std::process::Command;

use anyhow::{Result, bail};
use interop::peers::{PEERS, missing};

use crate::step::Outcome;
use crate::workspace;

/// Checks that all peers are installed; with `install`, installs the missing ones.
pub fn check(install: bool) -> Result<Outcome> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(Outcome::passed(PEERS.iter().map(|peer| peer.name).collect::<Vec<_>>().join(", ")));
    }
    let mut packages: Vec<&str> = missing.iter().map(|peer| peer.package).collect();
    packages.dedup();
    if install {
        apt_get(&["update"])?;
        apt_get(&[&["install", "-y", "--no-install-recommends"], packages.as_slice()].concat())?;
        return Ok(Outcome::passed(format!("installed {}", packages.join(" "))));
    }
    let mut list = String::from("missing:\n");
    for peer in &missing {
        list += &format!("  {:<16} {}\n", peer.name, peer.used_for);
    }
    bail!(
        "{list}install with: apt-get install --no-install-recommends {}\n\
         or run: cargo xtask test --install-peers",
        packages.join(" ")
    )
}

/// `apt-get` as root: directly, or through sudo.
fn apt_get(arguments: &[&str]) -> Result<()> {
    let root = workspace::output(Command::new("id").arg("-u"))?.trim() == "0";
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        // -n: a CI machine cannot answer a password prompt.
        command.args(["-n", "apt-get"]);
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    workspace::output(&mut command).map(drop)
}
