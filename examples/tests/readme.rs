//! README shows the programs client and server as they are, and that server keeps serving whatever a
//! client does.
#![cfg(unix)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use handclasp::{Client, Identity, Pin, Server, Trust};

#[allow(dead_code, reason = "its main is not called")]
#[path = "../src/bin/server.rs"]
mod server;

const README: &str = include_str!("../../README.md");

#[test]
fn readme_shows_the_examples() {
    for (name, code) in
        [("server", include_str!("../src/bin/server.rs")), ("client", include_str!("../src/bin/client.rs"))]
    {
        // Without the head, which the title of the section says.
        let (_, shown) = code.split_once("\n\n").expect("a head");
        assert!(
            README.contains(&format!("```rust\n{shown}```")),
            "examples/src/bin/{name}.rs is not what README shows"
        );
    }
}

#[test]
fn the_server_of_readme_outlives_its_clients() {
    let identity = Identity::self_signed(&["localhost"]).expect("a certificate");
    let pin = Pin::of_spki(&identity.spki());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    // It never ends by itself; the test's process ends it.
    thread::spawn(move || server::serve(&listener, Server::new(identity)).map_err(|error| error.to_string()));

    let silent = TcpStream::connect(address).expect("connects");
    TcpStream::connect(address)
        .and_then(|mut one| one.write_all(b"GET / HTTP/1.0\r\n\r\n"))
        .expect("is written");
    drop(TcpStream::connect(address).expect("connects"));
    // All of them are there or gone, and the next one is served at once.
    let client = Client::new(Trust::Pins(vec![pin])).deadline(Some(std::time::Duration::from_secs(5)));
    let mut stream = client.connect_to(&address.to_string(), "localhost").expect("is served");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("is written");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("ends in order");
    assert_eq!(said, "hello\n");
    drop(silent);
    // What can never work is told at the start.
    let nothing = Server::new(handclasp::Credentials::default());
    let refused =
        server::serve(&TcpListener::bind("127.0.0.1:0").expect("a port"), nothing).expect_err("refused");
    assert!(refused.to_string().contains("no credential"), "{refused}");
}
