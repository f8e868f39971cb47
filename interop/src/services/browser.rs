//! Chromium without a window, on a machine without a network: nothing that it sends leaves the machine.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::address::deadline;
use crate::credentials::{Credentials, NAME};
use crate::lan::Machine;
use crate::peers;
use crate::process::Running;
use crate::workspace::{self, shown};

/// What a fresh profile would do by itself, all of it over the network.
const QUIET: [&str; 9] = [
    "--headless",
    // Its own sandbox needs namespaces, which root has not.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
];

/// The document of `https://server.test:PORT/PAGE` once it is loaded, in a browser that trusts the CA `ca` alone.
pub fn page(machine: &Machine, credentials: &Credentials, ca: &str, port: u16, page: &str) -> Result<String> {
    peers::require("chromium")?;
    peers::require("certutil")?;
    let home = tempfile::tempdir()?;
    let store = home.path().join(".pki/nssdb");
    fs::create_dir_all(&store)?;
    let certutil = |arguments: &[&str]| {
        let mut command = Command::new("certutil");
        command.arg("-d").arg(format!("sql:{}", store.display())).args(arguments);
        workspace::output(&mut command).map(drop)
    };
    certutil(&["-N", "--empty-password"])?;
    certutil(&["-A", "-n", "ca", "-t", "C,,", "-i", &credentials.pem(ca)])?;
    // In a PID namespace, whose processes end with the first of them.
    let mut command = machine.command("unshare");
    command.args(["--pid", "--fork", "--kill-child", "--mount-proc", "--", "chromium"]).args(QUIET);
    command.arg(format!("--user-data-dir={}", home.path().join("profile").display()));
    command.arg(format!("--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"));
    command.args(["--timeout=60000", "--dump-dom", &format!("https://{NAME}:{port}/{page}")]);
    command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME");
    let mut running = Running::start(&mut command)?;
    running.close_input();
    let Some(status) = running.exit(deadline()) else {
        bail!("{} did not end: {}", shown(&command), running.text())
    };
    let (out, err) = (running.out_text(), running.err_text());
    status.success().then_some(out).with_context(|| format!("{}: {status}: {err}", shown(&command)))
}
