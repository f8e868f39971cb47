//! Errors of the file, and the refusal of a peer, in words.

use std::{boxed::Box, format, path::PathBuf, string::String, vec::Vec};

use core::fmt;

use handclasp_private_file::PrivateFileError;
use handclasp_report::{CertificateError, CertificateFault, Evidence};

use super::{
    KnownPeer,
    line::{EXPECTED, LineProblem, escape, written},
};
use crate::{Pin, Role};

/// Why the file of known peers is not read, or not changed.
#[non_exhaustive]
pub enum KnownPeersError {
    /// The file cannot be read or written, or other users could.
    File(PrivateFileError),
    /// A line that does not parse.
    Line(BadLine),
    /// A key that is already in the file, or is not.
    Peer {
        /// The file.
        path: PathBuf,
        /// What was asked for, why it is not done, and what to do.
        problem: String,
    },
    /// The peer was accepted when its handshake began, and is refused at its end: another process has changed
    /// the file.
    Refused(Box<PeerRefusal>),
}

/// A line that does not parse. It stays in the file as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: LineProblem,
}

/// A peer that is not trusted. `Display` names the file, the line, both fingerprints and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerRefusal {
    /// Why.
    pub reason: RefusalReason,
    /// The pin of the key that the peer showed.
    pub found: Pin,
    /// The file.
    pub path: PathBuf,
    /// The peer's name; of a client, what its certificate claims.
    pub name: Option<String>,
    /// Whether the peer is a server or a client.
    pub role: Role,
}

/// Why a peer is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The peer is not in the file, and new peers are not accepted.
    Unknown,
    /// The peer is in the file with other keys: their lines, from 1.
    Changed(Vec<(usize, KnownPeer)>),
    /// The key is revoked: its line, from 1.
    Revoked(usize, KnownPeer),
    /// The file cannot be used.
    File(String),
}

impl PeerRefusal {
    /// The fault of the handshake; `None` for a client that is refused since the file cannot be used, with the alert
    /// access_denied.
    ///
    /// RFC 8446 §6.2 has access_denied for a valid certificate whose holder access control refuses: a client that is not listed. A key that is not the expected one makes the certificate
    /// unacceptable for a reason that no other alert names: certificate_unknown. decrypt_error and
    /// bad_certificate would say that a signature or an encoding is wrong, and unknown_ca that a CA could help.
    pub fn fault(&self) -> Option<CertificateError> {
        match (&self.reason, self.role) {
            (RefusalReason::Revoked(..), _) => Some(CertificateFault::Revoked.into()),
            (RefusalReason::Changed(_), _) => {
                Some(CertificateFault::PinMismatch.with(Evidence::Pin(self.found.0)))
            }
            (_, Role::Server) => Some(CertificateFault::NotKnown.with(Evidence::Pin(self.found.0))),
            (RefusalReason::Unknown, Role::Client) => {
                Some(CertificateFault::NotListed.with(Evidence::Pin(self.found.0)))
            }
            (RefusalReason::File(_), Role::Client) => None,
        }
    }
}

impl fmt::Display for PeerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, found) = (self.path.display(), self.found);
        let words = found.words();
        let peer = match (self.role, &self.name) {
            (Role::Server, Some(name)) => format!("{name:?}"),
            (Role::Server, None) => "the server".into(),
            (Role::Client, Some(name)) => format!("the client that calls itself {name:?}"),
            (Role::Client, None) => "the client".into(),
        };
        match &self.reason {
            RefusalReason::Unknown => {
                let name = escape(self.name.as_deref().unwrap_or("NAME"));
                write!(
                    f,
                    "Refused: {peer} is not in {path}, and new peers are not accepted. Its key is {found} \
                     ({words}). If its owner confirms that fingerprint, add the line: {name} {found}"
                )
            }
            RefusalReason::Changed(known) => {
                write!(
                    f,
                    "ALARM: the key of {peer} is not the known one. The peer shows {found} ({words}); "
                )?;
                for (index, (line, peer)) in known.iter().enumerate() {
                    let also = if index == 0 { "" } else { ", and " };
                    let revoked = if peer.is_revoked { " (revoked)" } else { "" };
                    let (pin, words, last) = (peer.pin, peer.pin.words(), written(peer.last_seen));
                    write!(f, "{also}line {line} of {path} has {pin} ({words}), last seen {last}{revoked}")?;
                }
                let lines = if known.len() == 1 { "that line" } else { "those lines" };
                write!(
                    f,
                    ". Another device may be impersonating the peer, or the peer has a new key. Ask its owner for \
                     the fingerprint by another channel; if it is the new one, replace the pin in {lines}."
                )
            }
            RefusalReason::Revoked(line, known) => write!(
                f,
                "Refused: the key of {peer}, {found} ({words}), is revoked by line {line} of {path}{}. If it was \
                 revoked by mistake, remove @revoked from that line; otherwise the peer needs a new key.",
                match known.comment.as_str() {
                    "" => String::new(),
                    comment => format!(" ({comment})"),
                }
            ),
            RefusalReason::File(problem) => {
                write!(f, "Refused: {peer} with the key {found} ({words}) cannot be looked up: {problem}")
            }
        }
    }
}

impl core::error::Error for PeerRefusal {}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, problem } = self;
        write!(
            f,
            "{}, line {line}: {problem}. Expected {EXPECTED}; correct the line, remove it, or put # in front of it. \
             Until then no new peer is accepted, since the line may be of that peer.",
            path.display()
        )
    }
}

impl core::error::Error for BadLine {}

impl fmt::Display for KnownPeersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}"),
            Self::Line(bad) => write!(f, "{bad}"),
            Self::Peer { path, problem } => write!(f, "{}: {problem}", path.display()),
            Self::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for KnownPeersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for KnownPeersError {}

impl From<PrivateFileError> for KnownPeersError {
    fn from(error: PrivateFileError) -> Self {
        Self::File(error)
    }
}
