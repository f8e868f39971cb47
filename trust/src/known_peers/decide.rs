//! The verdict on one peer, what follows from it, and what a completed handshake leaves in the file.

use std::{
    borrow::ToOwned,
    boxed::Box,
    collections::{HashMap, HashSet},
    string::ToString as _,
    vec::Vec,
};

use rustls_pki_types::UnixTime;

use super::{
    KnownPeer, KnownPeers, KnownPeersError, Lines, NewPeer, NewPeers, PeerAnswer, PeerRefusal, RefusalReason,
    line::Line,
};
use crate::{Pin, Role};

/// How old the time of the last contact becomes before it is written again, in seconds: a busy server does
/// not write its file for each connection.
const LAST_SEEN_STEP: u64 = 3600;

/// The name of a client that claims none.
const UNNAMED: &str = "client";

/// A peer in a handshake.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Contact<'a> {
    /// Whether it is a server or a client.
    pub role: Role,
    /// Of a server the name that it was asked for by; of a client the name that its certificate claims.
    pub name: Option<&'a str>,
    /// Its key.
    pub pin: Pin,
    /// When its certificate was made; `None` for a raw public key.
    pub not_before: Option<UnixTime>,
    /// Our clock.
    pub now: UnixTime,
}

impl<'a> Contact<'a> {
    /// A peer with that key; `name` as in the field.
    pub const fn new(role: Role, name: Option<&'a str>, pin: Pin, now: UnixTime) -> Self {
        Self { role, name, pin, not_before: None, now }
    }

    /// Sets when the certificate was made.
    #[must_use]
    pub const fn with_not_before(mut self, not_before: Option<UnixTime>) -> Self {
        self.not_before = not_before;
        self
    }
}

/// What the file says of a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerVerdict {
    /// It is not there.
    New,
    /// It is there with this key.
    Same,
    /// It is there with this key, and its certificate was made after the last contact.
    Renewed,
    /// A statement says that its key follows this one, which is there.
    Rotated {
        /// The known key.
        from: Pin,
    },
    /// It is there with other keys: their lines, from 1.
    Changed(Vec<(usize, KnownPeer)>),
    /// Its key is revoked: the line, from 1.
    Revoked(usize, KnownPeer),
}

/// What follows from a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The peer is trusted; [`KnownPeers::record`] once it has proved that it has the key.
    Accept(PeerVerdict),
    /// The peer is new, and the application answers later.
    Ask,
    /// The peer is not trusted.
    Refuse(Box<PeerRefusal>),
}

impl KnownPeers {
    /// What the file says of a peer.
    ///
    /// # Errors
    /// The file cannot be read; or it does not have the peer, and a line that does not parse may be of it.
    pub fn verdict(&self, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        self.verdict_by(&self.lines()?, contact)
    }

    /// What follows for a handshake with a peer. A function that decides about new peers is called here.
    pub fn decide(&self, contact: &Contact<'_>) -> Decision {
        let lines = match self.lines() {
            Ok(lines) => lines,
            Err(error) => return self.refuse(contact, RefusalReason::File(error.to_string())),
        };
        let verdict = match self.verdict_by(&lines, contact) {
            Ok(verdict) => verdict,
            Err(error) => return self.refuse(contact, RefusalReason::File(error.to_string())),
        };
        match verdict {
            PeerVerdict::Changed(known) => self.refuse(contact, RefusalReason::Changed(known)),
            PeerVerdict::Revoked(line, known) => self.refuse(contact, RefusalReason::Revoked(line, known)),
            PeerVerdict::New => match self.answer(&lines, contact) {
                PeerAnswer::Accept => Decision::Accept(PeerVerdict::New),
                PeerAnswer::Later => Decision::Ask,
                PeerAnswer::Refuse => self.refuse(contact, RefusalReason::Unknown),
            },
            known => Decision::Accept(known),
        }
    }

    /// Writes down a peer that [`KnownPeers::decide`] or a person has accepted and that has proved that it has
    /// its key. The file is looked at again: it may have changed.
    ///
    /// # Errors
    /// The peer is not to be trusted any more, or the file cannot be changed. A known peer is not refused because the
    /// time of its last contact cannot be written.
    pub fn record(&self, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        self.record_accepted(contact, &PeerVerdict::New)
    }

