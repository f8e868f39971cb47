//! nginx, and what curl and a WebSocket client do with it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::address::{Address, deadline};
use super::jobs;
use super::upstream::{self, Upstream};
use crate::credentials::Credentials;
use crate::process::{self, Running};
use crate::{peers, workspace};

/// What the page of a browser contains once all of its checks are done.
const PAGE: &str = include_str!("../../services/page.html");

/// An nginx with a large file, and with an upstream that answers in pieces.
pub struct Nginx {
    _server: Running,
    _upstream: Upstream,
    folder: TempDir,
    port: u16,
    h2_port: u16,
    tls_port: u16,
}

impl Nginx {
    /// Starts one, on TCP, on UNIX sockets, and with TLS of its own, for which clients need a certificate.
    pub fn start(credentials: &Credentials) -> Result<Self> {
        peers::require("/usr/sbin/nginx")?;
        let folder = tempfile::tempdir()?;
        let [port, h2_port, tls_port] = [process::free_port()?, process::free_port()?, process::free_port()?];
        let files = folder.path().join("files");
        fs::create_dir(&files)?;
        fs::write(files.join("large"), jobs::large())?;
        fs::write(files.join("page.html"), PAGE)?;
        let configuration = folder.path().join("nginx.conf");
        let text = workspace::read("interop/services/nginx.conf")?;
        let text = text.replace("{folder}", &folder.path().display().to_string());
        let text = text.replace("{plain_port}", &port.to_string()).replace("{h2_port}", &h2_port.to_string());
        fs::write(&configuration, credentials.fill(&text, tls_port)?)?;
        let upstream = Upstream::start(&folder.path().join("upstream"))?;
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-e", "stderr", "-p"]).arg(folder.path()).arg("-c").arg(&configuration);
        let server = Running::start(&mut command)?;
        // Printed once it listens.
        server.wait_ready(deadline(), "event method")?;
        Ok(Self { _server: server, _upstream: upstream, folder, port, h2_port, tls_port })
    }

    /// Where it speaks TLS.
    pub fn tls_address(&self) -> Address {
        Address::Tcp(self.tls_port)
    }

    /// Where every connection begins with a PROXY header.
    pub fn proxied_address(&self) -> Address {
        Address::Unix(self.folder.path().join("proxied"))
    }

    /// Where it speaks HTTP/1.1.
    pub fn address(&self, kind: &str) -> Address {
        if kind == "unix" { Address::Unix(self.folder.path().join("http")) } else { Address::Tcp(self.port) }
    }

    /// Where it speaks HTTP/2 without TLS.
    pub fn h2_address(&self, kind: &str) -> Address {
        if kind == "unix" { Address::Unix(self.folder.path().join("h2")) } else { Address::Tcp(self.h2_port) }
    }
}

/// Everything that curl does with a server at an address, with files that begin with `name`; and a WebSocket.
pub fn check(address: &Address, name: &str) -> Result<()> {
    let url = match address {
        Address::Tcp(port) => format!("http://127.0.0.1:{port}"),
        Address::Unix(_) => "http://server.test".to_owned(),
    };
    let curl = || {
        let mut command = curl();
        if let Address::Unix(path) = address {
            command.arg("--unix-socket").arg(path);
        }
        command
    };
    check_with_curl(&curl, &url, name)?;
    web_socket(address).context("WebSocket")
}

/// What curl does with a server at this URL.
pub fn check_with_curl(curl: &dyn Fn() -> Command, url: &str, name: &str) -> Result<()> {
    let got = jobs::run(curl().arg(format!("{url}/large")), b"").context("GET of 10 MB")?;
    jobs::compare(&got, jobs::large()).context("GET of 10 MB")?;
    put(curl, &format!("{url}/{name}")).context("PUT of 10 MB")?;
    let form = jobs::run(curl().args(["--data-binary", "@-", &format!("{url}/length")]), jobs::rows());
    let expected = format!("POST {}\n", jobs::rows().len());
    jobs::compare(&form.context("POST")?, expected.as_bytes()).context("POST")?;
    keep_alive(&mut curl(), url).context("two requests on a connection")?;
    pieces(curl, url, name).context("a response in pieces")
}

