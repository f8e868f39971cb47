//! The programs that the tests run as peers: a table, a check, and their installation. A current Mbed
//! TLS is not among them: its source comes as a crate, see `interop/peers/mbedtls-source`.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::step::Outcome;
use crate::workspace;

/// A program, or a library by its header, that is not built here.
struct Peer {
    name: &'static str,
    /// Debian's package.
    package: &'static str,
    /// What the tests need it for.
    why: &'static str,
}

const PEERS: &[Peer] = &[
    Peer { name: "openssl", package: "openssl", why: "the matrix: s_server, s_client, certificates" },
    Peer {
        name: "gnutls-cli",
        package: "gnutls-bin",
        why: "the matrix: raw public keys, record_size_limit, CCM, encrypt_then_mac",
    },
    Peer {
        name: "/usr/sbin/mosquitto",
        package: "mosquitto",
        why: "check: a broker that requires client certificates",
    },
    Peer { name: "java", package: "default-jdk-headless", why: "the matrix: JSSE with client certificates" },
    Peer {
        name: "mbedtls/ssl.h",
        package: "libmbedtls-dev",
        why: "the matrix: Mbed TLS 2.28 with small buffers",
    },
    Peer { name: "qemu-system-arm", package: "qemu-system-arm", why: "runs the Cortex-M probe" },
    Peer { name: "cc", package: "build-essential", why: "aws-lc-sys is C and assembly; Mbed TLS for check" },
];

/// Checks that all peers are there; with `install`, installs those that are not.
pub fn check(install: bool) -> Result<Outcome> {
    let missing: Vec<&Peer> = PEERS.iter().filter(|peer| !is_there(peer.name)).collect();
    if missing.is_empty() {
        return Ok(Outcome::passed(PEERS.iter().map(|peer| peer.name).collect::<Vec<_>>().join(", ")));
    }
    let packages: Vec<&str> = missing.iter().map(|peer| peer.package).collect();
    if install {
        apt_get(&["update"])?;
        apt_get(&[&["install", "-y", "--no-install-recommends"], packages.as_slice()].concat())?;
        return Ok(Outcome::passed(format!("installed {}", packages.join(" "))));
    }
    let mut words = String::from("missing:\n");
    for peer in &missing {
        words += &format!("  {:<16} {}\n", peer.name, peer.why);
    }
    bail!(
        "{words}install with: apt-get install --no-install-recommends {}\n\
         or run: cargo xtask test --install-peers",
        packages.join(" ")
    )
}

/// Whether the program stands on the PATH or where it is said to, or the header where compilers look.
fn is_there(name: &str) -> bool {
    if name.starts_with('/') {
        return Path::new(name).is_file();
    }
    match name.ends_with(".h") {
        true => {
            ["/usr/include", "/usr/local/include"].iter().any(|place| Path::new(place).join(name).is_file())
        }
        false => on_path(name),
    }
}

/// Whether a program of this name stands on the PATH.
pub fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// `apt-get` as root: directly, or through sudo where we are somebody else.
fn apt_get(arguments: &[&str]) -> Result<()> {
    let root = workspace::output(Command::new("id").arg("-u"))?.trim() == "0";
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        // -n: nobody sits at a CI machine to type a password.
        command.args(["-n", "apt-get"]);
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    workspace::output(&mut command).map(drop)
}
