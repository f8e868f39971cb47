//! `handclasp serve` on a machine that runs out of descriptors: it lives, it is quiet, it does not spin, and a client
//! that speaks is served though a hundred silent ones are there.

mod program;

use std::{
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use program::{Running, has_ended, program, run_with};

const SILENT: usize = 100;

/// Lines that a server may write about a hundred silent clients.
const LINES: usize = 30;

/// What a known client gets of the server.
fn is_served(server: &Running) -> Duration {
    let begun = Instant::now();
    let arguments = ["connect", &server.address(), "--danger-accept-any", "--half-close", "--quiet"];
    let output = run_with(&arguments, b"hello");
    has_ended(&output, 0, &[], "a known client");
    assert_eq!(program::out(&output), "hello");
    begun.elapsed()
}

/// Seconds of processor time that a process has used.
fn processor_time(server: &Running) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // utime and stime, the 14th and 15th field of all; a tick is a hundredth of a second.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn connect(server: &Running) -> TcpStream {
    TcpStream::connect(server.address()).unwrap()
}

/// A hundred silent clients, and one that speaks.
fn lives(mut server: Running, cause: &str) {
    let silent: Vec<TcpStream> = (0..SILENT).map(|_| connect(&server)).collect();
    server.until(|told| told.contains(cause).then_some(()));
    // By now the oldest have had their time, and the rest of them is in.
    let first = is_served(&server);
    let second = is_served(&server);
    // Without a place of their own they would wait for the deadline of a silent handshake, 30 s.
    assert!(first.min(second) < Duration::from_secs(10), "{first:?}, then {second:?}");
    // A silent client leaves, and its place is free at once.
    let mut silent = silent;
    drop(silent.pop());
    is_served(&server);
    let before = processor_time(&server);
    thread::sleep(Duration::from_secs(1));
    // A busy loop would use most of that second.
    let used = processor_time(&server) - before;
    assert!(used < 0.5, "{used} s of processor time while nothing happens");
    assert!(server.child.try_wait().unwrap().is_none(), "{}", server.told());
    drop(silent);
    is_served(&server);
    let told = server.told();
    assert!(told.lines().count() < LINES, "{} lines: {told}", told.lines().count());
    assert!(told.contains("more of this kind"), "{told}");
}

/// A server that may open 60 files, of which it finds some open.
fn with_sixty_files(open: &str) -> Running {
    // Other shells know descriptors up to 9.
    let mut command = Command::new("bash");
    let serve = format!("ulimit -n 60; exec \"$0\" serve 127.0.0.1:0 --echo --self-signed localhost {open}");
    command.args(["-c", &serve, program()]).stdout(Stdio::null());
    Running::start(&mut command)
}

#[test]
fn fewer_descriptors_than_connections() {
    let server = with_sixty_files("");
    let told = server.told();
    assert!(told.contains("may open 60 files") && told.contains("at most 28 connections"), "{told}");
    lives(server, "(--max-connections)");
}

#[test]
fn without_descriptors() {
    let open: Vec<String> = (10..40).map(|number| format!("{number}</dev/null")).collect();
    lives(with_sixty_files(&open.join(" ")), "Too many open files");
}

#[test]
fn a_bound_of_handshakes() {
    let server = Running::serve(&["--echo", "--self-signed", "localhost", "--max-handshakes", "3"]);
    let silent: Vec<TcpStream> = (0..3).map(|_| connect(&server)).collect();
    // It waits for the oldest to have had its second, and then it is in.
    is_served(&server);
    let told = server.told();
    assert!(told.contains("was dropped in favour of another client (--max-handshakes)"), "{told}");
    drop(silent);
}

#[test]
fn a_bound_of_one_address() {
    let mut server = Running::serve(&["--echo", "--self-signed", "localhost", "--max-per-address", "1"]);
    let silent = connect(&server);
    // The silent one gives way at once, for the address is the same.
    is_served(&server);
    drop(silent);
    // A connection whose handshake is finished does not.
    let mut first = Command::new(program());
    first.args(["connect", &server.address(), "--danger-accept-any"]).stdin(Stdio::piped());
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.until(|told| (told.matches(" accepted: ").count() == 2).then_some(()));
    let second = run_with(&["connect", &server.address(), "--danger-accept-any"], b"");
    assert_ne!(second.status.code(), Some(0));
    server.until(|told| told.contains("its address has 1 connections (--max-per-address)").then_some(()));
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_bound_of_connections_lets_the_next_one_wait() {
    let mut server = Running::serve(&["--echo", "--self-signed", "localhost", "--max-connections", "1"]);
    let mut first = Command::new(program());
    first.args(["connect", &server.address(), "--danger-accept-any"]).stdin(Stdio::piped());
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.until(|told| told.contains(" accepted: ").then_some(()));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| is_served(&server));
        thread::sleep(Duration::from_millis(1_500));
        assert!(!waiting.is_finished());
        first.kill().unwrap();
        waiting.join().unwrap();
    });
    first.wait().unwrap();
}
