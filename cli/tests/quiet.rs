//! `--quiet`: clients that cut off their connections, as many strangers as like, make few lines.

mod daemons;
mod program;
mod tunnels;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use daemons::{ONE, client, connect, send};
use program::{Directory, PATIENCE, Running};
use rustix::process::Signal;
use tunnels::tunnel;

const CLIENTS: usize = 30;

/// Closes a socket on which something is unread, which makes a reset of the end.
fn reset(transport: &TcpStream) {
    transport.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(transport.peek(&mut [0]).unwrap(), 1, "the answer is there");
}

/// Ends it, and looks at its lines about clients.
#[track_caller]
fn has_few_lines(mut running: Running) {
    send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
    let told = running.told();
    let lines = told.lines().filter(|line| line.starts_with("127.0.0.1:")).count();
    assert!((1..=CLIENTS / 2).contains(&lines), "{lines} lines of {CLIENTS} clients: {told}");
}

fn server(name: &str, flags: &[&str]) -> (Directory, Running) {
    let directory = Directory::new(name);
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let server = Running::serve(&[&["--echo", "--psk-file", &keys], flags].concat());
    (directory, server)
}

#[test]
fn clients_that_reset_a_quiet_server_make_few_lines() {
    let (_directory, server) = server("quiet-server", &["--quiet"]);
    for _ in 0..CLIENTS {
        let mut stream = connect(&client("door", ONE), server.port);
        stream.write_all(b"x").unwrap();
        reset(stream.get_ref());
    }
    has_few_lines(server);
}

#[test]
fn clients_that_reset_a_quiet_tunnel_make_few_lines() {
    let (directory, server) = server("quiet-tunnel", &[]);
    let keys = directory.at("keys");
    let tunnel = tunnel(&server.address(), &["--psk-file", &keys, "--quiet"]);
    for _ in 0..CLIENTS {
        let mut plain = TcpStream::connect(tunnel.address()).unwrap();
        plain.write_all(b"xy").unwrap();
        plain.read_exact(&mut [0]).unwrap();
        reset(&plain);
    }
    has_few_lines(tunnel);
}
