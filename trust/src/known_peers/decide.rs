//! The verdict on one peer, what follows from it, and what a completed handshake leaves in the file.

use std::{borrow::ToOwned, boxed::Box, string::ToString as _, vec::Vec};

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
        let lines = self.lines()?;
        let verdict = self.checked(&lines, contact)?;
        match verdict {
            PeerVerdict::Same if lines.is_fresh(contact) => Ok(verdict),
            PeerVerdict::Same | PeerVerdict::Renewed => {
                // A file system that is read-only, or a lock that is held too long.
                match self.change(|lines| self.write(lines, contact)) {
                    Err(KnownPeersError::File(_)) => Ok(verdict),
                    written => written,
                }
            }
            _ => self.change(|lines| self.write(lines, contact)),
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
    fn checked(&self, lines: &Lines, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        let reason = match self.verdict_by(lines, contact)? {
            PeerVerdict::Changed(known) => RefusalReason::Changed(known),
            PeerVerdict::Revoked(line, known) => RefusalReason::Revoked(line, known),
            // Another client was the first, meanwhile.
            PeerVerdict::New
                if matches!(self.new_peers, NewPeers::Learn) && lines.peers().next().is_some() =>
            {
                RefusalReason::Unknown
            }
            good => return Ok(good),
        };
        Err(KnownPeersError::Refused(Box::new(self.refusal(contact, reason))))
    }

    fn write(&self, lines: &mut Lines, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        let verdict = self.checked(lines, contact)?;
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

    fn verdict_by(&self, lines: &Lines, contact: &Contact<'_>) -> Result<PeerVerdict, KnownPeersError> {
        let pin = contact.pin;
        if let Some((line, peer)) = lines.peers().find(|(_, peer)| peer.pin == pin && peer.is_revoked) {
            return Ok(PeerVerdict::Revoked(line, peer.clone()));
        }
        let same = lines.peers().find(|(_, peer)| peer.pin == pin && contact.is_of(peer));
        if let Some((_, peer)) = same {
            let is_renewed = match (contact.not_before, peer.last_seen) {
                (Some(made), Some(seen)) => made > seen,
                _ => false,
            };
            return Ok(if is_renewed { PeerVerdict::Renewed } else { PeerVerdict::Same });
        }
        let known = lines.peers().filter(|(_, peer)| contact.is_of(peer) && !peer.is_revoked);
        let mut froms = known.map(|(_, peer)| peer.pin);
        if let Some(from) = froms.find(|from| self.leads(lines, *from, pin)) {
            return Ok(PeerVerdict::Rotated { from });
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

    /// Whether statements lead from one key to another, over keys that are not revoked.
    fn leads(&self, lines: &Lines, from: Pin, to: Pin) -> bool {
        let mut reached = Vec::from([from]);
        for _ in &self.rotations {
            let next =
                self.rotations.iter().filter(|(old, new)| reached.contains(old) && !reached.contains(new));
            let next: Vec<Pin> = next.map(|(_, new)| *new).collect();
            let is_good = |new: &Pin| !lines.peers().any(|(_, peer)| peer.pin == *new && peer.is_revoked);
            reached.extend(next.into_iter().filter(is_good));
        }
        from != to && reached.contains(&to)
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
