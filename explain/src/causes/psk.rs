//! Pre-shared keys: their encoding, value, identity and hash (RFC 4279, RFC 8446 §4.2.11).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
