//! New keys of known peers, by the statements of the old ones.

use std::path::Path;

use handclasp::{KnownPeers, Pin, pki_types::UnixTime};
use handclasp_trust::rotation::KeyRotation;

use super::{failed, lines, warn};
use crate::{args::PeersRotate, exit::Failure, say::say};

/// A statement has some hundred bytes.
const STATEMENTS_MAX: u64 = 1 << 20;

/// Accepts the statements that begin with a key of the file, in any order of a chain of them.
pub fn run(peers: &KnownPeers, arguments: &PeersRotate) -> Result<(), Failure> {
    let mut left = statements(&arguments.statements, "STATEMENTS")?;
    let path = peers.path().display();
    let is_known = |pin: Pin| -> Result<bool, Failure> {
        Ok(peers.peers().map_err(failed)?.iter().any(|(_, peer)| peer.pin == pin && !peer.is_revoked))
    };
    let mut is_changed = false;
    loop {
        let mut next = None;
        for (place, statement) in left.iter().enumerate() {
            if is_known(Pin::of_spki(&statement.old_key().into()))? {
                next = Some(place);
                break;
            }
        }
        let Some(place) = next else { break };
        let statement = left.remove(place);
        let count = peers.accept_rotation(&statement, UnixTime::now()).map_err(failed)?;
        let [old, new] = [statement.old_key(), statement.new_key()].map(|key| Pin::of_spki(&key.into()));
        say(format_args!("{old} is replaced by {new}, and revoked: {count} {} of {path}", lines(count)));
        say(format_args!("words: {}", new.words()));
        is_changed = true;
    }
    if let (false, Some(first)) = (is_changed, left.first()) {
        for statement in &left {
            let new = Pin::of_spki(&statement.new_key().into());
            if is_known(new)? {
                say(format_args!("{path} has {new} already: nothing is changed"));
                return warn(peers);
            }
        }
        // The library says why: a revoked key, or one that the file does not have.
        peers.accept_rotation(first, UnixTime::now()).map_err(failed)?;
    }
    warn(peers)
}

/// The rotation statements of a file, which are public, named by that argument.
pub fn statements(path: &Path, argument: &str) -> Result<Vec<KeyRotation>, Failure> {
    let failed = |error: String| Failure::usage(format!("{argument}: {}: {error}", path.display()));
    let pem = super::read(path, STATEMENTS_MAX).map_err(|error| failed(error.to_string()))?;
    let statements = KeyRotation::all_from_pem(&pem).map_err(|error| failed(error.to_string()))?;
    match statements.is_empty() {
        true => Err(failed("expected -----BEGIN HANDCLASP KEY ROTATION-----, found no statement".to_owned())),
        false => Ok(statements),
    }
}
