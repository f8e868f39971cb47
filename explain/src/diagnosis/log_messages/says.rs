//! A line of a log that names a cause or an alert.

use handclasp_codec::AlertDescription;

use crate::diagnosis::cause::Cause;

/// A line with a known message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line number, from 1.
    pub number: usize,
    /// The line without surrounding spaces; 200 characters at most.
    pub text: String,
    /// Meaning of the line.
    pub says: Says,
    /// Whether it is an error code or a general line: words of the same log say more.
    pub by_code: bool,
}

/// Meaning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Why the program that printed it refused or failed.
    Why(Cause),
    /// The same, concluded from other lines of the log; the text gives the reason.
    Likely(Cause, &'static str),
    /// The line has several possible reasons, one of them this cause; the text lists all.
    Maybe(Cause, &'static str),
    /// The peer sent this alert.
    AlertCame(AlertDescription),
    /// The program that printed it sent this alert.
    AlertSent(AlertDescription),
    /// A number or a general line that does not name a cause; the text explains it.
    Number(&'static str),
}

impl Says {
    /// The cause that the line names.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Why(cause) | Self::Likely(cause, _) | Self::Maybe(cause, _) => Some(*cause),
            Self::AlertCame(_) | Self::AlertSent(_) | Self::Number(_) => None,
        }
    }
}
