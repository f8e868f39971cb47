//! `handclasp serve`: one thread for each client, as many as the flags permit.
//!
//! | file | what |
//! |---|---|
//! | `advertise` | the announcement on the local network |
//! | `crowd` | many clients at once, also when the machine runs out of descriptors or threads |
//! | `gate` | bounds on connections and handshakes |
//! | `guest` | the socket of a client, which the gate may end |
//! | `clients` | which clients are accepted |
//! | `client` | one client from its first byte to its end |

mod advertise;
mod client;
mod clients;
mod crowd;
mod gate;
mod guest;

use std::net::TcpListener;

use handclasp::{Credentials, Pin, Policy, Server, Side};

use crate::{
    accept,
    args::Serve,
    exit::{self, Failure},
    files::OutputFile,
    keys, own, psk, revocation,
    say::{Repeated, say},
};
use client::{Desk, End};
use gate::Gate;

pub fn run(arguments: &Serve) -> Result<(), Failure> {
    let report = OutputFile::asked("--report", arguments.record.report.as_ref())?;
    let (server, pins, facts_at_start) = server(arguments)?;
    let listener = TcpListener::bind(&arguments.address)
        .map_err(|error| Failure::Transport(format!("{}: {error}", arguments.address)))?;
    let address = listener.local_addr()?;
    say(format_args!("listening on {address}"));
    facts_at_start.iter().filter(|_| !arguments.record.quiet).for_each(say);
    let name = arguments.advertise.advertise.as_ref();
    let advertised = advertise::start(name, address, &pins, arguments.record.quiet)?;

    let desk = Desk {
        server: &server,
        arguments,
        report: report.as_ref(),
        silent: Repeated::default(),
        refused: Repeated::default(),
    };
    if arguments.once {
        let (transport, peer) = accept::one(&listener);
        return match desk.serve(transport, peer, &mut || true) {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure),
        };
    }
    let gate = Gate::new(arguments.limits);
    crowd::all(&listener, &gate, &|socket, peer, mut place| {
        let guest = guest::Guest { socket, has_spoken: place.has_spoken() };
        let outcome = desk.serve(guest, peer, &mut || place.finish());
        match outcome {
            // Nobody takes what clients send: there is nothing left to serve for.
            Ok(End::ReaderGone) => {
                advertised.withdraw();
                exit::end(0)
            }
            Err(failure @ Failure::Output(_)) => {
                failure.tell();
                advertised.withdraw();
                exit::end(1)
            }
            Ok(End::Closed) => {}
            Err(_) if place.gave_way() => {}
            Err(failure) => desk.tell(&failure, peer),
        }
    })
}

/// The server that the flags describe, the pins of its keys, and the facts printed at its start.
fn server(arguments: &Serve) -> Result<(Server, Vec<Pin>, Vec<String>), Failure> {
    let mut identities = keys::server(arguments)?;
    keys::staple(&mut identities, arguments)?;
    own::warn(&identities, Side::Server);
    let psks = psk::psks(&arguments.psk, arguments.protocol.tls)?;
    if identities.is_empty() && psks.is_empty() {
        return Err(Failure::usage(
            "a server needs credentials: pass --identity DIR, --cert and --key, --self-signed NAME, or a pre-shared key",
        ));
    }
    let policy = arguments.protocol.policy(&arguments.psk, Policy::modern())?;
    if let Some(psk) = psks.first().filter(|_| identities.is_empty()) {
        psk::fits(psk, &policy, &arguments.psk)?;
    }
    let mut credentials = Credentials::default();
    let (mut pins, mut facts_at_start) = (Vec::new(), Vec::new());
    for identity in identities {
        let pin = Pin::of_spki(&identity.spki());
        pins.push(pin);
        facts_at_start.push(format!("to pin this key, clients use: --pin {pin}"));
        facts_at_start.push(format!("its fingerprint in words: {}", pin.words()));
        credentials = credentials.and_identity(identity);
    }
    let has_psk = !psks.is_empty();
    facts_at_start.extend(psk::facts(&psks, &arguments.psk));
    for psk in psks {
        credentials = credentials.and_psk(psk);
    }
    let mut server =
        with_extensions(Server::with_policy(credentials, policy), arguments).alpn(&arguments.protocol.alpn());
    server = clients::authenticate(server, arguments, has_psk, &mut facts_at_start)?;
    server = revocation::server(server.keep_peer_certificates(), &arguments.status);
    if arguments.raw_key {
        server = server.raw_public_keys();
    }
    if let Some(log) = keys::key_log(&arguments.record)? {
        server = server.key_log(log);
    }
    Ok((server, pins, facts_at_start))
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
