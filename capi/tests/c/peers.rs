//! The examples and OpenSSL as processes, with their output.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
};

use crate::build::{Kind, example, run};

pub const KEY: &str = "000102030405060708090a0b0c0d0e0f";
pub const WRONG_KEY: &str = "f00102030405060708090a0b0c0d0e0f";

/// Leaks and invalid accesses fail.
pub const VALGRIND: [&str; 4] = [
    "--quiet",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,indirect,possible",
    "--error-exitcode=99",
];

/// How a process ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub error: String,
}

/// A self-signed certificate for localhost, in a directory that is removed on drop.
pub struct Credentials(tempfile::TempDir);

impl Credentials {
    pub fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        let request = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 7 -subj /CN=capi \
                       -addext subjectAltName=DNS:localhost";
        let (key, certificate) = (this.path("key.pem"), this.path("cert.pem"));
        let arguments: Vec<&str> = request.split_whitespace().collect();
        run("openssl", &[&arguments[..], &["-keyout", &key, "-out", &certificate]].concat());
        this
    }

    pub fn path(&self, file: &str) -> String {
        self.0.path().join(file).display().to_string()
    }

    /// The pin of the key, computed by OpenSSL.
    pub fn pin(&self) -> String {
        let command = format!(
            "openssl x509 -in {} -pubkey -noout | openssl pkey -pubin -outform DER | \
             openssl dgst -sha256 -binary | openssl base64",
            self.path("cert.pem")
        );
        format!("sha256/{}", run("sh", &["-c", &command]).trim())
    }
}

/// A server that ends on drop.
pub struct Server {
    child: Child,
    pub port: String,
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port().to_string()
}

impl Server {
    /// `openssl s_server -rev`: it sends back each line reversed.
    pub fn start(credentials: Option<&Credentials>, options: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new("openssl");
        command.args(["s_server", "-rev", "-accept", &format!("127.0.0.1:{port}")]).args(options);
        if let Some(credentials) = credentials {
            command.args(["-cert", &credentials.path("cert.pem"), "-key", &credentials.path("key.pem")]);
        }
        Self::spawn(command.stderr(Stdio::null()), port, "ACCEPT")
    }

    fn spawn(command: &mut Command, port: String, ready: &str) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.is_ok_and(|line| line.starts_with(ready))), "it listens");
        // The rest of the output is read, so that the process is not blocked.
        thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    /// Waits for the end of our server; what it printed about its connections.
    pub fn finish(&mut self) -> String {
        let mut words = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        assert!(self.child.wait().unwrap().success(), "{words}");
        words
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Our server for so many connections.
pub fn serve(count: &str, options: &[&str]) -> Server {
    let port = free_port();
    let program = example("server", Kind::Sanitized);
    let mut command = Command::new(program);
    Server::spawn(command.args([&port, count]).args(options).stderr(Stdio::piped()), port, "listening")
}

pub fn serve_under_valgrind(count: &str, options: &[&str]) -> Server {
    let port = free_port();
    let mut command = Command::new("valgrind");
    command.args(VALGRIND).arg(example("server", Kind::Plain)).args([&port, count]).args(options);
    Server::spawn(command.stderr(Stdio::piped()), port, "listening")
}

/// Our client, which sends a line.
pub fn client(server: &Server, options: &[&str]) -> Outcome {
    let mut command = Command::new(example("client", Kind::Sanitized));
    finish(command.args(["127.0.0.1", &server.port]).args(options), InputEnds::AtOnce)
}

pub fn client_under_valgrind(server: &Server, options: &[&str]) -> Outcome {
    let mut command = Command::new("valgrind");
    command.args(VALGRIND).arg(example("client", Kind::Plain));
    finish(command.args(["127.0.0.1", &server.port]).args(options), InputEnds::AtOnce)
}

/// `openssl s_client`, which sends a line and ends when the server answered it or closed.
pub fn s_client(server: &Server, options: &[&str]) -> Outcome {
    let mut command = Command::new("openssl");
    let address = format!("127.0.0.1:{}", server.port);
    command.args(["s_client", "-quiet", "-no_ign_eof", "-connect", &address]).args(options);
    finish(&mut command, InputEnds::AfterAnswer)
}

/// When the input of a client ends, which OpenSSL's client takes as its end.
#[derive(PartialEq)]
enum InputEnds {
    AtOnce,
    /// After a line of output, or the end of the client.
    AfterAnswer,
}

/// Sends a line.
fn finish(command: &mut Command, input_ends: InputEnds) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    // A client that was refused reads no more.
    let _ = input.write_all(b"ping\n");
    let mut out = Vec::new();
    if input_ends == InputEnds::AfterAnswer {
        output.read_until(b'\n', &mut out).unwrap();
    }
    drop(input);
    output.read_to_end(&mut out).unwrap();
    let rest = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Outcome { code: rest.status.code().unwrap_or(-1), out: text(out), error: text(rest.stderr) }
}

/// The flags for an installed library.
pub fn pkg_config(prefix: &str) -> String {
    let path = format!("PKG_CONFIG_PATH={prefix}/lib/pkgconfig");
    run("env", &[&path, "pkg-config", "--cflags", "--libs", "--static", "handclasp"])
}
