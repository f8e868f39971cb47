//! What systemd and the program tell each other, without systemd: the test is its socket and passes the sockets.

mod daemons;
mod program;

use std::{
    collections::HashMap,
    net::TcpStream,
    os::unix::net::{UnixDatagram, UnixStream},
    process::{Command, Stdio},
};

use daemons::{ONE, client, connect, echoes, send};
use program::{Directory, PATIENCE, Running, daemon, program};
use rustix::process::Signal;

/// The socket of NOTIFY_SOCKET.
struct Manager(UnixDatagram);

impl Manager {
    fn new(path: &str) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// The next notification.
    #[track_caller]
    fn next(&self) -> HashMap<String, String> {
        let mut buffer = [0; 4096];
        let length = self.0.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        let pairs = text.lines().map(|line| line.split_once('=').unwrap());
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// The next one that has this key; its value.
    #[track_caller]
    fn until(&self, key: &str) -> HashMap<String, String> {
        loop {
            let told = self.next();
            if told.contains_key(key) {
                return told;
            }
        }
    }
}

fn serve(directory: &Directory, flags: &[&str]) -> Command {
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut command = daemon();
    command.arg("serve").args(flags).args(["--echo", "--psk-file", &keys]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// The protocol of `Type=notify-reload` (systemd.service(5)): RELOADING with the monotonic clock, then READY.
#[test]
fn readiness_reloads_and_the_end_are_notified() {
    let directory = Directory::new("notify");
    let manager = Manager::new(&directory.at("notify"));
    let mut running =
        Running::start(serve(&directory, &["127.0.0.1:0"]).env("NOTIFY_SOCKET", directory.at("notify")));
    let ready = manager.next();
    assert_eq!(ready["READY"], "1");
    assert_eq!(ready["STATUS"], format!("listening on 127.0.0.1:{}", running.port));
    let now = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    };
    let before = now();
    send(&running, Signal::HUP);
    let reloading = manager.next();
    assert_eq!(reloading["RELOADING"], "1");
    let at: i64 = reloading["MONOTONIC_USEC"].parse().unwrap();
    assert!((before..=now()).contains(&at), "{before} {at}");
    assert_eq!(manager.next()["READY"], "1");
    // A reload that is refused ends, too: the service goes on.
    directory.file("keys", b"nothing\n");
    send(&running, Signal::HUP);
    assert_eq!(manager.next()["RELOADING"], "1");
    let ready = manager.next();
    assert_eq!(ready["READY"], "1");
    assert!(ready["STATUS"].starts_with("the last reload was refused; listening on"), "{ready:?}");
    send(&running, Signal::TERM);
    assert_eq!(manager.next()["STOPPING"], "1");
    assert_eq!(running.wait().code(), Some(0));
}

#[test]
fn the_watchdog_is_fed() {
    let directory = Directory::new("watchdog");
    let manager = Manager::new(&directory.at("notify"));
    let mut command = serve(&directory, &["127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", directory.at("notify")).env("WATCHDOG_USEC", "20000");
    let _running = Running::start(&mut command);
    for _ in 0..3 {
        manager.until("WATCHDOG");
    }
}

/// A service manager that does not read keeps nobody waiting: its queue is full after some notifications.
#[test]
fn a_manager_that_does_not_read_stops_no_server() {
    let directory = Directory::new("notify-full");
    let _manager = Manager::new(&directory.at("notify"));
    let mut command = serve(&directory, &["127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", directory.at("notify")).env("WATCHDOG_USEC", "2000");
    let mut running = Running::start(&mut command);
    echoes(&mut connect(&client("door", ONE), running.port));
    // More than the queue of a datagram socket holds (net.unix.max_dgram_qlen).
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        echoes(&mut connect(&client("door", ONE), running.port));
    }
    send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
}

/// systemd in a container passes a name of the abstract namespace.
#[test]
#[cfg(target_os = "linux")]
fn a_manager_in_the_abstract_namespace() {
    use std::os::{linux::net::SocketAddrExt as _, unix::net::SocketAddr};
    let directory = Directory::new("notify-abstract");
    let name = format!("handclasp-notify-{}", std::process::id());
    let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = serve(&directory, &["127.0.0.1:0"]);
    let _running = Running::start(command.env("NOTIFY_SOCKET", format!("@{name}")));
    assert_eq!(Manager(socket).next()["READY"], "1");
}

/// Nobody is notified of a server that cannot start.
#[test]
fn a_server_that_does_not_listen_is_not_ready() {
    let directory = Directory::new("notify-not");
    let manager = Manager::new(&directory.at("notify"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output =
        serve(&directory, &[&address]).env("NOTIFY_SOCKET", directory.at("notify")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    manager.0.set_nonblocking(true).unwrap();
    assert!(manager.0.recv(&mut [0; 16]).is_err());
}

/// systemd's own tool passes the sockets; the program starts with the first client.
fn activated(arguments: &[&str], directory: &Directory, serve: &[&str]) -> Command {
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut command = Command::new("systemd-socket-activate");
    command.args(arguments).args([program(), "serve"]).args(serve).args(["--echo", "--psk-file", &keys]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Connects as soon as somebody listens.
fn waited_for(port: u16) {
    let end = std::time::Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(std::time::Instant::now() < end, "nobody listens on {port}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn sockets_of_systemd_are_taken_by_name_and_by_address() {
    let directory = Directory::new("activation");
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    for (flags, listen) in
        [(&["--fdname=web", "-l", &address][..], "systemd:web"), (&["-l", &address], &address)]
    {
        let mut command = activated(flags, &directory, &[listen]);
        let mut child = command.stderr(Stdio::null()).spawn().expect("systemd-socket-activate is installed");
        waited_for(port);
        // The socket survives a reload, which names it again.
        let mut stream = connect(&client("door", ONE), port);
        echoes(&mut stream);
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, Signal::HUP).unwrap();
        echoes(&mut connect(&client("door", ONE), port));
        echoes(&mut stream);
        rustix::process::kill_process(id, Signal::TERM).unwrap();
        drop(stream);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_unix_socket_of_systemd() {
    let directory = Directory::new("activation-unix");
    let path = directory.at("s");
    let mut child = activated(&["-l", &path], &directory, &[&format!("unix:{path}")])
        .stderr(Stdio::null())
        .spawn()
        .expect("systemd-socket-activate is installed");
    let end = std::time::Instant::now() + PATIENCE;
    let socket = loop {
        match UnixStream::connect(&path) {
            Ok(socket) => break socket,
            Err(error) => assert!(std::time::Instant::now() < end, "{error}"),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let mut stream = client("door", ONE).connect_over(socket, None).unwrap();
    std::io::Write::write_all(&mut stream, b"hello").unwrap();
    std::io::Read::read_exact(&mut stream, &mut [0; 5]).unwrap();
    drop(stream);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_socket_that_nobody_named_is_an_error_or_a_warning() {
    let directory = Directory::new("activation-names");
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let end_of = |flags: &[&str], serve: &[&str]| {
        let child = activated(flags, &directory, serve).stderr(Stdio::piped()).spawn().unwrap();
        waited_for(port);
        child.wait_with_output().unwrap()
    };
    let output = end_of(&["--fdname=web", "-l", &address], &["systemd:other"]);
    let told = program::err(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains(&format!("systemd:other: systemd passed no socket of that name, but web ({address})")),
        "{told}"
    );
    let output = program::run(&["serve", "systemd:web", "--echo", "--self-signed", "localhost"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(program::err(&output).contains("FileDescriptorName=web"), "{}", program::err(&output));

    let mut command = activated(&["--fdname=web", "-l", &address], &directory, &["127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    waited_for(port);
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let warned =
        lines.any(|line| line.unwrap().contains(&format!("systemd passed the socket web ({address})")));
    assert!(warned);
    child.kill().unwrap();
    child.wait().unwrap();
}
