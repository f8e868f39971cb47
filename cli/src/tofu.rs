//! Trust on first use: `--tofu` of `connect` and `serve`.

use handclasp::{Connection, KnownPeers, NewPeers, PeerVerdict, Pin, Side, Trust};

use crate::{
    args::{NewPeer, Tofu},
    exit::Failure,
    known_peers::{self, Peers},
    say::say,
};

/// The known peers of the flags; `own` is our side.
pub fn known_peers(flags: &Tofu, own: Side) -> Result<Option<KnownPeers>, Failure> {
    let Some(path) = &flags.tofu else { return Ok(None) };
    let of = match own {
        Side::Client => Peers::Servers,
        Side::Server => Peers::Clients,
    };
    let path = known_peers::file_to_write(path.as_deref(), of)
        .map_err(|error| Failure::usage(format!("--tofu: {error}")))?;
    let new_peers = match flags.new_peer.unwrap_or(NewPeer::Ask) {
        NewPeer::Ask => NewPeers::ask(known_peers::ask),
        NewPeer::Accept => NewPeers::Accept,
        NewPeer::Refuse => NewPeers::Refuse,
        NewPeer::Learn => NewPeers::Learn,
    };
    let mut peers = dates(flags, KnownPeers::new(path).with_new_peers(new_peers));
    for path in &flags.rotation {
        peers = peers.with_rotations(&crate::peers::statements(path, "--rotation")?);
    }
    // A file that cannot be used is a mistake at the start, not a refusal of the first peer.
    peers.peers().map_err(|error| Failure::usage(format!("--tofu: {error}")))?;
    for bad in peers.bad_lines().map_err(|error| Failure::usage(format!("--tofu: {error}")))? {
        say(format_args!("warning: {bad}"));
    }
    Ok(Some(peers))
}

/// These peers, with the dates of their certificates if the flags say so.
pub fn dates(flags: &Tofu, peers: KnownPeers) -> KnownPeers {
    if flags.check_dates { peers.with_dates() } else { peers }
}

/// Trust in these pins, with the dates of certificates if the flags say so.
pub fn pins(flags: &Tofu, pins: &[Pin]) -> Trust {
    if flags.check_dates { Trust::PinsWithDates(pins.to_vec()) } else { Trust::Pins(pins.to_vec()) }
}

/// What is said when a handshake is complete: of a peer that is the same as ever nothing.
pub fn tell(connection: &Connection, flags: &Tofu, is_quiet: bool) {
    if let Some(peer) = connection.connected().and_then(|connected| connected.peer.as_ref()) {
        known_peers::recorded(Pin(peer.pin));
    }
    if let Some(fact) = connection.peer_verdict().and_then(|verdict| fact(&verdict)).filter(|_| !is_quiet) {
        say(format_args!("known peers: {fact}"));
    }
    if flags.authentication_string {
        match connection.authentication_string() {
            Ok(string) => say(format_args!("authentication string: {string}")),
            Err(error) => say(format_args!("authentication string: {error}")),
        }
    }
}

fn fact(verdict: &PeerVerdict) -> Option<String> {
    match verdict {
        PeerVerdict::New => Some("the peer is new; its key is remembered from now on".to_owned()),
        PeerVerdict::Renewed => Some("the peer has a new certificate with the same key".to_owned()),
        PeerVerdict::Rotated { from } => {
            Some(format!("the peer has a new key, which a statement of the old key names; {from} is revoked"))
        }
        // The same; and those of refused peers.
        _ => None,
    }
}
