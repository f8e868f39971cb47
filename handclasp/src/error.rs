//! The top error: who failed, why, and the story that explains it.

use std::{fmt, io};

use handclasp_report::{Blame, Fault, Report};

/// Why a handshake or a stream ended.
#[derive(Debug)]
pub struct Error {
    cause: Cause,
    report: Box<Report>,
}

#[derive(Debug)]
enum Cause {
    Fault(Fault),
    Io(io::Error),
}

impl Error {
    pub(crate) fn from_fault(fault: Fault, report: &Report) -> Self {
        Self { cause: Cause::Fault(fault), report: Box::new(report.clone()) }
    }

    pub(crate) fn from_io(error: io::Error, report: &Report) -> Self {
        Self { cause: Cause::Io(error), report: Box::new(report.clone()) }
    }

    /// Who failed.
    pub fn blame(&self) -> Blame {
        match &self.cause {
            Cause::Fault(fault) => fault.blame(),
            Cause::Io(_) => Blame::Transport,
        }
    }

    /// The evidence; none when the transport itself reported an error.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.cause {
            Cause::Fault(fault) => Some(fault),
            Cause::Io(_) => None,
        }
    }

    /// What both sides offered, what was chosen and how it ended; without secrets.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Fault(fault) => fmt::Display::fmt(fault, f),
            Cause::Io(error) => write!(f, "the transport failed: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Fault(_) => None,
            Cause::Io(error) => Some(error),
        }
    }
}

/// Streams speak `std::io`; the whole error travels inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match (&error.cause, error.blame()) {
            (Cause::Io(inner), _) => inner.kind(),
            (Cause::Fault(Fault::TimedOut { .. }), _) => io::ErrorKind::TimedOut,
            (Cause::Fault(_), Blame::Transport) => io::ErrorKind::UnexpectedEof,
            (Cause::Fault(_), Blame::RefusedByPeer) => io::ErrorKind::ConnectionAborted,
            (Cause::Fault(_), Blame::Ours) => io::ErrorKind::Other,
            (Cause::Fault(_), Blame::RefusedByUs) => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
