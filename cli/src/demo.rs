//! `handclasp demo`: on loopback, the kinds of trust of a client, and the output when the two sides
//! read one key differently.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use handclasp::{
    Client, Error, Identity, KeyKind, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server, Stream,
    SystemRandom, Trust,
};
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};

use handclasp_crypto::Random;

use crate::{exit::Failure, facts, output};

/// 32 hexadecimal digits: 16 bytes to one who reads hex, 32 to one who reads text.
const TYPED: &str = "abc123abc123abc123abc123abc123ab";

/// The name that certificates of the demo are for.
const NAME: &str = "demo.handclasp.test";

pub fn run() -> Result<(), Failure> {
    // The library gathers entropy once for each process, for 0.1 s: not a cost of a handshake.
    SystemRandom.fill(&mut [0; 32]).map_err(|_| Failure::usage("the random number generator failed"))?;
    output::line("Several handshakes between a handclasp client and server on loopback:\n")?;
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let policy = Policy::modern().only_version(version).map_err(Failure::usage)?;
        shared_key(&policy, version)?;
        pinned(&policy)?;
        own_root(&policy)?;
        mutual(&policy)?;
    }
    output::line(format_args!(
        "\nA handshake that fails: the server reads \"{TYPED}\" as hex,\nas `openssl -psk` does, and the \
         client uses the same characters as text.\n"
    ))?;
    let version = ProtocolVersion::TLS_1_2;
    two_readings(&Policy::modern().only_version(version).map_err(Failure::usage)?, version)
}

/// Both hold the same secret; there are no certificates.
fn shared_key(policy: &Policy, version: ProtocolVersion) -> Result<(), Failure> {
    let psk = || Psk::from_hex("demo", usage(version), TYPED).map_err(Failure::usage);
    let server = Server::with_policy(psk()?, policy.clone());
    let client = Client::with_policy(Trust::Psk(psk()?), policy.clone());
    show("pre-shared key", &server, &client)
}

/// The client knows the server's key, and needs nobody to vouch for it.
fn pinned(policy: &Policy) -> Result<(), Failure> {
    let identity = Identity::self_signed(&[NAME]).map_err(Failure::usage)?;
    let pin = Pin::of_spki(&identity.spki());
    let server = Server::with_policy(identity, policy.clone());
    let client = Client::with_policy(Trust::Pins(vec![pin]), policy.clone());
    show("pinned, self-signed", &server, &client)
}

/// The client trusts servers with a certificate of its root.
fn own_root(policy: &Policy) -> Result<(), Failure> {
    let root = root()?;
    let server = Server::with_policy(issued(&root, Usage::Server)?, policy.clone());
    let client = Client::with_policy(Trust::WebPki(roots(&root)?), policy.clone());
    show("web PKI, own root", &server, &client)
}

/// The server, too, accepts only clients with a certificate of that root.
fn mutual(policy: &Policy) -> Result<(), Failure> {
    let root = root()?;
    let server = Server::with_policy(issued(&root, Usage::Server)?, policy.clone())
        .require_client(Trust::WebPki(roots(&root)?));
    let client = Client::with_policy(Trust::WebPki(roots(&root)?), policy.clone())
        .identity(issued(&root, Usage::Client)?);
    show("mutual TLS, own root", &server, &client)
}

fn root() -> Result<Authority, Failure> {
    Authority::new("handclasp demo root", Validity::starting_now(), KeyKind::P256).map_err(Failure::usage)
}

fn roots(root: &Authority) -> Result<Roots, Failure> {
    Roots::from_der(&[root.certificate().clone()]).map_err(Failure::usage)
}

fn issued(root: &Authority, usage: Usage) -> Result<Identity, Failure> {
    let issue = CertificateParams::new(&[NAME]).with_validity(Validity::starting_now()).with_usage(usage);
    let issued = root.issue(&issue).map_err(Failure::usage)?;
    issued.identity().map_err(Failure::usage)
}

/// A handshake that fails: one typed string, read in two ways.
fn two_readings(policy: &Policy, version: ProtocolVersion) -> Result<(), Failure> {
    let server = Psk::from_hex("demo", usage(version), TYPED).map_err(Failure::usage)?;
    let client = Psk::from_ascii("demo", usage(version), TYPED).map_err(Failure::usage)?;
    output::line(format_args!(
        "check value of the key: {} on the server, {} on the client\n",
        server.check_value(),
        client.check_value(),
    ))?;
    let server = Server::with_policy(server, policy.clone());
    let client = Client::with_policy(Trust::Psk(client), policy.clone());
    let (server_end, client_end) = meet(&server, &client)?;
    match (server_end, client_end) {
        (Err(server), Err(client)) => {
            let (server, client) = (facts::verdict(&server), facts::verdict(&client));
            output::line(format_args!("The server reports: {server}\n\nThe client reports: {client}"))
                .map(drop)
        }
        _ => Err(Failure::Transport("two different keys were accepted as equal".into())),
    }
}

fn usage(version: ProtocolVersion) -> PskUse {
    if version == ProtocolVersion::TLS_1_2 { PskUse::Tls12 } else { PskUse::Tls13Sha256 }
}

type End = Result<(Stream<TcpStream>, Duration), Error>;

/// One handshake over a socket: how it went for either side.
fn meet(server: &Server, client: &Client) -> Result<(End, End), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let (transport, _) = listener.accept()?;
            let begun = Instant::now();
            Ok::<End, std::io::Error>(server.accept(transport).map(|stream| (stream, begun.elapsed())))
        });
        let begun = Instant::now();
        let client_end = client.connect_to(&address, NAME).map(|stream| (stream, begun.elapsed()));
        let server_end =
            serving.join().map_err(|_| Failure::Transport("the server thread panicked".into()))??;
        Ok((server_end, client_end))
    })
}

/// One line for a handshake that works and carries a message each way.
fn show(title: &str, server: &Server, client: &Client) -> Result<(), Failure> {
    let (server_end, client_end) = meet(server, client)?;
    let ((mut server, _), (mut client, time)) = (server_end?, client_end?);
    client.write_all(b"hello")?;
    let mut heard = [0; 5];
    server.read_exact(&mut heard)?;
    server.write_all(&heard)?;
    client.read_exact(&mut heard)?;
    client.close()?;
    server.close()?;
    if heard != *b"hello" {
        return Err(Failure::Transport("the data received differs from the data sent".into()));
    }
    output::line(format_args!("{title:<20} {}", facts::agreed(client.connected(), Some(time)))).map(drop)
}
