//! Conversations for tests of rules, and the failures that the rules find in them.

use super::diagnose;
use crate::conversation::Conversation;
pub(crate) use crate::conversation::test_support::*;
use crate::diagnosis::finding::{Finding, Severity};
use crate::input::evidence::Evidence;

pub(crate) fn failures(conversation: &Conversation, evidence: &Evidence) -> Vec<Finding> {
    let found = diagnose(conversation, evidence);
    found.into_iter().filter(|finding| finding.severity == Severity::Failure).collect()
}
