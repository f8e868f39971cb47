//! What was found, for people and for scripts.

use std::ops::Range;

use crate::diagnosis::cause::{Cause, Party};
pub use crate::diagnosis::fix::{Fix, HowTo};

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub cause: Cause,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it breaks the handshake, or is only worth knowing.
    pub severity: Severity,
    /// The party that must act.
    pub side: Party,
    /// One sentence.
    pub summary: String,
    /// What it stands on.
    pub evidence: Vec<String>,
    /// What fixes it, the best first, and on which side.
    pub fix: Vec<Fix>,
    /// How it is fixed in the software of either side that is recognised, the side that must act first.
    pub how: Vec<HowTo>,
    /// The bytes concerned, in the input.
    pub range: Option<Range<usize>>,
    /// Whether it rests on what the server answers now, not on the capture alone
    /// ([`Evidence::server_now`](crate::Evidence::server_now)).
    pub as_of_now: bool,
    /// Whether a log says it, and nothing else shows it.
    pub(crate) is_of_log: bool,
}

/// How sure a finding is, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Confidence {
    /// A byte-exact contradiction, or recomputed.
    Proved,
    /// It stands in the bytes.
    Observed,
    /// The only cause that fits what stands there.
    Inferred,
    /// One of several.
    Possible,
}

impl Confidence {
    /// As scripts read it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Possible => "possible",
        }
    }

    /// What it means where a capture or bytes were explained.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Proved => "recomputed from the captured bytes",
            Self::Observed => "visible in the capture",
            Self::Inferred => "the only cause consistent with the offers and the ending",
            Self::Possible => "one of several causes consistent with the evidence",
        }
    }

    /// What it means where a log says it.
    pub(crate) fn meaning_of_log(self) -> &'static str {
        match self {
            Self::Proved | Self::Observed => "stated in the log",
            Self::Inferred => "the only cause consistent with the log",
            Self::Possible => "one of several causes consistent with the log",
        }
    }

    /// What it means where the report of one side was explained, which saw no packets.
    pub(crate) fn meaning_of_one_side(self) -> &'static str {
        match self {
            Self::Proved => "recomputed from the bytes of this handshake",
            Self::Observed => "visible in this handshake",
            Self::Inferred | Self::Possible => self.meaning(),
        }
    }
}

/// What a finding does to the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// The reason why it fails.
    Failure,
    /// Worth knowing, whether or not anything failed.
    Advice,
}

impl Finding {
    /// A failure, with the words that its cause always has.
    pub(crate) fn failure(cause: Cause, confidence: Confidence, summary: impl Into<String>) -> Self {
        Self {
            cause,
            confidence,
            severity: Severity::Failure,
            side: cause.at(),
            summary: summary.into(),
            evidence: Vec::new(),
            fix: vec![cause.fix().into()],
            how: Vec::new(),
            range: None,
            as_of_now: false,
            is_of_log: false,
        }
    }

    /// The same as advice.
    pub(crate) fn advice(cause: Cause, confidence: Confidence, summary: impl Into<String>) -> Self {
        Self { severity: Severity::Advice, ..Self::failure(cause, confidence, summary) }
    }

    pub(crate) fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// What fixes it here, in place of the words that the cause always has.
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = vec![Fix::from(fix.into())];
        self
    }

    /// What else fixes it.
    pub(crate) fn or_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix.push(Fix::from(fix.into()));
        self
    }

    /// Who must act, where it is not who must as a rule.
    pub(crate) fn side(mut self, side: Party) -> Self {
        self.side = side;
        self
    }

    pub(crate) fn at(mut self, range: Range<usize>) -> Self {
        self.range = Some(range);
        self
    }
}
