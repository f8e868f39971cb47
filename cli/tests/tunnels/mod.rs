//! What the tests of tunnels share: a service, certificates, programs of others.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixListener,
    process::{Command, Stdio},
    thread,
};

use crate::program::{Directory, PATIENCE, Running, program};

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An address that answers no connection: the queue of its listener is full.
pub fn unanswered() -> (String, impl Sized) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap().into_std().unwrap();
    let address = listener.local_addr().unwrap();
    // One more than the queue is said to hold.
    let waiting = [TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap()];
    (address.to_string(), (listener, waiting))
}

/// A service that sends everything back, then ends.
pub struct Echo {
    pub port: u16,
    address: String,
}

impl Echo {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
            }
        });
        Self { port, address: format!("127.0.0.1:{port}") }
    }

    pub fn start_unix(path: &str) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || std::io::copy(&mut &stream, &mut &stream));
            }
        });
        Self { port: 0, address: format!("unix:{path}") }
    }

    pub fn address(&self) -> String {
        self.address.clone()
    }
}

/// Sends a question, ends, and reads the answer to its end.
#[track_caller]
pub fn asked(address: &str, question: &[u8]) -> Vec<u8> {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.write_all(question).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    answer
}

/// `handclasp tunnel 127.0.0.1:0 TARGET` and these arguments.
pub fn tunnel(target: &str, arguments: &[&str]) -> Running {
    let mut command = Command::new(program());
    Running::start(command.args(["tunnel", "127.0.0.1:0", target]).args(arguments).stdout(Stdio::null()))
}

/// A server of ours on a UNIX socket.
pub fn listening(command: &mut Command, address: &str) -> Running {
    Running::foreign_ready(command.stdin(Stdio::null()), &format!("listening on {address}"))
}

/// stunnel with one service of these lines.
pub fn stunnel(directory: &Directory, service: &str) -> Running {
    let name = format!("stunnel-{}.conf", free_port());
    let file =
        directory.file(&name, format!("foreground = yes\npid =\nsyslog = no\n[s]\n{service}").as_bytes());
    Running::foreign_ready(Command::new("stunnel").arg(file).stdin(Stdio::null()), "Configuration successful")
}

/// A CA, a certificate of it for `server.test` and one for `client.test`.
pub struct Certificates {
    pub directory: Directory,
    pub ca: String,
}

impl Certificates {
    pub fn new(name: &str) -> Self {
        let directory = Directory::new(name);
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            command.args(arguments.split(' ')).current_dir(directory.path());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=tunnel-CA -days 2"));
        for name in ["server", "client"] {
            openssl(&format!(
                "req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}.test -addext subjectAltName=DNS:{name}.test"
            ));
            openssl(&format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem -days 2 -copy_extensions copy"
            ));
        }
        let ca = directory.at("ca.pem");
        Self { directory, ca }
    }

    pub fn at(&self, name: &str) -> String {
        self.directory.at(name)
    }

    /// The flags of a server.
    pub fn server(&self) -> Vec<&'static str> {
        let (cert, key) = (self.at("server.pem"), self.at("server.key"));
        vec!["--cert", cert.leak(), "--key", key.leak()]
    }

    /// The flags of a client with its certificate.
    pub fn client(&self) -> Vec<String> {
        [
            "--ca",
            &self.ca,
            "--name",
            "server.test",
            "--cert",
            &self.at("client.pem"),
            "--key",
            &self.at("client.key"),
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
