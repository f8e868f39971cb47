//! Why a handshake failed, from bytes and reports.
//!
//! | file | what |
//! |---|---|
//! | `input/` | what people have in hand, turned into bytes: `hex` in every form, `capture` (packets into conversations) |
//! | `evidence` | what a user gives besides: keys, names, roots, logs |
//! | `event` | what a capture shows of one conversation, one thing at a time |
//! | `reading/` | records, messages, keys: a conversation becomes a `conversation` |
//! | `conversation/` | what happened, in order; questions to ask it; how it ended |
//! | `legacy/` | records and secrets before TLS 1.3, old ones too, opened with given keys |
//! | `compute/` | points, signatures and chains, recomputed |
//! | `causes/` | rules, a file for each family of causes; the verdict |
//! | `given` | a file: what it is, and the way from it to what is told |
//! | `extract` | the ClientHello of a file, to be sent again |
//! | `shown` | certificates and names in one line |
//! | `explained` | what is told: conversations, their findings |
//! | `both` | the same handshake seen at both ends |
//! | `pasted` | bytes without packets as a story |
//! | `dissect` | records, messages and fields, through the codec's own decoders; `tree` keeps them |
//! | `malformed` | blame for what does not parse, and the repaired message |
//! | `complete` | a repaired ClientHello with the extensions that servers ask for |
//! | `remark` | notes beside fields; what a ClientHello lacks |
//! | `cause`, `finding` | the vocabulary of causes; how sure, how bad, who, what mends it |
//! | `herring` | what looks like the cause and is not |
//! | `teach/` | what every message and field is for |
//! | `render/` | all of it as text, JSON or a page |
//! | `advice` | a report, in words: who failed, why, what to try next |
//!
//! Called by: `cli`, and whoever has bytes or a report.

mod conversation;
mod diagnosis;
mod input;
mod output;

pub use conversation::events::{Conversation, Ending, Event, EventKind, Found, Message, Stage};
pub use conversation::tree::{Content, Node};
pub use diagnosis::advice::{Advice, advice, advice_about, advice_with_psk};
pub use diagnosis::cause::{Cause, Party};
pub use diagnosis::complete::Completed;
pub use diagnosis::explained::{Diagnosis, Explained, Explainer, Reported};
pub use diagnosis::extract::{ExtractError, client_hello_of};
pub use diagnosis::finding::{Confidence, Finding, Fix, Severity};
pub use diagnosis::input_kind::{InputKind, Unreadable, explain_file};
pub use input::capture::{
    CaptureError, CaptureProblem, FlowId, Listener, PassedOver, Summary, key_log as capture_key_log,
    read as read_capture,
};
pub use input::capture_event::{CaptureEvent, CaptureEventKind, Position, Side};
pub use input::evidence::{Evidence, EvidenceError, Typed};
pub use input::hex::{HexError, HexProblem};
pub use output::render::{Look, Paint, render, render_html, render_json, render_text};

pub use diagnosis::certificate_summary as shown;
pub use diagnosis::explanation::{Explanation, explain_bytes, explain_hex};
