//! From a conversation to findings: recomputation, rules, ranking. Knows `input` and `conversation`;
//! prints nothing.
//!
//! Every input becomes conversations, and all conversations take the same way:
//!
//! | input | becomes a conversation in | driven by |
//! |---|---|---|
//! | capture, live connection | `conversation/reading` | `event_explainer` |
//! | hex dump, raw bytes | `conversation/from_bytes` | `dissection`, which also shows every field |
//! | report of handclasp | `conversation/from_report` | `rules::of_report` |
//!
//! Then: `rules` (one file for each family of causes, `own_fault` where a report states the cause),
//! `rules/weighing` (what the ending makes of them), `software` (settings by name), `one_side` (flags and notes, for reports), `ranking`.

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
pub(crate) mod one_side;
pub(crate) mod probes;
pub(crate) mod protocol;
pub(crate) mod ranking;
pub(crate) mod remark;
pub(crate) mod ruled_out;
pub(crate) mod rules;
pub(crate) mod server_now;
pub(crate) mod software;
