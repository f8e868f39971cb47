//! Records and messages that are too long for the protocol or for a small peer (RFC 6066 §4, RFC 8449).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
