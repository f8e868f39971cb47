//! `handclasp connect`: standard input to the peer, the peer to standard output.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Instant,
};

use handclasp::{Client, Error, Pin, Policy, SHA256, Stream, WriteHalf};

use crate::{args::Connect, exit::Failure, facts, keys};

pub fn run(arguments: &Connect) -> Result<(), Failure> {
    let policy = arguments.protocol.policy(&arguments.psk, Policy::modern())?;
    let mut client = Client::with_policy(keys::trust(arguments)?, policy).alpn(&arguments.protocol.alpn());
    for identity in keys::identities(&arguments.cert, &arguments.key, arguments.raw_key)? {
        if !arguments.record.quiet {
            eprintln!("servers may pin our key: --client-pin {}", Pin::of_spki(identity.spki(), SHA256));
        }
        client = client.identity(identity);
    }
    if arguments.raw_key {
        client = client.raw_public_keys();
    }
    if arguments.no_name {
        client = client.without_server_name();
    }
    if let Some(path) = &arguments.session {
        client = client.session_file(path).map_err(|error| Failure::usage(format!("--session: {error}")))?;
    }
    if let Some(bytes) = arguments.protocol.max_record {
        client = client.limit_records(bytes);
    }
    if arguments.ocsp.is_some() {
        client = client.request_ocsp_response();
    }
    if let Some(log) = keys::key_log(&arguments.record)? {
        client = client.key_log(log);
    }
    let begun = Instant::now();
    let stream = open(&client, arguments).inspect_err(|error| {
        let _ = facts::write_report(arguments.record.report.as_deref(), error.report());
    })?;
    if !arguments.record.quiet {
        eprintln!("connected: {}", facts::agreed(stream.connected(), Some(begun.elapsed())));
    }
    if let (Some(file), Some(response)) = (&arguments.ocsp, &stream.connected().ocsp_response) {
        std::fs::write(file, response)
            .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    }
    let outcome = pump(stream, arguments);
    if let Err(Failure::Tls(error)) = &outcome {
        facts::write_report(arguments.record.report.as_deref(), error.report())?;
    }
    outcome
}

fn open(client: &Client, arguments: &Connect) -> Result<Stream<TcpStream>, Error> {
    match &arguments.name {
        None => client.connect(&arguments.address),
        Some(name) => client.connect_to(&arguments.address, name),
    }
}

/// Both directions at once, until the peer has said that it is done.
fn pump(stream: Stream<TcpStream>, arguments: &Connect) -> Result<(), Failure> {
    let (mut from_peer, mut to_peer) = stream.split()?;
    // The thread is not joined: standard input may stay open long after the peer is gone.
    let sender = to_peer.clone();
    // Nor is its error told: where sending fails, reading has the better story.
    thread::spawn(move || send_input(sender));
    let mut out = std::io::stdout().lock();
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let count = from_peer.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        let written = out.write_all(&chunk[..count]).and_then(|()| out.flush());
        if written.is_err() {
            // Nobody reads what the peer sends any more: we are done.
            break;
        }
    }
    let _ = to_peer.close();
    facts::write_report(arguments.record.report.as_deref(), &to_peer.report())
}

fn send_input(mut to_peer: WriteHalf) -> std::io::Result<()> {
    let mut input = std::io::stdin().lock();
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let count = input.read(&mut chunk)?;
        if count == 0 {
            return to_peer.close();
        }
        to_peer.write_all(&chunk[..count])?;
    }
}
