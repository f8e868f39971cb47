//! The result: the structures of a file, and what is wrong with each.

use handclasp_identity::Found;

use crate::{Finding, Severity};

/// What is in a file, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LintReport {
    /// The structures of the file, in its order.
    pub items: Vec<Item>,
}

/// One structure of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// What it is.
    pub kind: Found,
    /// Which of the files it is in, from 0.
    pub file: usize,
    /// Offset of its first byte in the file.
    pub start: usize,
    /// Lines for people: subject, names, key, signature.
    pub facts: Vec<(&'static str, String)>,
    /// What is wrong, the worst first, then by byte.
    pub findings: Vec<Finding>,
}

impl LintReport {
    /// The worst severity.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(Finding::severity).max()
    }

    /// Whether something is wrong: an error, or a warning.
    pub fn is_wrong(&self) -> bool {
        self.worst() >= Some(Severity::Warning)
    }

    /// All findings, in the order of the structures.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.items.iter().flat_map(|item| &item.findings)
    }
}
