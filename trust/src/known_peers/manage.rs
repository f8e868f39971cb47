//! Changes that a person makes: keys accepted, replaced, forgotten, revoked.

use std::{format, vec::Vec};

use handclasp_crypto::Hash;
use handclasp_rotation::KeyRotation;
use rustls_pki_types::UnixTime;

use super::{KnownPeer, KnownPeers, KnownPeersError, Line, Lines, pins};
use crate::Pin;

impl KnownPeers {
    /// Adds a key of a peer, beside those that the name has.
    ///
    /// # Errors
    /// The key is in the file already, revoked or under that name; or the file cannot be changed.
    pub fn accept(
        &self,
        name: &str,
        pin: Pin,
        comment: &str,
        now: Option<UnixTime>,
    ) -> Result<(), KnownPeersError> {
        self.change(|lines| {
            self.may_accept(lines, pin)?;
            if let Some((line, _)) = lines.peers().find(|(_, peer)| peer.pin == pin && peer.is_named(name)) {
                return Err(self.problem(format!("{name:?} has the key {pin} already, in line {line}")));
            }
            lines.0.push(Line::of(KnownPeer::new(name, pin, comment, now)));
            Ok(())
        })
    }

    /// Makes a key the only one of a name: the others that are not revoked are removed; returns how many. The comment
    /// of the first of them is kept if `comment` is empty.
    ///
    /// # Errors
    /// The key is revoked, or the file cannot be changed.
    pub fn replace(
        &self,
        name: &str,
        pin: Pin,
        comment: &str,
        now: Option<UnixTime>,
    ) -> Result<usize, KnownPeersError> {
        self.change(|lines| {
            self.may_accept(lines, pin)?;
            let is_valid =
                |line: &Line| line.peer().is_some_and(|peer| peer.is_named(name) && !peer.is_revoked);
            let olds: Vec<KnownPeer> = lines
                .0
                .iter()
                .filter(|line| is_valid(line))
                .filter_map(|line| line.peer().cloned())
                .collect();
            let kept = olds.iter().find(|old| old.pin == pin).or(olds.first());
            let mut new = KnownPeer::new(name, pin, comment, now);
            if let Some(same) = kept.filter(|old| old.pin == pin) {
                (new.first_seen, new.last_seen) = (same.first_seen.or(now), same.last_seen.max(now));
            }
            if let Some(old) = kept.filter(|_| comment.is_empty()) {
                new.comment.clone_from(&old.comment);
            }
            let place = lines.0.iter().position(is_valid).unwrap_or(lines.0.len());
            let mut place_of_new = Some(Line::of(new));
            let mut kept = Vec::with_capacity(lines.0.len().saturating_add(1));
            for (index, line) in lines.0.drain(..).enumerate() {
                if index == place {
                    kept.extend(place_of_new.take());
                }
                if !is_valid(&line) {
                    kept.push(line);
                }
            }
            kept.extend(place_of_new);
            lines.0 = kept;
            Ok(olds.iter().filter(|old| old.pin != pin).count())
        })
    }

    fn may_accept(&self, lines: &Lines, pin: Pin) -> Result<(), KnownPeersError> {
        match lines.peers().find(|(_, peer)| peer.pin == pin && peer.is_revoked) {
            None => Ok(()),
            Some((line, peer)) => {
                let name = &peer.name;
                Err(self.problem(format!(
                    "line {line} revokes {pin} of {name:?}: forget that line first if the key is good again"
                )))
            }
        }
    }

    /// Removes the lines of a name; returns how many. The peer is new the next time.
    ///
    /// # Errors
    /// The file has no such name, or cannot be changed.
    pub fn forget(&self, name: &str) -> Result<usize, KnownPeersError> {
        self.change(|lines| {
            let before = lines.0.len();
            lines.0.retain(|line| !line.peer().is_some_and(|peer| peer.is_named(name)));
            match before.saturating_sub(lines.0.len()) {
                0 => Err(self.problem(format!("{name:?} is not in the file, so it cannot be forgotten"))),
                count => Ok(count),
            }
        })
    }

    /// Marks a key as revoked, under every name that it has, and adds the reason to the comments.
    ///
    /// # Errors
    /// The file does not have the key, or cannot be changed.
    pub fn revoke(&self, pin: Pin, reason: &str) -> Result<usize, KnownPeersError> {
        self.change(|lines| match lines.revoke(pin, reason) {
            0 => Err(self.problem(format!(
                "{pin} is not in the file: add the line `@revoked NAME {pin}` to refuse a key that was never seen"
            ))),
            count => Ok(count),
        })
    }

    /// Adds a key that must not be accepted, whether the file has it or not.
    ///
    /// # Errors
    /// The file cannot be changed.
    pub fn revoke_as(&self, name: &str, pin: Pin, reason: &str) -> Result<usize, KnownPeersError> {
        self.change(|lines| match lines.revoke(pin, reason) {
            0 => {
                let mut peer = KnownPeer::new(name, pin, reason, None);
                peer.is_revoked = true;
                lines.0.push(Line::of(peer));
                Ok(0)
            }
            count => Ok(count),
        })
    }

    /// Replaces the old key of a statement by the new one wherever the file has it, and revokes the old one.
    /// `sha256` must be SHA-256.
    ///
    /// # Errors
    /// The file does not have the old key, one of the two is revoked, or the file cannot be changed.
    pub fn accept_rotation_with(
        &self,
        rotation: &KeyRotation,
        now: UnixTime,
        sha256: &dyn Hash,
    ) -> Result<usize, KnownPeersError> {
        let (old, new) = pins(rotation, sha256);
        self.change(|lines| {
            if let Some((line, peer)) =
                lines.peers().find(|(_, peer)| peer.is_revoked && (peer.pin == old || peer.pin == new))
            {
                let pin = peer.pin;
                return Err(self.problem(format!(
                    "line {line} revokes {pin}: the statement of its rotation is not accepted, since a thief of \
                     the old key can make one"
                )));
            }
            match lines.rotate(old, new, now) {
                0 => Err(self.problem(format!("{old}, which {new} follows, is not in the file"))),
                count => Ok(count),
            }
        })
    }
}
