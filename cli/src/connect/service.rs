//! `connect --service`: a server of the local network, found by its name and known by its key. An announcement says
//! where to try, and never which key to trust.

use std::{
    io,
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use handclasp::{Blame, Client, KnownPeers, PeerName, Pin, Stream};
use handclasp_discovery::{Peer, ServiceName, resolve};

use crate::{
    args::{Connect, NewPeer},
    exit::Failure,
    known_peers::{Peers, file},
    say::say,
};

/// How long the announcement may take to come.
const SEARCH: Duration = Duration::from_secs(5);

/// How long the addresses of one announcement may take together.
const DIAL: Duration = Duration::from_secs(10);

/// Whether the flags say which key is trusted: an announcement does not.
pub fn is_decidable(arguments: &Connect) -> Result<(), Failure> {
    let psk = &arguments.client.psk;
    let is_given = arguments.client.tofu.tofu.is_some()
        || !arguments.client.pin.is_empty()
        || [&psk.psk_hex, &psk.psk_ascii, &psk.psk_base64].into_iter().any(Option::is_some)
        || arguments.client.danger_accept_any
        || arguments.client.name.is_some();
    match &arguments.service.service {
        Some(name) if !is_given => Err(Failure::usage(format!(
            "anybody on the network can announce \"{name}\": pass --tofu (ask once, remember the key), --pin, a \
             pre-shared key, or --name for a certificate of a CA"
        ))),
        _ => Ok(()),
    }
}

/// Connects to the first machine that announces the name and has the key; those that announce a known key are tried
/// first. The outer error is one of the time before TLS.
pub fn open(
    client: &Client,
    arguments: &Connect,
    service: &ServiceName,
) -> Result<Result<Stream<TcpStream>, handclasp::Error>, Failure> {
    client.check()?;
    let known = known_pins(arguments, service)?;
    let announced = resolve(service, &known, SEARCH)
        .map_err(|error| Failure::Transport(format!("--service: {error}")))?;
    if known.is_empty() {
        unambiguous(arguments, service, &announced)?;
    }
    let known_name = service.known_peer_name();
    let (mut refused, mut failed, mut unreached) = (None, None, None);
    for peer in &announced {
        let transport = match dial(&peer.addresses) {
            Ok(transport) => transport,
            Err(error) => {
                unreached.get_or_insert(format!("\"{}\" cannot be reached: {error}", peer.name));
                continue;
            }
        };
        let address = transport.peer_addr().map_or_else(|_| "its address".to_owned(), |one| one.to_string());
        if !arguments.client.record.quiet {
            say(format_args!("\"{}\" is announced at {address}", peer.name));
        }
        let name = match &arguments.client.name {
            Some(name) => PeerName::from(name).known_as(known_name.as_str()),
            None => PeerName::service(known_name.as_str()),
        };
        match client.connect_over(transport, name) {
            Ok(stream) => {
                compare(&stream, peer, &known);
                return Ok(Ok(stream));
            }
            Err(error) if error.blame() == Blame::RefusedByUs => {
                say(format_args!(
                    "{address} answered for \"{service}\" without its key: another machine announces this name, \
                     or the key has changed"
                ));
                refused.get_or_insert(error);
            }
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
    }
    match (refused.or(failed), unreached) {
        (Some(error), _) => Ok(Err(error)),
        (None, Some(words)) => Err(Failure::Transport(words)),
        (None, None) => Err(Failure::Transport(format!("\"{service}\" announces no address"))),
    }
}

/// The keys that the handshake would accept for this name.
fn known_pins(arguments: &Connect, service: &ServiceName) -> Result<Vec<Pin>, Failure> {
    let Some(path) = &arguments.client.tofu.tofu else { return Ok(arguments.client.pin.clone()) };
    let usage = |error: String| Failure::usage(format!("--tofu: {error}"));
    let file = KnownPeers::new(file(path.as_deref(), Peers::Servers).map_err(usage)?);
    let peers = file.peers().map_err(|error| usage(error.to_string()))?;
    let name = service.known_peer_name();
    let is_valid = |one: &handclasp::KnownPeer| !one.is_revoked && one.name.eq_ignore_ascii_case(&name);
    Ok(peers.into_iter().filter(|(_, one)| is_valid(one)).map(|(_, one)| one.pin).collect())
}

/// At the first contact the key of a machine is unknown. If several announce the name with different keys, a person
/// must choose.
fn unambiguous(arguments: &Connect, service: &ServiceName, announced: &[Peer]) -> Result<(), Failure> {
    let mut keys: Vec<&[Pin]> = announced.iter().map(|peer| peer.pins.as_slice()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < 2 {
        return Ok(());
    }
    let shown: Vec<String> = keys.iter().filter_map(|pins| pins.first()).map(ToString::to_string).collect();
    let what = format!(
        "{} machines announce \"{service}\" with different keys ({}): only one of them can be the one that you mean",
        keys.len(),
        shown.join(", ")
    );
    match arguments.client.tofu.new_peer {
        Some(NewPeer::Accept | NewPeer::Learn) => Err(Failure::usage(format!(
            "{what}. Ask its owner for the fingerprint, and pass --pin, or accept it by `handclasp peers accept`"
        ))),
        _ => {
            say(format_args!("warning: {what}. Compare the fingerprint"));
            Ok(())
        }
    }
}

/// The first address that answers, as the library's own dialling: each gets its share of the time that is left.
fn dial(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let begun = Instant::now();
    let mut failed =
        io::Error::new(io::ErrorKind::NotFound, "it announces no address that another machine can have");
    for (address, shares) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let left = DIAL.saturating_sub(begun.elapsed());
        let share = left / u32::try_from(shares).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(transport) => {
                transport.set_nodelay(true)?;
                return Ok(transport);
            }
            Err(error) => failed = io::Error::new(error.kind(), format!("{address}: {error}")),
        }
    }
    Err(failed)
}

/// At the first contact: whether the key is the announced one. It decides nothing.
fn compare(stream: &Stream<TcpStream>, peer: &Peer, known: &[Pin]) {
    let Some(found) = &stream.connected().peer else { return };
    let found = Pin(found.pin);
    if known.is_empty() && !peer.pins.is_empty() && !peer.pins.contains(&found) {
        let announced: Vec<String> = peer.pins.iter().map(ToString::to_string).collect();
        say(format_args!(
            "warning: the announcement has another key ({}) than the server ({found}): compare the fingerprint",
            announced.join(", ")
        ));
    }
}
