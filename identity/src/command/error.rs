//! Every way in which a signing command fails, in words.

use core::fmt;
use std::{boxed::Box, io, string::String, time::Duration};

use crate::IdentityError;

/// A signing command failed.
#[derive(Debug)]
pub struct CommandError {
    /// The command.
    pub command: String,
    /// The request.
    pub request: String,
    /// What is wrong.
    pub problem: CommandProblem,
}

/// What is wrong with a signing command.
#[derive(Debug)]
#[non_exhaustive]
pub enum CommandProblem {
    /// It does not start.
    Start(io::Error),
    /// It did not end in time, and was killed.
    Timeout(Duration),
    /// It ended with an exit status other than 0.
    Refused {
        /// The status; `None` if a signal ended it.
        status: Option<i32>,
        /// The last line that it wrote to standard error.
        reason: String,
    },
    /// It wrote nothing.
    Empty,
    /// It wrote more than this many bytes.
    TooLong(usize),
    /// Its description is not one: what is wrong with it.
    Description(String),
    /// Its key does not fit the certificate, or it fails a test signature.
    Identity(Box<IdentityError>),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, request, problem } = self;
        match problem {
            CommandProblem::Start(error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "the signing command {command:?} is not installed, or not on the PATH")
            }
            CommandProblem::Start(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                write!(f, "the signing command {command:?} may not be executed: chmod +x")
            }
            CommandProblem::Start(error) => {
                write!(f, "the signing command {command:?} does not start: {error}")
            }
            CommandProblem::Timeout(limit) => write!(
                f,
                "the signing command {command:?} did not end within {} ms of `{request}` and was killed; does it \
                 wait for input?",
                limit.as_millis()
            ),
            CommandProblem::Refused { status, reason } => {
                write!(f, "the signing command {command:?} refuses `{request}`")?;
                match status {
                    Some(127) if reason.is_empty() => {
                        f.write_str(": a program that it calls is not installed")
                    }
                    Some(status) => write!(f, " with exit status {status}"),
                    None => f.write_str(": a signal ended it"),
                }?;
                if reason.is_empty() { Ok(()) } else { write!(f, ": {reason}") }
            }
            CommandProblem::Empty => {
                write!(f, "the signing command {command:?} wrote nothing for `{request}`")
            }
            CommandProblem::TooLong(limit) => {
                write!(f, "the signing command {command:?} wrote more than {limit} bytes for `{request}`")
            }
            CommandProblem::Description(reason) => {
                write!(f, "the signing command {command:?} does not describe a key: {reason}")
            }
            CommandProblem::Identity(error) => write!(f, "the signing command {command:?}: {error}"),
        }
    }
}

impl core::error::Error for CommandError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            CommandProblem::Start(error) => Some(error),
            CommandProblem::Identity(error) => Some(&**error),
            _ => None,
        }
    }
}
