//! Known peers: trust on first use. A text file has one line a peer, which people read and edit.
//!
//! ```text
//! # Peers of this machine. Lines like this one, and blank lines, stay where they are.
//! printer.local sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= 2026-11-29T16:53:34Z 2026-12-01T08:00:00Z The one in the hall
//! Hall%20Door._lock._tcp sha256/… - - typed in by hand
//! @revoked old.local sha256/… 2025-01-02T03:04:05Z 2025-01-02T03:04:05Z stolen
//! ```
//!
//! | word | content |
//! |---|---|
//! | `@revoked` | in front of a key that must not be accepted any more |
//! | name | a host name, an address, or the name of a service; bytes that would end a word are `%XX` |
//! | pin | `sha256/…`, or another spelling that [`Pin::parse`] reads |
//! | first seen, last seen | RFC 3339; `-` or nothing for a peer that was not seen. Last seen is exact to an hour |
//! | comment | the rest of the line |
//!
//! A name may have several lines: each of their keys is accepted (a backup pin). Servers are looked up by the
//! name that the client connects to, clients by their key alone, since nothing vouches for the name in their
//! certificate; so servers that a program connects to and clients that it serves belong in two files.
//!
//! The file is a [`handclasp_private_file`]: readable by its owner only, replaced by one rename, locked
//! while it is changed.

mod decide;
mod error;
#[cfg(test)]
mod hostile_tests;
mod line;
mod manage;
mod question;
#[cfg(test)]
mod tests;

use std::{
    borrow::ToOwned as _,
    format, io,
    path::{Path, PathBuf},
    string::String,
    vec::Vec,
};

use handclasp_crypto::Hash;
use handclasp_private_file::{PrivateFile, PrivateFileError};
use handclasp_rotation::KeyRotation;
use rustls_pki_types::UnixTime;

pub use decide::{Contact, Decision, PeerVerdict};
pub use error::{BadLine, KnownPeersError, PeerRefusal, RefusalReason};
use line::{Content, Line};
pub use line::{KnownPeer, LineProblem};
pub use question::{NewPeer, NewPeers, PeerAnswer};

use crate::{Pin, name::address};

/// Limit of the file in bytes: some ten thousand peers.
const FILE_MAX: usize = 2 << 20;

/// Peers that are trusted since they were seen before; what happens to new ones is a policy.
///
/// A peer is written into the file when its handshake is complete, so that a copied certificate without its
/// key leaves no trace. Sessions of known peers are not resumed: each handshake looks at the file.
#[derive(Clone, Debug)]
pub struct KnownPeers {
    file: PrivateFile,
    new_peers: NewPeers,
    /// Pins of old and new keys.
    rotations: Vec<(Pin, Pin)>,
    checks_dates: bool,
}