    /// As [`KnownPeers::record`], of a peer of which the file said `accepted` when it was accepted. A known peer
    /// that was forgotten meanwhile is not written into the file again, unless every new peer is accepted.
    ///
    /// # Errors
    /// As [`KnownPeers::record`].
    pub fn record_accepted(
        &self,
        contact: &Contact<'_>,
        accepted: &PeerVerdict,
    ) -> Result<PeerVerdict, KnownPeersError> {
        let lines = self.lines()?;
        let verdict = self.checked(&lines, contact, accepted)?;
        match verdict {
            PeerVerdict::Same if lines.is_fresh(contact) => Ok(verdict),
            PeerVerdict::Same | PeerVerdict::Renewed => {
                // A file system that is read-only, or a lock that is held too long.
                match self.change(|lines| self.write(lines, contact, accepted)) {
                    Err(KnownPeersError::File(_)) => Ok(verdict),
                    written => written,
                }
            }
            _ => self.change(|lines| self.write(lines, contact, accepted)),
        }
    }

    /// The peer as a question to a person.
    pub fn question<'a>(&'a self, contact: &Contact<'a>) -> NewPeer<'a> {
        NewPeer { name: contact.name, pin: contact.pin, role: contact.role, path: self.path() }
    }

    fn answer(&self, lines: &Lines, contact: &Contact<'_>) -> PeerAnswer {
        match &self.new_peers {
            NewPeers::Refuse => PeerAnswer::Refuse,
            NewPeers::Accept => PeerAnswer::Accept,
            NewPeers::Learn if lines.peers().next().is_none() => PeerAnswer::Accept,
            NewPeers::Learn => PeerAnswer::Refuse,
            NewPeers::Later => PeerAnswer::Later,
            NewPeers::Ask(ask) => ask(&self.question(contact)),
        }
    }

    /// The refusal of a peer, in words.
    pub fn refusal(&self, contact: &Contact<'_>, reason: RefusalReason) -> PeerRefusal {
        PeerRefusal {
            reason,
            found: contact.pin,
            path: self.path().to_owned(),
            name: contact.name.map(ToOwned::to_owned),
            role: contact.role,
        }
    }

    fn refuse(&self, contact: &Contact<'_>, reason: RefusalReason) -> Decision {
        Decision::Refuse(Box::new(self.refusal(contact, reason)))
    }

    /// The verdict at the end of a handshake whose peer was accepted.
    fn checked(
        &self,
        lines: &Lines,
        contact: &Contact<'_>,
        accepted: &PeerVerdict,
    ) -> Result<PeerVerdict, KnownPeersError> {
        let was_known = *accepted != PeerVerdict::New;
        let reason = match self.verdict_by(lines, contact)? {
            PeerVerdict::Changed(known) => RefusalReason::Changed(known),
            PeerVerdict::Revoked(line, known) => RefusalReason::Revoked(line, known),
            // Another client was the first, meanwhile.
            PeerVerdict::New
                if matches!(self.new_peers, NewPeers::Learn) && lines.peers().next().is_some() =>
            {
                RefusalReason::Unknown
            }
            // A person has forgotten it, meanwhile.
            PeerVerdict::New if was_known && !matches!(self.new_peers, NewPeers::Accept) => {
                RefusalReason::Unknown
            }
            good => return Ok(good),
        };
        Err(KnownPeersError::Refused(Box::new(self.refusal(contact, reason))))
    }

    fn write(
        &self,
        lines: &mut Lines,
        contact: &Contact<'_>,
        accepted: &PeerVerdict,
    ) -> Result<PeerVerdict, KnownPeersError> {
        let verdict = self.checked(lines, contact, accepted)?;
        match verdict {
            PeerVerdict::New => {
                let name = contact.name.filter(|name| !name.is_empty()).unwrap_or(UNNAMED);
                lines.0.push(Line::of(KnownPeer::new(name, contact.pin, "", Some(contact.now))));
            }
            PeerVerdict::Rotated { from } => {
                lines.rotate(from, contact.pin, contact.now);
            }
            _ => lines.see(contact),
        }
        Ok(verdict)
    }

    /// The line, from 1, that revokes this key, if there is one.
    ///
    /// # Errors
    /// The file cannot be read; or a line does not parse that may have been meant to revoke the key.
    pub fn revocation(&self, pin: Pin) -> Result<Option<(usize, KnownPeer)>, KnownPeersError> {
        self.revocation_by(&self.lines()?, pin)
    }

