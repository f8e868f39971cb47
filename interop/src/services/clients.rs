//! Clients that speak TLS themselves, at a far end. The rows of `interop/services/clients.tsv`; columns:
//!
//! - `client`: `redis-cli`, `openssl` (its s_client), `curl`, `java` (its HttpClient), `chromium` (without a window, in a network namespace with
//!   loopback alone); with `another CA` it trusts only that one
//! - `far`: the program at the far end, see [`super::ends`]
//! - `auth`: how it authenticates, and the version. `CA`: clients have certificates, too
//! - `protocol`: `redis`, `http/1.1`, `h2`; the service behind speaks it without TLS
//! - `refuses`: the client must refuse the server; what the far end then prints

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail, ensure};

use super::address::Address;
use super::ends::{self, End};
use super::{browser, jobs, nginx, redis, upstream};
use crate::credentials::{Credentials, NAME, PSK_HEX, PSK_ID};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::lan::Machine;
use crate::matrix::payload;
use crate::table::{Table, optional};
use crate::{peers, process, table, workspace};

const TABLE: Table = table!("services/clients.tsv");
const COLUMNS: [&str; 5] = ["client", "far", "auth", "protocol", "refuses"];

/// A row of `clients.tsv`.
pub struct Cell {
    client: String,
    far: End,
    auth: String,
    protocol: String,
    refuses: String,
    name: String,
}

