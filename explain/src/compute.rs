//! What can be recomputed: points, signatures, chains. Each answers what it found, without a
//! verdict.
//!
//! Called by: `causes`.