    fn revocation_by(&self, lines: &Lines, pin: Pin) -> Result<Option<(usize, KnownPeer)>, KnownPeersError> {
        let revoked = lines.peers().find(|(_, peer)| peer.pin == pin && peer.is_revoked);
        match (revoked, lines.bad_if(self.path(), Line::may_revoke).next()) {
            (Some((line, peer)), _) => Ok(Some((line, peer.clone()))),
            (None, Some(bad)) => Err(KnownPeersError::Line(bad)),
            (None, None) => Ok(None),
        }
    }

    fn verdict_by(&self, lines: &Lines, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        let pin = contact.pin;
        let (revoked, bad) = match self.revocation_by(lines, pin) {
            Ok(revoked) => (revoked, None),
            Err(error) => (None, Some(error)),
        };
        if let Some((line, peer)) = revoked {
            return Ok(PeerVerdict::Revoked(line, peer));
        }
        let accepted = |verdict| bad.map_or(Ok(verdict), Err);
        let same = lines.peers().find(|(_, peer)| peer.pin == pin && contact.is_of(peer));
        if let Some((_, peer)) = same {
            let is_renewed = match (contact.not_before, peer.last_seen) {
                (Some(made), Some(seen)) => made > seen,
                _ => false,
            };
            return accepted(if is_renewed { PeerVerdict::Renewed } else { PeerVerdict::Same });
        }
        let leading = self.leading(lines, pin);
        let mut known = lines.peers().filter(|(_, peer)| contact.is_of(peer) && !peer.is_revoked);
        if let Some((_, from)) = known.find(|(_, peer)| leading.contains(&peer.pin)) {
            return accepted(PeerVerdict::Rotated { from: from.pin });
        }
        let named = |peer: &KnownPeer| contact.name.is_some_and(|name| peer.is_named(name));
        let others: Vec<_> =
            lines.peers().filter(|(_, peer)| named(peer)).map(|(line, peer)| (line, peer.clone())).collect();
        match (others.is_empty(), lines.bad(self.path()).next()) {
            (false, _) => Ok(PeerVerdict::Changed(others)),
            (true, Some(bad)) => Err(KnownPeersError::Line(bad)),
            (true, None) => Ok(PeerVerdict::New),
        }
    }

    /// The keys from which statements lead to this one, over keys that are not revoked. Each statement is looked at
    /// once: an unknown client causes this.
    fn leading(&self, lines: &Lines, to: Pin) -> HashSet<Pin> {
        let mut leading = HashSet::new();
        if self.rotations.is_empty() {
            return leading;
        }
        let is_revoked = |(_, peer): &(usize, &KnownPeer)| peer.is_revoked;
        let revoked: HashSet<Pin> = lines.peers().filter(is_revoked).map(|(_, peer)| peer.pin).collect();
        let mut olds: HashMap<Pin, Vec<Pin>> = HashMap::new();
        for (old, new) in self.rotations.iter().filter(|(old, _)| *old != to && !revoked.contains(old)) {
            olds.entry(*new).or_default().push(*old);
        }
        let mut reached = Vec::from([to]);
        while let Some(new) = reached.pop() {
            let before = olds.remove(&new).unwrap_or_default();
            reached.extend(before.into_iter().filter(|old| leading.insert(*old)));
        }
        leading
    }
}

impl Contact<'_> {
    /// Whether a line may be of this peer: a server's by its name, a client's by its key alone.
    fn is_of(&self, peer: &KnownPeer) -> bool {
        match (self.role, self.name) {
            (Role::Server, Some(name)) => peer.is_named(name),
            (Role::Server, None) | (Role::Client, _) => true,
        }
    }
}

impl Lines {
    /// Whether the last contact need not be written.
    fn is_fresh(&self, contact: &Contact<'_>) -> bool {
        let mut seen = self.peers().filter(|(_, peer)| peer.pin == contact.pin && contact.is_of(peer));
        seen.all(|(_, peer)| {
            peer.last_seen
                .is_some_and(|seen| contact.now.as_secs().saturating_sub(seen.as_secs()) < LAST_SEEN_STEP)
        })
    }

    fn see(&mut self, contact: &Contact<'_>) {
        let is_of =
            |line: &&mut Line| line.peer().is_some_and(|peer| peer.pin == contact.pin && contact.is_of(peer));
        for line in self.0.iter_mut().filter(is_of) {
            line.change(|peer| {
                peer.first_seen = peer.first_seen.or(Some(contact.now));
                // A clock that was set back does not forget a contact.
                peer.last_seen = peer.last_seen.max(Some(contact.now));
            });
        }
    }
}
