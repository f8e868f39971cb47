//! From a conversation to findings: recomputation, rules, ranking. Knows `input` and `conversation`;
//! prints nothing.

pub mod advice;
pub(crate) mod cause;
pub mod certificate_summary;
pub(crate) mod compare_captures;
pub(crate) mod complete;
pub(crate) mod compute;
pub mod dissection;
pub(crate) mod event_explainer;
pub(crate) mod explanation;
pub(crate) mod finding;
pub(crate) mod fix;
pub(crate) mod log_messages;
pub(crate) mod malformed;
pub(crate) mod raw_bytes;
pub(crate) mod remark;
pub(crate) mod ruled_out;
pub(crate) mod rules;
