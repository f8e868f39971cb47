//! PostgreSQL, and what psql does with it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::address::{Address, deadline};
use super::jobs;
use crate::credentials::Credentials;
use crate::process::{self, Running};
use crate::{peers, workspace};

/// The user that the server runs as where the tests run as root, which it refuses.
const USER: &str = "postgres";

/// Which clients are accepted: with TLS only those with a certificate of the CA.
const HBA: &str = "local all all trust\nhostnossl all all 127.0.0.1/32 trust\n\
    hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n";

/// The name of a socket below its folder, without the port (libpq's convention).
pub const SOCKET: &str = ".s.PGSQL.";

/// A server with a database of its own.
pub struct Postgres {
    server: Running,
    folder: TempDir,
    port: u16,
}

impl Postgres {
    /// Makes the database, and starts a server on TCP and on a UNIX socket. On TCP it also speaks TLS after an
    /// SSLRequest, for which clients need a certificate.
    pub fn start(credentials: &Credentials) -> Result<Self> {
        peers::require("psql")?;
        let (folder, port) = (tempfile::tempdir()?, process::free_port()?);
        let user = if is_root()? { Some(USER) } else { None };
        let mut owner = None;
        if let Some(user) = user {
            let id = |flag| -> Result<u32> {
                Ok(workspace::output(Command::new("id").args([flag, user]))?.trim().parse()?)
            };
            owner = Some((id("-u")?, id("-g")?));
        }
        // The server refuses a key of another user.
        for (from, to) in [("root.pem", "root.pem"), ("P-256.pem", "server.pem"), ("P-256.key", "server.key")]
        {
            fs::copy(credentials.path().join(from), folder.path().join(to))?;
            fs::set_permissions(folder.path().join(to), fs::Permissions::from_mode(0o600))?;
        }
        fs::write(folder.path().join("hba"), HBA)?;
        if let Some((user, group)) = owner {
            let files =
                ["", "root.pem", "server.pem", "server.key", "hba"].map(|name| folder.path().join(name));
            files.iter().try_for_each(|file| chown(file, Some(user), Some(group)))?;
        }
        let data = folder.path().join("data");
        let mut initdb = program("initdb", user)?;
        initdb.args([
            "--username",
            "test",
            "--auth",
            "trust",
            "--no-sync",
            "--locale",
            "C",
            "--encoding",
            "UTF8",
        ]);
        workspace::output(initdb.arg("-D").arg(&data))?;
        let mut postgres = program("postgres", user)?;
        postgres.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F"]);
        postgres.arg("-k").arg(folder.path()).args(["-c", "ssl=on"]);
        let files = [
            ("hba_file", "hba"),
            ("ssl_ca_file", "root.pem"),
            ("ssl_cert_file", "server.pem"),
            ("ssl_key_file", "server.key"),
        ];
        for (setting, file) in files {
            postgres.arg("-c").arg(format!("{setting}={}", folder.path().join(file).display()));
        }
        let server = Running::start(&mut postgres)?;
        server.wait_ready(deadline(), "database system is ready to accept connections")?;
        Ok(Self { server, folder, port })
    }

    /// Where it listens.
    pub fn address(&self, kind: &str) -> Address {
        match kind {
            "unix" => Address::Unix(self.folder.path().join(format!("{SOCKET}{}", self.port))),
            _ => Address::Tcp(self.port),
        }
    }
}

impl Drop for Postgres {
    /// SIGQUIT, an immediate shutdown: a server that is killed leaves processes behind for a while.
    fn drop(&mut self) {
        let _ = workspace::output(Command::new("kill").args(["-QUIT", &self.server.id().to_string()]));
        let _ = self.server.exit(deadline());
    }
}

/// Everything that psql does with a server at an address, with tables that begin with `name`. `direct` is the
/// address of the server itself.
pub fn check(address: &Address, direct: &Address, name: &str) -> Result<()> {
    let sum = query(address, "SELECT sum(number) FROM generate_series(1, 100000) AS number")?;
    jobs::compare(sum.as_bytes(), b"5000050000").context("a query")?;
    copy(address, name).context("COPY")?;
    notify(address, name).context("LISTEN and NOTIFY")?;
    cancel(address, direct, name).context("a cancelled query")
}

