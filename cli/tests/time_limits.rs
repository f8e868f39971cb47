//! Time limits of flags: to dial, to shake hands, to be idle.

mod daemons;
mod program;
mod tunnels;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use daemons::{ONE, client, connect, echoes};
use program::{Directory, PATIENCE, Running};
use tunnels::{Echo, tunnel, unanswered};

fn keys(directory: &Directory) -> String {
    directory.file("keys", format!("door:{ONE}\n").as_bytes())
}

#[test]
fn a_target_that_does_not_answer_is_given_up_at_the_dial_timeout() {
    let directory = Directory::new("limits-dial");
    let (keys, (target, _full)) = (keys(&directory), unanswered());
    let flags = ["--psk-file", &keys, "--dial-timeout", "1"];
    let tunnel = tunnel(&target, &flags);
    let _plain = TcpStream::connect(tunnel.address()).unwrap();
    tunnel.told_in_time("no answer within 1 s; the client sees a reset");
    let server = Running::serve(&[&["--forward", &target], &flags[..]].concat());
    let _stream = connect(&client("door", ONE), server.port);
    server.told_in_time("(--forward): no answer within 1 s; the client sees a reset");
}

#[test]
fn idle_connections_are_reset_at_the_idle_timeout() {
    let directory = Directory::new("limits-idle");
    let (keys, service) = (keys(&directory), Echo::start());
    let flags = ["--psk-file", &keys, "--idle-timeout", "1"];
    for application in [&["--echo"][..], &["--forward", &service.address()]] {
        let server = Running::serve(&[application, &flags].concat());
        let mut stream = connect(&client("door", ONE), server.port);
        echoes(&mut stream);
        stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        server.told_in_time("closed: no data for as long as --idle-timeout permits");
        assert!(stream.read(&mut [0]).is_err(), "an end without close_notify");
    }
    let server = Running::serve(&["--echo", "--psk-file", &keys]);
    let tunnel = tunnel(&server.address(), &flags);
    let mut plain = TcpStream::connect(tunnel.address()).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    plain.write_all(b"x").unwrap();
    plain.read_exact(&mut [0]).unwrap();
    assert_eq!(plain.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    tunnel.told_in_time("closed: no data for as long as --idle-timeout permits");
}

/// The report of a handshake that failed, for `handclasp explain`.
#[test]
fn a_tunnel_writes_the_report_of_a_server_that_does_not_answer_in_time() {
    let directory = Directory::new("limits-handshake");
    let (keys, report) = (keys(&directory), directory.at("report"));
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let flags = ["--psk-file", &keys, "--handshake-timeout", "1", "--report", &report];
    let tunnel = tunnel(&silent.local_addr().unwrap().to_string(), &flags);
    let mut plain = TcpStream::connect(tunnel.address()).unwrap();
    // Without the flag it would be 30 seconds.
    plain.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    assert_eq!(plain.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let told = tunnel.told_in_time("\n127.0.0.1:");
    let cause = told.split(['[', ']']).nth(1).unwrap_or_else(|| panic!("no cause in {told}"));
    let explained = program::run(&["explain", &report]);
    assert!(program::out(&explained).contains(cause), "{told}{}", program::out(&explained));
}
