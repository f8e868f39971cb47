//! How a test ended, for the runner: exit code and one line on standard error.

use std::{fmt, process::ExitCode};

use handclasp_report::Fault;

/// Why a test did not end well, or not at all.
pub enum End {
    /// We do not do what the flags ask for.
    NotImplemented(String),
    /// The connection ended with a fault.
    Fault(Fault),
    /// An expectation of the flags is not met.
    Unmet(String),
    /// Socket or file.
    Io(std::io::Error),
}

impl End {
    /// 89 is "not implemented" by the runner's contract.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotImplemented(_) => ExitCode::from(89),
            Self::Fault(_) | Self::Unmet(_) | Self::Io(_) => ExitCode::FAILURE,
        }
    }

    /// Something that we do not do.
    pub fn not_implemented<R>(what: impl fmt::Display) -> Result<R, Self> {
        Err(Self::NotImplemented(what.to_string()))
    }

    /// Nothing when `met`.
    pub fn unless(met: bool, expectation: impl fmt::Display) -> Result<(), Self> {
        if met { Ok(()) } else { Err(Self::Unmet(expectation.to_string())) }
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<std::io::Error> for End {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotImplemented(what) => write!(f, "not implemented: {what}"),
            // The evidence, not the sentences: words may be improved without breaking the map.
            Self::Fault(fault) => write!(f, "fault: {fault:?}"),
            Self::Unmet(expectation) => write!(f, "expected otherwise: {expectation}"),
            Self::Io(error) => write!(f, "io: {error}"),
        }
    }
}