impl KnownPeers {
    /// The peers of this file, which need not exist. New peers are refused: [`KnownPeers::with_new_peers`]
    /// chooses another policy.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: PrivateFile::new(path, FILE_MAX),
            new_peers: NewPeers::Refuse,
            rotations: Vec::new(),
            checks_dates: false,
        }
    }

    /// Sets what happens to peers that are not in the file.
    #[must_use]
    pub fn with_new_peers(mut self, new_peers: NewPeers) -> Self {
        self.new_peers = new_peers;
        self
    }

    /// Accepts peers whose new key follows a known one by these statements. The file has the new key after
    /// the first handshake with it, and the old one is revoked. `sha256` must be SHA-256.
    #[must_use]
    pub fn with_rotations_with(mut self, rotations: &[KeyRotation], sha256: &dyn Hash) -> Self {
        self.rotations.extend(rotations.iter().map(|rotation| pins(rotation, sha256)));
        self
    }

    /// Refuses certificates that have expired or are not valid yet, too. Without this only the key counts: a device
    /// that nobody visits does not become unreachable by a date. Raw public keys have no dates.
    #[must_use]
    pub fn with_dates(mut self) -> Self {
        self.checks_dates = true;
        self
    }

    /// Whether dates of certificates count.
    pub fn checks_dates(&self) -> bool {
        self.checks_dates
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The peers in the order of the file, each with its line, from 1.
    ///
    /// # Errors
    /// The file cannot be read, or other users could change it. A file that does not exist is empty.
    pub fn peers(&self) -> Result<Vec<(usize, KnownPeer)>, KnownPeersError> {
        Ok(self.lines()?.peers().map(|(line, peer)| (line, peer.clone())).collect())
    }

    /// The lines that do not parse. New peers are refused while there are any.
    ///
    /// # Errors
    /// As [`KnownPeers::peers`].
    pub fn bad_lines(&self) -> Result<Vec<BadLine>, KnownPeersError> {
        Ok(self.lines()?.bad(self.path()).collect())
    }

    fn problem(&self, problem: String) -> KnownPeersError {
        KnownPeersError::Peer { path: self.path().to_owned(), problem }
    }

    fn lines(&self) -> Result<Lines, PrivateFileError> {
        match self.file.read() {
            Ok(bytes) => Ok(Lines::parse(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lines(Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// Changes the file while it is locked. An error leaves it as it is.
    fn change<R>(
        &self,
        change: impl FnOnce(&mut Lines) -> Result<R, KnownPeersError>,
    ) -> Result<R, KnownPeersError> {
        let mut file = self.file.lock()?;
        let mut lines = Lines::parse(&file.read()?);
        let result = change(&mut lines)?;
        file.replace(&lines.to_bytes())?;
        Ok(result)
    }
}

/// The pins of the old and the new key.
fn pins(rotation: &KeyRotation, sha256: &dyn Hash) -> (Pin, Pin) {
    (Pin::of(rotation.old_key(), sha256), Pin::of(rotation.new_key(), sha256))
}

impl KnownPeer {
    fn new(name: &str, pin: Pin, comment: &str, now: Option<UnixTime>) -> Self {
        let (name, comment) = (name.to_owned(), comment.to_owned());
        Self { name, pin, first_seen: now, last_seen: now, is_revoked: false, comment }
    }

    fn is_named(&self, name: &str) -> bool {
        is_same_name(&self.name, name)
    }

    fn add_comment(&mut self, text: &str) {
        if !self.comment.is_empty() && !text.is_empty() {
            self.comment.push_str("; ");
        }
        self.comment.push_str(text);
    }
}

/// Whether two spellings are of one name: capital letters, a final dot, and the ways to write an address make no
/// difference. A line that a person wrote would not be of the peer else, which would be new.
fn is_same_name(left: &str, right: &str) -> bool {
    let is_same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    is_same(without_dot(left), without_dot(right))
        || address(right).is_some_and(|right| address(left) == Some(right))
}

fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The lines of the file.
struct Lines(Vec<Line>);

impl Lines {
    fn parse(bytes: &[u8]) -> Self {
        let mut lines: Vec<Line> = bytes.split(|byte| *byte == b'\n').map(Line::parse).collect();
        // What follows the last LF is a line only if it is not empty.
        if bytes.is_empty() || bytes.ends_with(b"\n") {
            lines.pop();
        }
        Self(lines)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let lines = self.0.iter().flat_map(|line| [line.raw(), b"\n"]);
        lines.collect::<Vec<_>>().concat()
    }

    /// Every line with its number, from 1.
    fn numbered(&self) -> impl Iterator<Item = (usize, &Line)> {
        (1..).zip(&self.0)
    }

    fn peers(&self) -> impl Iterator<Item = (usize, &KnownPeer)> {
        self.numbered().filter_map(|(number, line)| Some((number, line.peer()?)))
    }

    fn bad(&self, path: &Path) -> impl Iterator<Item = BadLine> {
        self.bad_if(path, |_| true)
    }

    fn bad_if(&self, path: &Path, is_of: fn(&Line) -> bool) -> impl Iterator<Item = BadLine> {
        self.numbered().filter(move |(_, one)| is_of(one)).filter_map(|(line, one)| match &one.content {
            Content::Bad(problem) => Some(BadLine { path: path.to_owned(), line, problem: problem.clone() }),
            _ => None,
        })
    }

    fn revoke(&mut self, pin: Pin, reason: &str) -> usize {
        let mut count: usize = 0;
        for line in self.0.iter_mut().filter(|line| line.peer().is_some_and(|peer| peer.pin == pin)) {
            count = count.saturating_add(1);
            line.change(|peer| {
                peer.is_revoked = true;
                peer.add_comment(reason);
            });
        }
        count
    }

    /// Gives each valid line with the old key the new one, and revokes the old one in a line behind it.
    fn rotate(&mut self, old: Pin, new: Pin, now: UnixTime) -> usize {
        let mut count: usize = 0;
        let mut lines = Vec::with_capacity(self.0.len());
        for mut line in self.0.drain(..) {
            let revoked = match line.peer() {
                Some(peer) if peer.pin == old && !peer.is_revoked => {
                    let mut revoked = peer.clone();
                    revoked.is_revoked = true;
                    revoked.add_comment(&format!("rotated to {new}"));
                    Some(Line::of(revoked))
                }
                _ => None,
            };
            if revoked.is_some() {
                count = count.saturating_add(1);
                line.change(|peer| (peer.pin, peer.last_seen) = (new, Some(now)));
            }
            lines.push(line);
            lines.extend(revoked);
        }
        self.0 = lines;
        count
    }
}
