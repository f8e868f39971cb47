//! Standard output that is full is told and is exit code 1; one that nobody reads any more is not.

mod program;

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use program::{Directory, Running, has_ended, program, run, server};

const FULL: &str = "standard output: No space left on device";

fn capture() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../vectors/handshakes/corpus/psk-hex-vs-ascii.pcapng")
        .display()
        .to_string()
}

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// Runs it with a standard output that takes nothing.
fn on_full_disk(arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null()).stdout(full()).output().unwrap()
}

/// Runs it with a standard output that nobody reads.
fn unread(arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

#[test]
fn of_commands_that_print() {
    let capture = capture();
    let checked = Running::serve(&["--self-signed", "localhost", "--echo"]);
    let address = checked.address();
    let commands: &[&[&str]] = &[
        &["explain", &capture],
        &["explain", &capture, "--json"],
        &["check", &address, "--quiet"],
        &["check", &address, "--quiet", "--json"],
        &["demo"],
        &["--help"],
        &["serve", "--help"],
        &["--version"],
    ];
    for command in commands {
        has_ended(&on_full_disk(command), 1, &[FULL], &format!("{command:?}"));
        has_ended(&unread(command), 0, &[], &format!("{command:?}"));
    }
}

#[test]
fn of_connect() {
    for is_full in [true, false] {
        let (address, serving) = server(|mut stream| {
            let _ = stream.write_all(&[b'x'; 100_000]).and_then(|()| stream.close());
        });
        let arguments = ["connect", &address, "--danger-accept-any"];
        match is_full {
            true => has_ended(&on_full_disk(&arguments), 1, &[FULL], "connect"),
            false => has_ended(&unread(&arguments), 0, &[], "connect"),
        }
        serving.join().unwrap();
    }
}

/// A server of ours, told this much by one client, and how it ends.
fn of_a_server(arguments: &[&str], out: Stdio, drop_out: bool) -> (Option<i32>, String) {
    let mut command = Command::new(program());
    let mut running = Running::start(command.args(arguments).stdout(out));
    if drop_out {
        drop(running.child.stdout.take());
    }
    let mut client = Command::new(program());
    client.args(["connect", &running.address(), "--danger-accept-any", "--half-close"]);
    let mut client =
        client.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _ = client.stdin.take().unwrap().write_all(b"a line without an end");
    let code = running.wait().code();
    client.wait().unwrap();
    thread::sleep(Duration::from_millis(50));
    (code, running.told())
}

#[test]
fn of_servers() {
    let serve = ["serve", "127.0.0.1:0", "--self-signed", "localhost"];
    let listen = ["listen", "127.0.0.1:0"];
    for (command, once) in [(&serve[..], true), (&serve, false), (&listen, true), (&listen, false)] {
        let command = if once { [command, &["--once"]].concat() } else { command.to_vec() };
        let (code, told) = of_a_server(&command, full(), false);
        assert_eq!(code, Some(1), "{command:?}: {told}");
        assert!(told.contains(FULL), "{command:?}: {told}");
        let (code, told) = of_a_server(&command, Stdio::piped(), true);
        assert_eq!(code, Some(0), "{command:?}: {told}");
    }
}

#[test]
fn of_files() {
    let directory = Directory::new("files");
    let capture = capture();
    // Cannot be opened: a usage error, and nothing else happens.
    for (flag, command) in [
        ("--html", vec!["explain", &capture]),
        ("--report", vec!["connect", "127.0.0.1:1"]),
        ("--ocsp", vec!["connect", "127.0.0.1:1"]),
        ("--session", vec!["connect", "127.0.0.1:1"]),
        ("--keylog", vec!["connect", "127.0.0.1:1"]),
        ("--report", vec!["serve", "127.0.0.1:0", "--self-signed", "localhost"]),
        ("--keylog", vec!["serve", "127.0.0.1:0", "--self-signed", "localhost"]),
    ] {
        let path = directory.at("none/x");
        let output = run(&[&command[..], &[flag, &path]].concat());
        has_ended(&output, 2, &[flag, &path, "No such file or directory"], flag);
        assert!(output.stdout.is_empty());
    }
    // Can be opened, and takes nothing.
    let output = run(&["explain", &capture, "--html", "/dev/full"]);
    has_ended(&output, 1, &["--html /dev/full: No space left on device"], "a full disk");
    // Nothing to report of a server that was never reached: no file is left behind, and one that
    // was there stays as it is.
    let new = directory.at("new.report");
    let old = directory.file("old.report", b"as it was");
    for path in [&new, &old] {
        has_ended(
            &run(&["connect", "127.0.0.1:1", "--report", path]),
            1,
            &["127.0.0.1:1: Connection refused"],
            path,
        );
    }
    assert!(!Path::new(&new).exists());
    assert_eq!(std::fs::read(&old).unwrap(), b"as it was");
}

#[test]
fn a_full_standard_error_ends_nothing() {
    let mut command = Command::new(program());
    command.args(["connect", "127.0.0.1:1"]).stdin(Stdio::null()).stderr(full());
    assert_eq!(command.status().unwrap().code(), Some(1));
}
