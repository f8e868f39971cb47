//! The programs with hyper, axum and mio: each serves a request on a port of its own. And reload, on SIGHUP.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    thread,
};

use handclasp::{
    CertificateParams, Client, Identity, IssuedCertificate, Pin, Trust, identity::private_file::PrivateFile,
};

/// A server that is ended with the test.
struct Running {
    program: Child,
    address: String,
    pin: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[cfg(unix)]
impl Running {
    fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.program.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(id.expect("an id"), signal).expect("sent");
    }
}

/// Starts a server on a free port, and reads the address and the pin that it prints.
fn start(program: &str) -> Running {
    start_with(program, &[])
}

/// The same with further arguments.
fn start_with(program: &str, arguments: &[&str]) -> Running {
    let mut command = Command::new(program);
    command.arg("127.0.0.1:0").args(arguments);
    let mut program = command.stdout(Stdio::piped()).spawn().expect("starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(program.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("is printed");
    let (address, pin) = line.trim().split_once(' ').unwrap_or_else(|| panic!("no address: {line:?}"));
    let (address, pin) = (address.to_owned(), pin.to_owned());
    Running { program, address, pin }
}

/// What the client with hyper prints: the body, and on stderr the version and status.
fn get(server: &Running, path: &str) -> (String, String) {
    let client = Command::new(env!("CARGO_BIN_EXE_hyper_client"))
        .args([&server.address, path, &server.pin])
        .output()
        .expect("runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(client.stdout), text(client.stderr))
}

#[test]
fn hyper_serves_hyper() {
    let server = start(env!("CARGO_BIN_EXE_hyper_server"));
    let (body, status) = get(&server, "/file");
    assert_eq!(body, "hello over HTTP/2.0 from /file\n", "{status}");
    assert_eq!(status, "HTTP/2.0 200 OK\n");
}

#[test]
fn axum_serves_hyper() {
    let server = start(env!("CARGO_BIN_EXE_axum_server"));
    // A client that says nothing holds nobody up.
    let _silent = std::net::TcpStream::connect(&server.address).expect("connects");
    let (body, status) = get(&server, "/hello/world");
    assert_eq!(body, "hello world\n", "{status}");
    assert_eq!(get(&server, "/other").1, "HTTP/2.0 404 Not Found\n");
}

/// The key of a client is known in the handler, others are refused, and a request that runs at the end is answered.
#[cfg(unix)]
#[test]
fn axum_knows_its_clients_and_ends_in_order() {
    let [one, other] = ["one.test", "other.test"].map(|name| Identity::self_signed(&[name]).expect("made"));
    let pin = Pin::of_spki(&one.spki()).to_string();
    let server = start_with(env!("CARGO_BIN_EXE_axum_server"), &[&pin]);
    let ask = |client: &Client, path: &str| {
        let mut stream = client.connect_to(&server.address, None)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    let known = client(&server).identity(one);
    let answer = ask(&known, "/me").expect("answers");
    assert!(answer.ends_with(&format!("\r\n\r\nyou have the certificate {pin}\n")), "{answer}");
    ask(&client(&server), "/me").expect_err("a client without a key");
    ask(&client(&server).identity(other), "/me").expect_err("a client with another key");

    // A client that keeps its connection: it ends in order with the server.
    let mut idle = known.connect_to(&server.address, None).expect("connects");
    idle.write_all(b"GET /hello/idle HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello idle\n") {
        let mut byte = [0];
        idle.read_exact(&mut byte).expect("answers");
        answer.extend(byte);
    }
    server.signal(rustix::process::Signal::INT);
    assert_eq!(idle.read_to_end(&mut Vec::new()).expect("an end in order"), 0);
    let mut server = server;
    assert!(server.program.wait().expect("ends").success());
}

/// Refusals and failures are counted; a drain answers the request that runs, and ends the program.
#[cfg(unix)]
#[test]
fn the_server_with_limits_counts_and_drains() {
    let mut server = start(env!("CARGO_BIN_EXE_limits"));
    let mut stranger = std::net::TcpStream::connect(&server.address).expect("connects");
    stranger.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("sent");
    let _ = stranger.read_to_end(&mut Vec::new());
    assert_eq!(get(&server, "/page").0, "hello /page\n");
    let counter = |name: &str| -> usize {
        let shown = get(&server, "/metrics").0;
        let line = shown.lines().find_map(|line| line.strip_prefix(name)).expect("it is counted");
        line.trim().parse().expect("a number")
    };
    // The stranger sees its end before the failure is counted.
    assert!((0..1000).any(|_| counter("handshake_failures_total") == 1));
    assert_eq!(counter("refused_total"), 0);
    let requests = counter("requests_total");
    let mut slow = client(&server).connect_to(&server.address, None).expect("connects");
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    // Each look is a request, too; the slow one is one more.
    let is_read = (1..1000).any(|looks| counter("requests_total") == requests + looks + 1);
    assert!(is_read, "the server reads the request");
    server.signal(rustix::process::Signal::INT);
    let mut answer = String::new();
    slow.read_to_string(&mut answer).expect("an end in order");
    assert!(answer.ends_with("\r\n\r\ndone\n"), "{answer:?}");
    assert!(server.program.wait().expect("ends").success());
}

/// HTTP/1.1 for clients without ALPN.
#[test]
fn hyper_serves_http_1_without_alpn() {
    let server = start(env!("CARGO_BIN_EXE_hyper_server"));
    let mut stream = client(&server).connect_to(&server.address, None).expect("connects");
    stream.write_all(b"GET /old HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("close_notify");
    assert!(answer.ends_with("\r\n\r\nhello over HTTP/1.1 from /old\n"), "{answer}");
}

fn client(server: &Running) -> Client {
    Client::new(Trust::Pins(vec![Pin::parse(&server.pin).expect("a pin")]))
}

#[test]
fn mio_echoes_for_several_clients() {
    let server = start(env!("CARGO_BIN_EXE_mio"));
    let client = client(&server);
    let mut streams: Vec<_> =
        (0..3).map(|_| client.connect_to(&server.address, None).expect("connects")).collect();
    for stream in &mut streams {
        stream.write_all(b"hello").expect("sent");
    }
    for stream in &mut streams {
        let mut text = [0; 5];
        stream.read_exact(&mut text).expect("comes back");
        assert_eq!(&text, b"hello");
    }
    let stream = streams.pop().expect("three");
    let (mut read, mut write) = stream.split().expect("splits");
    // More than the queue of a connection takes at once.
    let data = vec![7; 200_000];
    let sent = data.clone();
    let writing = thread::spawn(move || {
        write.write_all(&sent).expect("sent");
        write.close().expect("sent");
    });
    let mut came = Vec::new();
    read.read_to_end(&mut came).expect("close_notify");
    writing.join().expect("ends");
    assert!(came == data, "{} bytes", came.len());
}

/// A certificate is replaced under a connection that runs: it goes on, and the next one gets the new certificate. A
/// file that does not parse changes nothing.
#[cfg(unix)]
#[test]
fn reload_replaces_the_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let write = || {
        let made = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"])).expect("made");
        std::fs::write(&certificate, made.certificate_pem()).expect("written");
        let _ = std::fs::remove_file(&key);
        let mut file = PrivateFile::new(&key, 1 << 16).append().expect("a file for us alone");
        file.write_all(made.key_pem().as_bytes()).expect("written");
    };
    write();
    let mut program = Command::new(env!("CARGO_BIN_EXE_reload"))
        .arg("127.0.0.1:0")
        .args([&certificate, &key])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(program.stdout.take().expect("piped")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let first = line();
    let (address, pin) = first.split_once(' ').expect("address and pin");
    let mut server = Running { program, address: address.to_owned(), pin: pin.to_owned() };
    let hang_up = |server: &Running| server.signal(rustix::process::Signal::HUP);
    let echoes = |stream: &mut dyn ReadWrite| {
        stream.write_all(b"hello").expect("sent");
        let mut back = [0; 5];
        stream.read_exact(&mut back).expect("echoed");
        assert_eq!(&back, b"hello");
    };
    let old_client = client(&server);
    let mut running = old_client.connect_to(&server.address, None).expect("connects");
    echoes(&mut running);

    write();
    hang_up(&server);
    let reloaded = line();
    server.pin = reloaded.strip_prefix("reloaded ").expect("is reloaded").to_owned();
    echoes(&mut running);
    echoes(&mut client(&server).connect_to(&server.address, None).expect("connects"));
    assert!(old_client.without_resumption().connect_to(&server.address, None).is_err());

    std::fs::write(&certificate, "not PEM").expect("written");
    hang_up(&server);
    assert!(line().starts_with("not reloaded: "));
    echoes(&mut client(&server).connect_to(&server.address, None).expect("connects"));
    echoes(&mut running);
}

#[cfg(unix)]
trait ReadWrite: Read + Write {}
#[cfg(unix)]
impl<S: Read + Write> ReadWrite for S {}
