//! Explains why a TLS handshake failed: from a capture, bytes, logs or a report.
//!
//! Four parts; each imports only those before it:
//!
//! | folder | contents |
//! |---|---|
//! | `input/` | captures, hex dumps, logs, and what the user knows besides: read into capture events and bytes |
//! | `conversation/` | streams reassembled, records decrypted with the keys at hand, messages in order |
//! | `diagnosis/` | what can be recomputed, the rules (one file for each family of causes), the findings and their order |
//! | `output/` | text, JSON, HTML, and `teach` |
//!
//! Called by: `cli`; feature `explain` of `handclasp`.

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
