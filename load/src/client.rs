//! Clients: our own, over blocking sockets.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use handclasp::{CipherSuite, Client, NamedGroup, Policy, ProtocolVersion, Stream, Trust};
use socket2::{Domain, Socket, Type};

use crate::certificate::NAME;

/// No read or write of a test takes longer, unless something is lost.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Tls13,
    Tls12,
    /// What the program offers by default.
    Modern,
}

/// A client with one suite (AES-128-GCM) and one group (X25519), or the default.
pub fn client(offer: Offer) -> Result<Client> {
    let (version, groups): (_, &[NamedGroup]) = match offer {
        Offer::Tls13 => (ProtocolVersion::TLS_1_3, &[NamedGroup::x25519]),
        // OpenSSL serves TLS 1.2 clients a P-256 certificate only if they list the curve (RFC 8422 §5.1).
        Offer::Tls12 => (ProtocolVersion::TLS_1_2, &[NamedGroup::x25519, NamedGroup::secp256r1]),
        Offer::Modern => return Ok(Client::new(Trust::DangerNobody).deadline(Some(PATIENCE))),
    };
    let aes_128: Vec<CipherSuite> = Policy::modern()
        .only_version(version)?
        .suites()
        .filter(|suite| suite.name().is_some_and(|name| name.contains("AES_128_GCM")))
        .collect();
    let policy = Policy::modern().only_version(version)?.only_suites(&aes_128)?.only_groups(groups)?;
    Ok(Client::with_policy(Trust::DangerNobody, policy).deadline(Some(PATIENCE)))
}

/// A TCP connection with timeouts.
pub fn dial(address: SocketAddr) -> Result<TcpStream> {
    let socket = TcpStream::connect_timeout(&address, PATIENCE)?;
    prepare(socket)
}

fn prepare(socket: TcpStream) -> Result<TcpStream> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// A TCP connection from the `number`th of many addresses of loopback.
pub fn dial_from(number: u32, address: SocketAddr) -> Result<TcpStream> {
    let [_, b, c, d] = number.to_be_bytes();
    // 127.1.0.1 and above: the servers and other clients use 127.0.0.1.
    let source = Ipv4Addr::new(127, b.saturating_add(1), c, d.max(1));
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((IpAddr::V4(source), 0)).into())?;
    socket.connect_timeout(&address.into(), PATIENCE)?;
    prepare(socket.into())
}

/// Connects and completes the handshake.
pub fn open(client: &Client, address: SocketAddr) -> Result<Stream<TcpStream>> {
    Ok(client.connect_over(dial(address)?, NAME)?)
}

/// Bytes that depend on `seed`, so that those of two connections differ.
pub fn pattern(seed: u64, out: &mut [u8]) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for piece in out.chunks_mut(8) {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        piece.copy_from_slice(&state.to_le_bytes()[..piece.len()]);
    }
}

/// Sends bytes, and compares what comes back.
pub fn echo<S: Read + Write>(stream: &mut Stream<S>, data: &[u8], space: &mut Vec<u8>) -> Result<()> {
    stream.write_all(data).context("sending")?;
    space.resize(data.len(), 0);
    stream.read_exact(space).context("reading the echo")?;
    ensure!(space == data, "an echo of {} bytes differs from what was sent", data.len());
    Ok(())
}

/// Sends close_notify and waits for that of the server.
pub fn close<S: Read + Write>(mut stream: Stream<S>) -> Result<()> {
    stream.close().context("close_notify")?;
    let count = stream.read(&mut [0; 64]).context("waiting for close_notify")?;
    if count > 0 {
        bail!("{count} bytes after the last echo");
    }
    Ok(())
}
