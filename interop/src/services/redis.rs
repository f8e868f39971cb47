//! redis-server, and what redis-cli does with it.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::address::{Address, deadline};
use super::jobs;
use crate::credentials::Credentials;
use crate::peers;
use crate::process::{self, Running};

/// Commands of a pipeline: more than Redis reads at a time.
const PIPELINE: usize = 5000;

/// A redis-server without a file.
pub struct Redis {
    _server: Running,
    folder: TempDir,
    port: u16,
    tls_port: u16,
}

impl Redis {
    /// Starts one, on TCP, on a UNIX socket, and with TLS of its own, for which clients need a certificate.
    pub fn start(credentials: &Credentials) -> Result<Self> {
        peers::require("redis-server")?;
        let (folder, port, tls_port) = (tempfile::tempdir()?, process::free_port()?, process::free_port()?);
        let mut command = Command::new("redis-server");
        command.args([
            "--save",
            "",
            "--appendonly",
            "no",
            "--bind",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ]);
        command.arg("--dir").arg(folder.path()).arg("--unixsocket").arg(folder.path().join("redis"));
        command.args(["--tls-port", &tls_port.to_string(), "--tls-ca-cert-file", &credentials.pem("root")]);
        command.args(["--tls-cert-file", &credentials.pem("P-256"), "--tls-auth-clients", "yes"]);
        command.args(["--tls-key-file", &credentials.key_file("P-256")]);
        let server = Running::start(&mut command)?;
        server.wait_ready(deadline(), "now ready to accept connections at")?;
        Ok(Self { _server: server, folder, port, tls_port })
    }

    /// Where it speaks TLS.
    pub fn tls_address(&self) -> Address {
        Address::Tcp(self.tls_port)
    }

    /// Where it listens without TLS.
    pub fn address(&self, kind: &str) -> Address {
        if kind == "unix" { Address::Unix(self.folder.path().join("redis")) } else { Address::Tcp(self.port) }
    }
}

/// Everything that redis-cli does with a server at an address, with keys that begin with `name`.
pub fn check(address: &Address, name: &str) -> Result<()> {
    check_with(&|| client(address), name)
}

/// The same with this redis-cli.
pub fn check_with(client: &dyn Fn() -> Command, name: &str) -> Result<()> {
    peers::require("redis-cli")?;
    let ping = jobs::text(client().arg("PING")).context("PING")?;
    jobs::compare(ping.as_bytes(), b"PONG").context("PING")?;
    set_and_get(client, name).context("SET and GET of 10 MB")?;
    publish(client, name).context("SUBSCRIBE and PUBLISH")?;
    pipe(client, name).context("redis-cli --pipe")?;
    crowd(client).context("many clients at once")
}

/// A pipeline whose client ends sending before it reads: every command is answered.
pub fn half_close(address: &Address, name: &str) -> Result<()> {
    let commands = format!("INCR {name}-pipeline\r\n").repeat(PIPELINE);
    let replies = jobs::exchange(address, commands.into_bytes())?;
    let expected: String = (1..=PIPELINE).map(|number| format!(":{number}\r\n")).collect();
    jobs::compare(&replies, expected.as_bytes())
}

fn set_and_get(client: &dyn Fn() -> Command, name: &str) -> Result<()> {
    let key = format!("{name}-large");
    let set = jobs::run(client().args(["-x", "SET", &key]), jobs::large())?;
    jobs::compare(&set, b"OK\n")?;
    let get = jobs::run(client().args(["--raw", "GET", &key]), b"")?;
    // redis-cli ends its output with a line end.
    jobs::compare(get.strip_suffix(b"\n").unwrap_or(&get), jobs::large())?;
    jobs::run(client().args(["DEL", &key]), b"").map(drop)
}

fn publish(client: &dyn Fn() -> Command, name: &str) -> Result<()> {
    let channel = format!("{name}-channel");
    let subscriber = Running::start(client().args(["SUBSCRIBE", &channel]))?;
    let wait = |text: &str| {
        let seen = subscriber.wait(deadline(), |output| output.contains(text));
        ensure!(seen.is_ok(), "the subscriber did not print `{text}`: {}", subscriber.text());
        Ok(())
    };
    // The number of channels is the last line of the confirmation.
    wait(&format!("{channel}\n1"))?;
    for number in 1..=3 {
        let message = format!("message {number} of {name}");
        let receivers = jobs::text(client().args(["PUBLISH", &channel, &message]))?;
        jobs::compare(receivers.as_bytes(), b"1")?;
        wait(&message)?;
    }
    Ok(())
}

/// Mass insertion: commands without waiting for replies, counted at the end.
fn pipe(client: &dyn Fn() -> Command, name: &str) -> Result<()> {
    let commands = format!("INCR {name}-pipe\r\n").repeat(PIPELINE);
    let printed = jobs::run(client().arg("--pipe"), commands.as_bytes())?;
    let printed = String::from_utf8_lossy(&printed);
    ensure!(printed.contains(&format!("errors: 0, replies: {PIPELINE}")), "{printed}");
    let value = jobs::text(client().args(["GET", &format!("{name}-pipe")]))?;
    jobs::compare(value.as_bytes(), PIPELINE.to_string().as_bytes())
}

/// Clients at once, each on a connection of its own.
fn crowd(client: &dyn Fn() -> Command) -> Result<()> {
    peers::require("redis-benchmark")?;
    let mut command = Command::new("redis-benchmark");
    // It takes the address and the TLS options of redis-cli.
    command.args(client().get_args()).args(["-c", "20", "-n", "1000", "-t", "ping_mbulk", "-q"]);
    let printed = jobs::text(&mut command)?;
    ensure!(printed.contains("requests per second"), "{printed}");
    Ok(())
}

fn client(address: &Address) -> Command {
    let mut command = Command::new("redis-cli");
    match address {
        Address::Tcp(port) => command.args(["-h", "127.0.0.1", "-p", &port.to_string()]),
        Address::Unix(path) => command.arg("-s").arg(path),
    };
    command
}
