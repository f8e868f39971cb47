//! A server under load: a child process, and where it listens.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use interop::process::Running;
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    certificate::Certificate,
    client,
    family::{self, Process},
    usage,
};

/// Limits above what these clients open, all from one address.
const LIMITS: [&str; 6] =
    ["--max-connections", "8192", "--max-handshakes", "8192", "--max-per-address", "8000"];

/// How long a server may take to end the processes that it started.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running server.
pub struct Server {
    pub process: Running,
    pub address: SocketAddr,
}

impl Server {
    /// `handclasp serve 127.0.0.1:0` with a certificate, high limits and further arguments.
    pub fn serve(program: &Path, certificate: &Certificate, arguments: &[&str]) -> Result<Self> {
        // It hears SIGHUP also where this program runs below nohup.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP").arg(program);
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

    /// Ends it, and waits until the processes that it started have ended too.
    pub fn end(self) -> Result<()> {
        let below = family::below(self.id());
        drop(self);
        ended(&below, soon())
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

/// Ends the processes that the server started: they would outlive it. A server that has any, such as nginx, is asked to
/// end them, since it would start others in their place; what is left then is killed with it.
impl Drop for Server {
    fn drop(&mut self) {
        let below = family::below(self.id());
        if !below.is_empty() && self.signal(Signal::TERM).is_ok() {
            let _ = self.process.exit(Instant::now() + PATIENCE);
        }
        self.process.kill();
        below.into_iter().for_each(Process::kill);
    }
}

/// Waits until none of these processes runs.
fn ended(processes: &[Process], deadline: Instant) -> Result<()> {
    while let Some(process) = processes.iter().find(|process| process.is_alive()) {
        ensure!(Instant::now() < deadline, "process {} outlives the server that started it", process.id);
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// When a server must have done what needs no time.
pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}
