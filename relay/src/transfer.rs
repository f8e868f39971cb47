//! How a relay ended, and what it moved.

use std::{fmt, io};

/// One of the two connections of a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelaySide {
    /// The side that was accepted.
    Client,
    /// The side that was dialled, or the application.
    Target,
}

impl fmt::Display for RelaySide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "the client",
            Self::Target => "the target",
        })
    }
}

/// How a connection ended without an orderly end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AbortKind {
    /// The transport of a TLS connection ended without close_notify: bytes may be missing.
    Truncated,
    /// The transport was reset.
    Reset,
    /// The TLS connection failed by an alert of the peer or a record that does not verify, or the transport by another
    /// error of the system.
    Failed,
}

/// How a relay ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ending {
    /// Both sides ended in order.
    Closed,
    /// The client went without close_notify after it had been sent the whole answer and its end: nothing that it
    /// asked for is missing.
    Left,
    /// A side ended out of order, and the other one was ended by a reset, without close_notify.
    Aborted {
        /// The side that ended out of order.
        by: RelaySide,
        /// Truncation, reset or failure.
        how: AbortKind,
        /// The error; one of a TLS stream holds a [`handclasp::Error`] ([`handclasp::Error::in_io_error`]).
        error: io::Error,
    },
    /// The target was not reached.
    NoTarget(io::Error),
    /// No byte was moved for as long as the idle timeout permits.
    Idle,
    /// The time limit of a drain was over.
    Drained,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::Left => {
                f.write_str("closed; the client left without close_notify after the whole answer was sent")
            }
            Self::Aborted { by, how: AbortKind::Truncated, .. } => {
                write!(f, "{by} ended without close_notify")
            }
            Self::Aborted { by, how: AbortKind::Reset, .. } => write!(f, "{by} reset the connection"),
            Self::Aborted { by, error, .. } => write!(f, "{by} failed: {error}"),
            Self::NoTarget(error) => write!(f, "the target was not reached: {error}"),
            Self::Idle => f.write_str("closed: idle for too long"),
            Self::Drained => f.write_str("closed: the server is ending"),
        }
    }
}

/// What a relay moved, and how it ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Transfer {
    /// Bytes of the client that the target took.
    pub from_client: u64,
    /// Bytes of the target that were encrypted or written for the client.
    pub from_target: u64,
    /// The reason for the end.
    pub ending: Ending,
}

impl Transfer {
    /// A relay that moved this much and ended so.
    pub fn new(from_client: u64, from_target: u64, ending: Ending) -> Self {
        Self { from_client, from_target, ending }
    }
}
