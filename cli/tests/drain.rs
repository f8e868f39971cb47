//! SIGTERM and SIGINT: what runs may end by itself for some time, what comes is refused, and a second signal ends all.

mod daemons;
mod program;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use daemons::{ONE, client, connect, echoes, send};
use program::{Directory, Running, program};
use rustix::process::Signal;

fn serve(directory: &Directory, flags: &[&str]) -> Running {
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    Running::serve(&[&["--echo", "--psk-file", &keys], flags].concat())
}

#[test]
fn a_server_without_connections_ends_at_once() {
    let directory = Directory::new("drain-idle");
    for signal in [Signal::TERM, Signal::INT] {
        let mut running = serve(&directory, &["--drain", "3600"]);
        send(&running, signal);
        assert_eq!(running.wait().code(), Some(0));
        assert!(running.told_in_time("ending").contains("ending without connections"), "{}", running.told());
    }
}

#[test]
fn connections_end_by_themselves() {
    let directory = Directory::new("drain-wait");
    let mut running = serve(&directory, &["--drain", "3600"]);
    let mut stream = connect(&client("door", ONE), running.port);
    echoes(&mut stream);
    send(&running, Signal::TERM);
    running.told_in_time("ending with 1 connection: for at most 3600 s");
    // The port is free for the next server, and what runs goes on.
    let end = std::time::Instant::now() + program::PATIENCE;
    while TcpStream::connect(("127.0.0.1", running.port)).is_ok() {
        assert!(std::time::Instant::now() < end, "it still accepts");
    }
    echoes(&mut stream);
    assert!(running.child.try_wait().unwrap().is_none());
    stream.close().unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(running.wait().code(), Some(0));
}

#[test]
fn the_time_limit_ends_what_runs() {
    let directory = Directory::new("drain-limit");
    let mut running = serve(&directory, &["--drain", "0"]);
    let mut stream = connect(&client("door", ONE), running.port);
    echoes(&mut stream);
    send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
    assert!(stream.read(&mut [0]).is_err(), "an end of the server that looks like the end of the data");
}

/// The program at the other end of standard output reads nothing.
#[test]
fn a_full_standard_output_does_not_outlive_the_time_limit() {
    let directory = Directory::new("drain-output");
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut command = program::daemon();
    command.args(["serve", "127.0.0.1:0", "--drain", "0", "--psk-file", &keys]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    let mut stream = connect(&client("door", ONE), running.port);
    // More than a pipe, and what lies between, hold.
    stream.get_ref().set_write_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
    while stream.write_all(&[0; 1 << 16]).is_ok() {}
    send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
}

#[test]
fn a_second_signal_ends_at_once() {
    let directory = Directory::new("drain-second");
    let mut running = serve(&directory, &["--drain", "3600"]);
    let mut stream = connect(&client("door", ONE), running.port);
    echoes(&mut stream);
    send(&running, Signal::TERM);
    running.told_in_time("another signal ends them at once");
    send(&running, Signal::INT);
    assert_eq!(running.wait().code(), Some(1));
}

/// Below nohup SIGHUP is ignored, as it was before the program started: it neither ends nor reloads.
#[test]
fn a_hangup_that_was_ignored_stays_ignored() {
    let directory = Directory::new("drain-nohup");
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut command = Command::new("nohup");
    command.args([program(), "serve", "127.0.0.1:0", "--echo", "--psk-file", &keys]);
    let mut running = Running::start(command.stdin(Stdio::null()).stdout(Stdio::null()));
    send(&running, Signal::HUP);
    echoes(&mut connect(&client("door", ONE), running.port));
    send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
    assert!(!running.told().contains("reloaded"), "{}", running.told());
}