/// Every cell.
pub fn all() -> Result<Vec<Cell>> {
    let ends = ends::all()?;
    TABLE.read(COLUMNS, |[client, far, auth, protocol, refuses]| {
        Ok(Cell {
            client: client.to_owned(),
            far: ends::find(&ends, far, "far", auth)?,
            auth: auth.to_owned(),
            protocol: protocol.to_owned(),
            refuses: optional(refuses),
            name: format!("services::clients::{client} to {far}::{protocol}, {auth}"),
        })
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        fixtures.program()?;
        let (folder, port) = (tempfile::tempdir()?, process::free_port()?);
        let machine = if self.client.starts_with("chromium") { Some(Machine::alone()?) } else { None };
        let target = self.service(fixtures)?;
        let listen = Address::Tcp(port);
        let far = self.far.start_on(machine.as_ref(), fixtures, &listen, &target, folder.path())?;
        // The cells share the services: each has names of its own.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("client{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let checked = self.check(fixtures.credentials()?, machine.as_ref(), port, &name);
        let checked = checked.and_then(|()| {
            let text = far.running().text();
            ensure!(text.contains(&self.refuses), "the far end did not print `{}`", self.refuses);
            Ok(())
        });
        let failures = checked.err().map(|error| format!("{error:#}")).into_iter().collect();
        Ok(Transcript { failures, log: far.log() })
    }
}

impl Cell {
    /// A UNIX socket: it can be reached from every network namespace.
    fn service(&self, fixtures: &Fixtures) -> Result<Address> {
        let (services, credentials) = (&fixtures.services, fixtures.credentials()?);
        Ok(match self.protocol.as_str() {
            "redis" => services.redis(credentials)?.address("unix"),
            "http/1.1" => services.nginx(credentials)?.address("unix"),
            "h2" => services.nginx(credentials)?.h2_address("unix"),
            protocol => bail!("{}: the protocol `{protocol}` is not known", TABLE.file),
        })
    }

    fn check(
        &self,
        credentials: &Credentials,
        machine: Option<&Machine>,
        port: u16,
        name: &str,
    ) -> Result<()> {
        let is_known = self.auth.contains("CA");
        match (self.client.as_str(), machine) {
            ("redis-cli", _) => redis::check_with(&|| redis_cli(credentials, port), name),
            ("openssl", _) => {
                let mut client = Command::new("openssl");
                client.args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{port}")]);
                client.args([
                    "-psk",
                    PSK_HEX,
                    "-psk_identity",
                    PSK_ID,
                    "-cipher",
                    "ECDHE-PSK-CHACHA20-POLY1305",
                ]);
                let replies = jobs::run(&mut client, b"PING\r\nQUIT\r\n")?;
                jobs::compare(&replies, b"+PONG\r\n+OK\r\n")
            }
            ("curl", _) => {
                let curl = || curl(credentials, port, &self.protocol, is_known);
                let url = format!("https://{NAME}:{port}");
                nginx::check_with_curl(&curl, &url, name)?;
                let page = format!("{url}/page.html");
                let facts = ["--output", "/dev/null", "--write-out", "%{http_version}", &page];
                let version = jobs::text(curl().args(facts))?;
                let expected = if self.protocol == "h2" { "2" } else { "1.1" };
                jobs::compare(version.as_bytes(), expected.as_bytes())
            }
            ("java", _) => self.java(credentials, port, name, is_known),
            ("chromium", Some(machine)) => {
                let page = browser::page(machine, credentials, "root", port, &self.page(name))?;
                let expected = format!(">{}<", self.expected(None, &self.protocol));
                ensure!(page.contains(&expected), "the page does not contain {expected}: {page}");
                Ok(())
            }
            ("chromium, another CA", Some(machine)) => {
                let page = browser::page(machine, credentials, "other-root", port, &self.page(name))?;
                ensure!(!page.contains("id=\"result\""), "a server that is not trusted was shown: {page}");
                Ok(())
            }
            (client, _) => bail!("{}: the client `{client}` is not known", TABLE.file),
        }
    }

    fn has_socket(&self) -> bool {
        self.protocol == "http/1.1"
    }

    fn page(&self, name: &str) -> String {
        format!("page.html?{name}&{}", if self.has_socket() { "socket" } else { "" })
    }

    fn java(&self, credentials: &Credentials, port: u16, name: &str, is_known: bool) -> Result<()> {
        peers::require("java")?;
        let mut java = Command::new("java");
        java.arg(workspace::root().join("interop/peers/HttpClientPeer.java"));
        let version = if self.protocol == "h2" { "HTTP_2" } else { "HTTP_1_1" };
        java.arg(format!("url=https://127.0.0.1:{port}")).arg(format!("ca={}", credentials.pem("root")));
        java.args([format!("version={version}"), format!("name={name}")]);
        if is_known {
            java.arg(format!("store={}", credentials.path().join("client.p12").display()));
        }
        if self.has_socket() {
            java.arg("socket=1");
        }
        let pieces = format!("{}, {}", upstream::FIRST, upstream::SECOND);
        jobs::compare(jobs::text(&mut java)?.as_bytes(), self.expected(Some(&pieces), version).as_bytes())
    }

    /// What Java and the page print.
    fn expected(&self, pieces: Option<&str>, version: &str) -> String {
        let hash = payload::hash(jobs::large());
        let socket = self.has_socket().then_some("message 0, message 1, message 2, 1000 clean");
        let fixed = [format!("SHA-256 {hash}"), "POST 1000000".to_owned()];
        let rest = [socket, pieces, Some(version)].into_iter().flatten().map(str::to_owned);
        fixed.into_iter().chain(rest).collect::<Vec<_>>().join("; ")
    }
}

fn redis_cli(credentials: &Credentials, port: u16) -> Command {
    let mut command = Command::new("redis-cli");
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "--tls", "--sni", NAME]);
    command.args(["--cacert", &credentials.pem("root"), "--cert", &credentials.pem("client-P-256")]);
    command.args(["--key", &credentials.key_file("client-P-256")]);
    command
}

fn curl(credentials: &Credentials, port: u16, protocol: &str, is_known: bool) -> Command {
    let mut command = nginx::curl();
    command.args(["--resolve", &format!("{NAME}:{port}:127.0.0.1"), "--cacert", &credentials.pem("root")]);
    command.arg(if protocol == "h2" { "--http2" } else { "--http1.1" });
    if is_known {
        command.args([
            "--cert",
            &credentials.pem("client-P-256"),
            "--key",
            &credentials.key_file("client-P-256"),
        ]);
    }
    command
}