/// The service learns the address of a client through both ends, from PROXY headers.
pub fn check_client_address(address: &Address) -> Result<()> {
    let Address::Tcp(port) = address else { bail!("a client of a UNIX socket has no address") };
    for client in ["127.0.0.1", "127.0.0.77"] {
        let url = format!("http://127.0.0.1:{port}/");
        let seen = jobs::text(curl().args(["--interface", client, &url]))?;
        jobs::compare(seen.as_bytes(), client.as_bytes()).context("the address of the client")?;
    }
    Ok(())
}

/// curl without the user's configuration and proxies.
pub fn curl() -> Command {
    let mut command = Command::new("curl");
    command.args(["--disable", "--silent", "--show-error", "--fail", "--noproxy", "*"]);
    command
}

/// Stores a file, and gets it back.
fn put(curl: &dyn Fn() -> Command, url: &str) -> Result<()> {
    jobs::run(curl().args(["--upload-file", "-", url]), jobs::large())?;
    let got = jobs::run(curl().arg(url), b"")?;
    jobs::compare(&got, jobs::large())?;
    jobs::run(curl().args(["--request", "DELETE", url]), b"").map(drop)
}

fn keep_alive(curl: &mut Command, url: &str) -> Result<()> {
    let page = format!("{url}/page.html");
    let mut running = Running::start(curl.args(["--verbose", &page, &page]))?;
    ensure!(running.exit(deadline()).is_some_and(|status| status.success()), "{}", running.text());
    jobs::compare(&running.output().out, PAGE.repeat(2).as_bytes())?;
    let err = running.err_text();
    ensure!(err.contains("Re-using existing connection"), "the second request opened a connection: {err}");
    Ok(())
}

/// The second piece is sent only once the first one was received.
fn pieces(curl: &dyn Fn() -> Command, url: &str, name: &str) -> Result<()> {
    let mut reading = Running::start(curl().args(["--no-buffer", &format!("{url}/live/pieces/{name}")]))?;
    for piece in [upstream::FIRST, upstream::SECOND] {
        let seen = reading.wait(deadline(), |output| output.contains(piece));
        ensure!(seen.is_ok(), "`{piece}` did not arrive: {}", reading.text());
        jobs::run(curl().arg(format!("{url}/live/next/{name}")), b"")?;
    }
    ensure!(reading.exit(deadline()).is_some_and(|status| status.success()), "{}", reading.text());
    Ok(())
}

/// RFC 6455: the upgrade, then messages that answer each other, and the orderly close.
fn web_socket(address: &Address) -> Result<()> {
    let mut stream = address.connect()?;
    // The example of RFC 6455 §1.3.
    let request = "GET /live/socket HTTP/1.1\r\nHost: server.test\r\nUpgrade: websocket\r\n\
                   Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                   Sec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).with_context(|| String::from_utf8_lossy(&head).into_owned())?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    ensure!(head.starts_with("HTTP/1.1 101 ") && head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    for length in [1, 100, 1000, 60_000] {
        let message = &jobs::large()[..length];
        stream.write_all(&upstream::frame(upstream::TEXT, message, true)?)?;
        let echoed = upstream::read_frame(&mut stream)?;
        ensure!(echoed.opcode == upstream::TEXT, "opcode {}", echoed.opcode);
        jobs::compare(&echoed.payload, message)?;
    }
    stream.write_all(&upstream::frame(upstream::CLOSE, &[3, 232], true)?)?;
    let closed = upstream::read_frame(&mut stream)?;
    ensure!(closed.opcode == upstream::CLOSE, "opcode {}", closed.opcode);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).context("the end after the close")?;
    jobs::compare(&rest, b"")
}