fn copy(address: &Address, name: &str) -> Result<()> {
    query(address, &format!("CREATE UNLOGGED TABLE {name} (number integer, digits text)"))?;
    let into = format!("COPY {name} FROM STDIN");
    jobs::run(psql(address)?.args(["-c", &into]), jobs::rows())?;
    let out = format!("COPY (SELECT * FROM {name} ORDER BY number) TO STDOUT");
    let printed = jobs::run(psql(address)?.args(["-c", &out]), b"")?;
    jobs::compare(&printed, jobs::rows())
}

fn notify(address: &Address, name: &str) -> Result<()> {
    let mut listener = Running::start(&mut psql(address)?)?;
    listener.feed(format!("LISTEN {name};\nSELECT 'ready';\n").as_bytes());
    ensure!(listener.wait(deadline(), |output| output.contains("ready")).is_ok(), "{}", listener.text());
    query(address, &format!("NOTIFY {name}, 'news of {name}'"))?;
    // psql prints notifications after a command.
    let news = format!("Asynchronous notification \"{name}\" with payload \"news of {name}\" received");
    let end = deadline();
    for number in 0.. {
        listener.feed(format!("SELECT 'asked {number}.';\n").as_bytes());
        let asked = format!("asked {number}.");
        ensure!(listener.wait(end, |output| output.contains(&asked)).is_ok(), "{}", listener.text());
        // The notifications of a command follow its result, and the next result follows them.
        if listener.output().contains(&news) {
            break;
        }
    }
    Ok(())
}

/// psql's Ctrl-C: a cancel request on a connection of its own.
fn cancel(address: &Address, direct: &Address, name: &str) -> Result<()> {
    let mut sleeper =
        Running::start(psql(address)?.args(["-c", &format!("SELECT pg_sleep(600) AS {name}")]))?;
    let sleeping = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%{name}'"
    );
    let end = deadline();
    while query(direct, &sleeping)? != "1" {
        if std::time::Instant::now() >= end {
            bail!("the query does not run: {}", sleeper.text());
        }
    }
    workspace::output(Command::new("kill").args(["-INT", &sleeper.id().to_string()]))?;
    ensure!(sleeper.exit(deadline()).is_some(), "psql did not end: {}", sleeper.text());
    ensure!(sleeper.err_text().contains("canceling statement due to user request"), "{}", sleeper.text());
    Ok(())
}

fn query(address: &Address, query: &str) -> Result<String> {
    jobs::text(psql(address)?.args(["-c", query])).with_context(|| query.to_owned())
}

/// psql without the user's configuration, and without TLS of its own.
fn psql(address: &Address) -> Result<Command> {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-w", "-U", "test", "-d", "postgres"]);
    command.env("PGSSLMODE", "disable").env("PGGSSENCMODE", "disable");
    match address {
        Address::Tcp(port) => command.args(["-h", "127.0.0.1", "-p", &port.to_string()]),
        Address::Unix(path) => {
            let name =
                path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(SOCKET));
            let port = name.with_context(|| format!("{} is not a socket for psql", path.display()))?;
            command.arg("-h").arg(path.parent().unwrap_or(Path::new("/"))).args(["-p", port])
        }
    };
    Ok(command)
}

/// A program of the server, as a user.
fn program(name: &str, user: Option<&str>) -> Result<Command> {
    peers::require(peers::POSTGRES)?;
    let path = peers::newest(peers::POSTGRES).unwrap_or_default().with_file_name(name);
    Ok(match user {
        None => Command::new(path),
        Some(user) => {
            peers::require("setpriv")?;
            let mut command = Command::new("setpriv");
            command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(path);
            // Its own folder may be one that the user cannot enter.
            command.current_dir("/");
            command
        }
    })
}

fn is_root() -> Result<bool> {
    Ok(workspace::output(Command::new("id").arg("-u"))?.trim() == "0")
}
