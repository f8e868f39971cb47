//! The server's key exchange: its point, its signature, the keys that follow from it (RFC 5246 §7.4.3, RFC 8422 §5.4).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
