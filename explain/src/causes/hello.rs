//! What a ClientHello lacks or breaks (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
