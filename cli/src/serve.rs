//! `handclasp serve`: one thread for each client.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Instant,
};

use handclasp::{Credentials, Pin, Policy, SHA256, Server, Stream};

use crate::{args::Serve, exit::Failure, facts, keys};

pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let mut identities = keys::server(arguments)?;
    keys::staple(&mut identities, arguments)?;
    let psk = keys::psk(&arguments.psk, arguments.protocol.tls)?;
    if identities.is_empty() && psk.is_none() {
        return Err(Failure::usage(
            "a server proves who it is: give --cert and --key, --self-signed NAME, or a pre-shared key",
        ));
    }
    let mut credentials = Credentials::default();
    let mut facts_at_start = Vec::new();
    for identity in identities {
        let pin = Pin::of_spki(identity.spki(), SHA256);
        facts_at_start.push(format!("clients may pin this key: --pin {pin}"));
        credentials = credentials.and_identity(identity);
    }
    if let Some(psk) = psk {
        facts_at_start.push(format!("check value of the pre-shared key: {}", psk.check_value(SHA256)));
        credentials = credentials.and_psk(psk);
    }
    let policy = arguments.protocol.policy(&arguments.psk, Policy::modern())?;
    let mut server =
        with_extensions(Server::with_policy(credentials, policy), arguments).alpn(&arguments.protocol.alpn());
    if let Some(clients) = keys::clients(arguments)? {
        facts_at_start.push("clients must show a certificate or key".to_owned());
        server = server.require_client(clients);
    }
    if arguments.raw_key {
        server = server.raw_public_keys();
    }
    if let Some(log) = keys::key_log(&arguments.record)? {
        server = server.key_log(log);
    }
    let listener = TcpListener::bind(&arguments.address)
        .map_err(|error| Failure::Transport(format!("{}: {error}", arguments.address)))?;
    eprintln!("listening on {}", listener.local_addr()?);
    facts_at_start.iter().filter(|_| !arguments.record.quiet).for_each(|fact| eprintln!("{fact}"));

    if arguments.once {
        let (transport, _) = listener.accept()?;
        return serve(&server, transport, arguments);
    }
    let server = Arc::new(server);
    thread::scope(|scope| {
        loop {
            match listener.accept() {
                Ok((transport, _)) => {
                    let server = Arc::clone(&server);
                    scope.spawn(move || {
                        if let Err(failure) = serve(&server, transport, arguments) {
                            failure.tell();
                        }
                    });
                }
                Err(error) => eprintln!("handclasp: accept: {error}"),
            }
        }
    })
}

/// What the flags say about extensions.
fn with_extensions(mut server: Server, arguments: &Serve) -> Server {
    if let Some(bytes) = arguments.protocol.max_record {
        server = server.limit_records(bytes);
    }
    if let Some(hint) = &arguments.psk_hint {
        server = server.psk_identity_hint(hint.as_str());
    }
    if arguments.stateless_retry {
        server = server.stateless_retry(None);
    }
    server
}

fn serve(server: &Server, transport: TcpStream, arguments: &Serve) -> Result<(), Failure> {
    let begun = Instant::now();
    transport.set_nodelay(true)?;
    let mut stream = server.accept(transport).inspect_err(|error| {
        let _ = facts::write_report(arguments.record.report.as_deref(), error.report());
    })?;
    if !arguments.record.quiet {
        eprintln!("accepted: {}", facts::agreed(stream.connected(), Some(begun.elapsed())));
    }
    let outcome = talk(&mut stream, arguments);
    facts::write_report(arguments.record.report.as_deref(), stream.report())?;
    outcome
}

fn talk(stream: &mut Stream<TcpStream>, arguments: &Serve) -> Result<(), Failure> {
    if let Some(text) = &arguments.reply {
        stream.write_all(text.as_bytes())?;
        stream.close()?;
    }
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(stream.close()?);
        }
        if arguments.echo {
            stream.write_all(&chunk[..count])?;
        } else if arguments.reply.is_none() {
            std::io::stdout().write_all(&chunk[..count])?;
        }
    }
}
