//! Reports the end of a test to the runner: exit code and one line on standard error.

use std::{fmt, process::ExitCode};

use handclasp_report::{Fault, FaultCode};

/// Why a test failed or was not run.
pub enum End {
    /// The flags ask for something that this stack does not support.
    NotImplemented(String),
    /// The connection ended with a fault.
    Fault(Fault),
    /// An expectation in the flags is not met.
    Unmet(String),
    /// A socket or file failed.
    Io(std::io::Error),
}

impl End {
    /// Returns the exit code; the runner interprets 89 as "not implemented".
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NotImplemented(_) => ExitCode::from(89),
            Self::Fault(_) | Self::Unmet(_) | Self::Io(_) => ExitCode::FAILURE,
        }
    }

    /// Fails with something that this stack does not support.
    pub fn not_implemented<R>(what: impl fmt::Display) -> Result<R, Self> {
        Err(Self::NotImplemented(what.to_string()))
    }

    /// Fails with `expectation` unless `met`.
    pub fn unless(met: bool, expectation: impl fmt::Display) -> Result<(), Self> {
        if met { Ok(()) } else { Err(Self::Unmet(expectation.to_string())) }
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<FaultCode> for End {
    fn from(code: FaultCode) -> Self {
        Self::Fault(code.fault())
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
            // The evidence and not its wording: sentences may change without breaking the map of errors.
            Self::Fault(fault) => write!(f, "fault: {fault:?}"),
            Self::Unmet(expectation) => write!(f, "unmet expectation: {expectation}"),
            Self::Io(error) => write!(f, "io: {error}"),
        }
    }
}
