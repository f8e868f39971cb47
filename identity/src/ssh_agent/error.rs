//! Errors of an ssh-agent: the problem for programs, the sentence for people.

use core::fmt;
use std::string::{String, ToString};

/// A refusal; the protocol has no reasons.
pub(super) const REFUSED: &str = "the ssh-agent refuses to sign: the agent is locked, the key was removed from \
                                  it, its use was not confirmed, or it is bound to hosts";

/// Why a key in an ssh-agent cannot be used.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentError {
    /// What is wrong.
    pub problem: AgentProblem,
    sentence: String,
}

/// What is wrong with an ssh-agent or a key in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentProblem {
    /// No agent is named, or none answers at its socket.
    NoAgent,
    /// The agent does not answer in time, or answers something else.
    Protocol,
    /// The agent refuses the request.
    Refused,
    /// The agent has no such key.
    NoKey,
    /// The agent has several keys of that comment.
    SeveralKeys,
    /// A key of that type cannot sign in TLS.
    UnusableKey,
    /// The key does not fit its certificate, or fails a test signature.
    Identity,
}

impl AgentError {
    pub(super) fn new(problem: AgentProblem, sentence: impl ToString) -> Self {
        Self { problem, sentence: sentence.to_string() }
    }
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for AgentError {}
