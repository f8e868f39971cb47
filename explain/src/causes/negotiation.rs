//! Offers without anything in common: versions, suites, groups, schemes, protocols, names.
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
