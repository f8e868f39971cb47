//! What one end insists on: extended_master_secret, renegotiation_info, DH sizes, no fallback (RFC 7627, 5746, 7507).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
