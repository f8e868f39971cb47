//! The programs at the two ends of a tunnel. The rows of `interop/services/ends.tsv`; columns:
//!
//! - `program`: `handclasp`, `stunnel`, `socat`, `haproxy`, `nginx`
//! - `side`: `near`, where plain clients connect and TLS goes out; `far`, where TLS comes in and the service is behind
//! - `auth`: how both sides authenticate, and the version: a name that the rows of both sides share
//! - `ready`: what it prints once it listens; `-`: it prints nothing, and is asked by a connection
//! - `settings`: its command line; for a program with a configuration file the lines that replace `{auth}` in
//!   `interop/services/ends/PROGRAM-SIDE`, divided by ` | `
//!
//! `{listen}` and `{target}` are the addresses as the program writes them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::address::{Address, deadline};
use crate::fixtures::Fixtures;
use crate::lan::Machine;
use crate::process::Running;
use crate::table::{Table, optional};
use crate::workspace::shown;
use crate::{table, workspace};

const TABLE: Table = table!("services/ends.tsv");
const COLUMNS: [&str; 5] = ["program", "side", "auth", "ready", "settings"];

/// A row of `ends.tsv`.
#[derive(Clone, Debug)]
pub struct End {
    program: String,
    side: String,
    auth: String,
    ready: String,
    settings: String,
}

/// A program that runs at an end. Dropping it ends it.
pub struct Started {
    running: Running,
    command: String,
}

/// Every end.
pub fn all() -> Result<Vec<End>> {
    TABLE.read(COLUMNS, |[program, side, auth, ready, settings]| {
        Ok(End {
            program: program.to_owned(),
            side: side.to_owned(),
            auth: auth.to_owned(),
            ready: optional(ready),
            settings: settings.to_owned(),
        })
    })
}

/// The end of a program on a side.
pub fn find(ends: &[End], program: &str, side: &str, auth: &str) -> Result<End> {
    let found = ends.iter().find(|end| (&*end.program, &*end.side, &*end.auth) == (program, side, auth));
    found.cloned().with_context(|| format!("{} has no row `{program} {side} {auth}`", TABLE.file))
}

impl End {
    /// Starts it, and waits until it listens. Its files are in the folder.
    pub fn start(
        &self,
        fixtures: &Fixtures,
        listen: &Address,
        target: &Address,
        folder: &Path,
    ) -> Result<Started> {
        self.start_on(None, fixtures, listen, target, folder)
    }

    /// The same on a machine.
    pub fn start_on(
        &self,
        machine: Option<&Machine>,
        fixtures: &Fixtures,
        listen: &Address,
        target: &Address,
        folder: &Path,
    ) -> Result<Started> {
        let credentials = fixtures.credentials()?;
        fixtures.services.keys(credentials.path())?;
        let fill = |line: &str| {
            let line = line.replace("{listen}", &self.written(listen, "listen"));
            line.replace("{target}", &self.written(target, "target"))
        };
        let (own, other) = (format!("{}-{}", self.program, self.side), folder.display());
        let template = Path::new("interop/services/ends").join(&own);
        let line = match self.program.as_str() {
            "handclasp" | "socat" => fill(&self.settings),
            _ => {
                let settings = optional(&self.settings).replace(" | ", "\n");
                let text = fill(&workspace::read(template)?.replace("{auth}", &settings));
                fs::write(
                    folder.join(&own),
                    credentials.fill(&text.replace("{folder}", &other.to_string()), 0)?,
                )?;
                let file = folder.join(&own).display().to_string();
                match self.program.as_str() {
                    "stunnel" => format!("stunnel {file}"),
                    "haproxy" => format!("/usr/sbin/haproxy -db -f {file}"),
                    "nginx" => format!("/usr/sbin/nginx -e stderr -p {other} -c {file}"),
                    program => bail!("{}: the program `{program}` is not known", TABLE.file),
                }
            }
        };
        let mut command = fixtures.command(&line, 0)?;
        if let Some(machine) = machine {
            command = machine.moved(&command);
        }
        let running = Running::start(&mut command)?;
        if self.ready.is_empty() {
            listen.wait_listening(deadline()).with_context(|| running.text())?;
        } else {
            running.wait_ready(deadline(), &self.ready)?;
        }
        Ok(Started { running, command: shown(&command) })
    }

    /// An address as the program writes it, after `listen` or as `target`.
    fn written(&self, address: &Address, place: &str) -> String {
        match (self.program.as_str(), address, place) {
            ("socat", Address::Tcp(port), "listen") => format!("{port},bind=127.0.0.1,reuseaddr,fork"),
            ("socat", Address::Tcp(port), _) => format!("127.0.0.1:{port}"),
            ("socat", Address::Unix(path), "listen") => format!("{},fork", path.display()),
            (_, Address::Tcp(port), _) => format!("127.0.0.1:{port}"),
            ("handclasp" | "nginx", Address::Unix(path), _) => format!("unix:{}", path.display()),
            ("haproxy", Address::Unix(path), _) => format!("unix@{}", path.display()),
            (_, Address::Unix(path), _) => path.display().to_string(),
        }
    }
}

impl Started {
    /// Kills it, as a machine that fails does.
    pub fn kill(&mut self) {
        self.running.kill();
    }

    /// The program itself.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// Its command line and what it printed.
    pub fn log(&self) -> String {
        format!("  {}\n{}\n", self.command, self.running.text())
    }
}
