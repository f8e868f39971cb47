//! What a server may not do: choices that were not offered, messages out of order (RFC 8446 §4.1.3 §4.1.4).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
