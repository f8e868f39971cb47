//! Clients and servers of the tests of `handclasp::tokio`.
#![allow(dead_code, reason = "each test program uses some of it")]

use std::io;

use handclasp::{
    Client, Error, Identity, Pin, Policy, ProtocolVersion, Server, Trust,
    tokio::{TlsAcceptor, TlsConnector, client, server},
};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};

pub const NAME: &str = "device.test";

pub const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

pub fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("has it")
}

pub fn identity(name: &str) -> Identity {
    Identity::self_signed(&[name]).expect("made")
}

pub fn pins(identity: &Identity) -> Trust {
    Trust::Pins(vec![Pin::of_spki(&identity.spki())])
}

/// A client and a server that authenticate each other.
pub fn mutual(version: ProtocolVersion) -> (Client, Server) {
    let (ours, theirs) = (identity("client.test"), identity(NAME));
    let client = Client::with_policy(pins(&theirs), policy(version));
    let server = Server::with_policy(theirs, policy(version)).require_client(pins(&ours));
    (client.identity(ours), server)
}

/// Both ends of a handshake.
pub async fn handshake<A, B>(
    (client, server): (Client, Server),
    (near, far): (A, B),
) -> (io::Result<client::TlsStream<A>>, io::Result<server::TlsStream<B>>)
where
    A: AsyncRead + AsyncWrite + Unpin,
    B: AsyncRead + AsyncWrite + Unpin,
{
    let (connector, acceptor) = (TlsConnector::from(client), TlsAcceptor::from(server));
    tokio::join!(connector.connect(NAME, near), acceptor.accept(far))
}

/// A client and a server that are connected by a pipe of that size.
pub async fn connected(
    version: ProtocolVersion,
    size: usize,
) -> (client::TlsStream<DuplexStream>, server::TlsStream<DuplexStream>) {
    let (client, server) = handshake(mutual(version), tokio::io::duplex(size)).await;
    (client.expect("connects"), server.expect("accepts"))
}

/// The error that travels inside.
pub fn inside(error: &io::Error) -> &Error {
    Error::in_io_error(error).unwrap_or_else(|| panic!("an error of handclasp inside: {error}"))
}

/// Bytes that show where they stand.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}
