//! Servers and tunnels of a file, with clients that stay connected while the program is told to reload and to end.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use handclasp::{
    CertificateParams, Client, IssuedCertificate, Pin, Psk, PskUse, Stream, Trust,
    identity::private_file::PrivateFile,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Directory, Running, daemon};

pub const ONE: &str = "000102030405060708090a0b0c0d0e0f";
pub const TWO: &str = "101112131415161718191a1b1c1d1e1f";

/// A client with that key.
pub fn client(identity: &str, key: &str) -> Client {
    let psk = Psk::from_hex(identity, PskUse::Tls13Sha256, key).unwrap();
    Client::new(Trust::Psk(psk)).without_resumption()
}

pub fn pinned(pin: Pin) -> Client {
    Client::new(Trust::Pins(vec![pin])).without_resumption()
}

/// A new key and its certificate in the files `cert.pem` and `key.pem`.
pub fn certificate(directory: &Directory) -> Pin {
    let made = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"])).unwrap();
    std::fs::write(directory.at("cert.pem"), made.certificate_pem()).unwrap();
    let key = directory.at("key.pem");
    let _ = std::fs::remove_file(&key);
    PrivateFile::new(&key, 1 << 16).append().unwrap().write_all(made.key_pem().as_bytes()).unwrap();
    Pin::of_spki(&made.identity().unwrap().spki())
}

#[track_caller]
pub fn connect(client: &Client, port: u16) -> Stream<TcpStream> {
    client.connect_to(&format!("127.0.0.1:{port}"), "localhost").unwrap_or_else(|error| panic!("{error}"))
}

/// Whether the server still sends back what it gets.
#[track_caller]
pub fn echoes(stream: &mut Stream<TcpStream>) {
    stream.write_all(b"hello").unwrap();
    let mut back = [0; 5];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"hello");
}

pub fn send(running: &Running, signal: Signal) {
    let id = i32::try_from(running.child.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(id, signal).unwrap();
}

/// `handclasp run` of a file in that directory.
pub fn run(directory: &Directory, text: &str) -> Command {
    let file = directory.file("services.toml", text.as_bytes());
    let mut command = daemon();
    command.args(["run", &file]).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// The port of the unit of that title.
#[track_caller]
pub fn port(running: &mut Running, title: &str) -> u16 {
    let wanted = format!("[{title}] listening on ");
    running.until(|told| {
        let line = told.lines().rev().find_map(|line| line.split_once(&wanted))?.1;
        line.rsplit(':').next()?.parse().ok()
    })
}

/// Tells it to reload, and waits until it says how that went; what it said since.
#[track_caller]
pub fn reload(running: &mut Running) -> String {
    let before = running.told().len();
    send(running, Signal::HUP);
    running.until(|told| {
        let since = told.get(before..)?;
        let is_done = since.lines().any(|line| line == "reloaded" || line.starts_with("not reloaded"));
        is_done.then(|| since.to_owned())
    })
}
