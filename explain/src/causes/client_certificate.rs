//! The client's certificate and its CertificateVerify (RFC 8446 §4.4.2 §4.4.3, RFC 5246 §7.4.6 §7.4.8).
//!
//! Called by: `causes.rs`.

use super::Case;
use crate::finding::Finding;

/// What this family finds.
pub(super) fn findings(_case: &Case<'_>) -> Vec<Finding> {
    Vec::new()
}
