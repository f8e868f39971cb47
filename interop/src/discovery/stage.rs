//! A network of two machines, and the program on them: clients on the left one, servers on the right one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::lan::{Lan, Machine};
use crate::process::Running;
use crate::{peers, workspace};

/// Limit of each wait.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The address of the servers.
pub const SERVER: &str = "10.77.0.2";

/// The type of the service.
pub const TYPE: &str = "_lock._tcp";

/// The name of the server.
pub const HALL: &str = "Hall Door._lock._tcp";

/// A network and the program.
pub struct Stage {
    pub lan: Lan,
    program: PathBuf,
    /// `examples/src/bin/local_network.rs`.
    pub example: PathBuf,
}

/// A server of ours.
pub struct Server {
    pub running: Running,
    /// Its fingerprint, as it prints it.
    pub pin: String,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Stage {
    pub fn set(program: &Path, example: &Path) -> Result<Self> {
        Ok(Self { lan: Lan::start()?, program: program.to_owned(), example: example.to_owned() })
    }

    /// The program on a machine. Nothing of the user's configuration is read or written.
    fn program(&self, machine: &Machine, arguments: &[&str]) -> Command {
        let mut command = machine.command(&self.program);
        command.args(arguments).env("XDG_CONFIG_HOME", self.lan.folder());
        command
    }

    /// An identity, which later starts of the server have too.
    pub fn identity(&self, name: &str) -> Result<String> {
        let folder = self.lan.folder().join(name).display().to_string();
        let mut new = self.program(&self.lan.right, &["id", "new", &folder, "--name", name]);
        workspace::output(&mut new)?;
        Ok(folder)
    }

    /// A server on the right machine with a new identity of this name, once it listens. It echoes.
    pub fn serve(&self, identity: &str, port: u16, arguments: &[&str]) -> Result<Server> {
        self.serve_at(&format!("0.0.0.0:{port}"), &self.identity(identity)?, arguments)
    }

    /// The same at an address, with an identity that was made before.
    pub fn serve_at(&self, address: &str, folder: &str, arguments: &[&str]) -> Result<Server> {
        let all = [&["serve", address, "--identity", folder, "--echo"], arguments].concat();
        let running = Running::start(&mut self.program(&self.lan.right, &all))?;
        running.wait_ready(Instant::now() + TIMEOUT, "--pin sha256/")?;
        let text = running.err_text();
        let pin = text.split("--pin ").nth(1).and_then(|rest| rest.split_whitespace().next());
        let pin = pin.context("a pin")?.to_owned();
        Ok(Server { running, pin })
    }

    /// The same, announced as `name`. Returns once the announcement is made.
    pub fn advertise(&self, identity: &str, port: u16, name: &str) -> Result<Server> {
        let server = self.serve(identity, port, &["--advertise", name])?;
        server.wait("advertised as")?;
        Ok(server)
    }

    /// The same at one address, with an identity that was made before.
    pub fn advertise_at(&self, address: &str, folder: &str, name: &str) -> Result<Server> {
        let server = self.serve_at(address, folder, &["--advertise", name])?;
        server.wait("advertised as")?;
        Ok(server)
    }

    /// A hostile machine: `interop/peers/hostile_mdns.py` beside the servers.
    pub fn hostile(&self, arguments: &[&str]) -> Result<Running> {
        peers::require("python3")?;
        let mut python = self.lan.right.command("python3");
        python.arg(workspace::root().join("interop/peers/hostile_mdns.py")).args(arguments);
        let running = Running::start(&mut python)?;
        wait(&running, "sending")?;
        Ok(running)
    }

    /// Runs the program on the left machine with this input, to its end.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<Ended> {
        let mut running = Running::start(&mut self.program(&self.lan.left, arguments))?;
        running.feed(input.as_bytes());
        running.close_input();
        let code = running.exit_code(Instant::now() + TIMEOUT);
        let (out, err) = (running.out_text(), running.err_text());
        match code {
            Some(_) => Ok(Ended { code, out, err }),
            None => bail!("{arguments:?} did not end: {out}{err}"),
        }
    }

    /// `connect --service NAME` with these flags: what it sends comes back if the server echoes.
    pub fn connect(&self, name: &str, arguments: &[&str]) -> Result<Ended> {
        let all = [&["connect", "--service", name, "--half-close"], arguments].concat();
        self.run(&all, "knock knock\n")
    }

    /// A client on the left machine whose input stays open, once it is connected.
    pub fn stays_connected(&self, server: &Server, port: u16) -> Result<Running> {
        let arguments = ["connect", &format!("{SERVER}:{port}"), "--pin", &server.pin];
        let running = Running::start(&mut self.program(&self.lan.left, &arguments))?;
        wait(&running, "connected: ")?;
        Ok(running)
    }

    /// `browse --json`.
    pub fn browse(&self, seconds: &str) -> Result<Value> {
        let ended = self.run(&["browse", TYPE, "--timeout", seconds, "--json"], "")?;
        ended.expect(0, &[])?;
        serde_json::from_str(&ended.out).context("browse printed no JSON")
    }
}

impl Server {
    /// Waits until it prints a text.
    pub fn wait(&self, text: &str) -> Result<()> {
        self.running.wait_ready(Instant::now() + TIMEOUT, text)
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        workspace::output(Command::new("kill").arg(self.running.id().to_string())).map(drop)
    }

    /// Ends it by SIGTERM.
    pub fn stop(&mut self) -> Result<()> {
        self.terminate()?;
        ensure!(self.running.exit(Instant::now() + TIMEOUT).is_some(), "it does not end by SIGTERM");
        Ok(())
    }
}

impl Ended {
    /// The exit code, and texts of standard error.
    pub fn expect(&self, code: i32, texts: &[&str]) -> Result<()> {
        ensure!(self.code == Some(code), "expected exit code {code}: {self:#?}");
        for text in texts {
            ensure!(self.err.contains(text), "expected {text:?} in {self:#?}");
        }
        Ok(())
    }

    /// A connection that echoed.
    pub fn expect_echo(&self, texts: &[&str]) -> Result<()> {
        self.expect(0, texts)?;
        ensure!(self.out == "knock knock\n", "expected the echo: {self:#?}");
        Ok(())
    }
}

/// Waits until the output of a program has a text.
pub fn wait(running: &Running, text: &str) -> Result<()> {
    running.wait_ready(Instant::now() + TIMEOUT, text)
}
