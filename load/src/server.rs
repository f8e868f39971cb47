//! A server under load: a child process, and where it listens.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use interop::process::Running;
use rustix::process::{Pid, Signal, kill_process};

use crate::{certificate::Certificate, client, usage};

/// Limits above what these clients open, all from one address.
const LIMITS: [&str; 6] =
    ["--max-connections", "8192", "--max-handshakes", "8192", "--max-per-address", "8000"];

/// A running server.
pub struct Server {
    pub process: Running,
    pub address: SocketAddr,
}

impl Server {
    /// `handclasp serve 127.0.0.1:0` with a certificate, high limits and further arguments.
    pub fn serve(program: &Path, certificate: &Certificate, arguments: &[&str]) -> Result<Self> {
        Self::serve_with(&[], program, certificate, arguments)
    }

    /// The same with environment variables.
    pub fn serve_with(
        environment: &[(&str, &str)],
        program: &Path,
        certificate: &Certificate,
        arguments: &[&str],
    ) -> Result<Self> {
        // It hears SIGHUP also where this program runs below nohup.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP").arg(program).envs(environment.iter().copied());
        command.args(["serve", "127.0.0.1:0", "--quiet"]).args(LIMITS).args(arguments);
        command.arg("--cert").arg(&certificate.chain).arg("--key").arg(&certificate.key);
        Self::start(&mut command)
    }

    /// Starts a command that prints `listening on 127.0.0.1:PORT`.
    pub fn start(command: &mut Command) -> Result<Self> {
        let process = Running::start(command)?;
        let port = process.listening_port("listening on 127.0.0.1:", soon())?;
        Ok(Self { process, address: (Ipv4Addr::LOCALHOST, port).into() })
    }

    /// Starts a command that listens on a port that was chosen for it.
    pub fn start_at(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let mut server = Self { process: Running::start(command)?, address };
        let end = soon();
        while client::dial(address).is_err() {
            if server.process.exit(Instant::now()).is_some() {
                bail!("the server ended:\n{}", server.process.text());
            }
            if Instant::now() > end {
                bail!("the server does not listen on {address}:\n{}", server.process.text());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let process = i32::try_from(self.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        Ok(kill_process(process, signal)?)
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> Result<u64> {
        usage::resident(self.id())
    }

    /// Waits until the process has at most `count` descriptors; the number that it has at the end.
    pub fn settle(&self, count: usize) -> Result<usize> {
        let end = soon();
        loop {
            let open = usage::descriptors(self.id())?;
            if open <= count || Instant::now() > end {
                return Ok(open);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// When a server must have done what needs no time.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}
