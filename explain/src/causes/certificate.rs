//! The server's certificates: validity, names, chains, keys, use (RFC 5280, RFC 9525).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
