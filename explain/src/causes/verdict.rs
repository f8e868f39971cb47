//! The order of findings: failures before advice, the surest first, and of two equally sure the
//! one that explains the ending better.
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// Puts the findings of all families in order.
pub(super) fn verdict(_case: &Case<'_>, mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| (finding.severity, finding.grade));
    found
}
