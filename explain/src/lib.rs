//! Explains why a TLS handshake failed: from a capture, bytes, logs or a handclasp report.
//!
//! Three functions cover most uses; each detects what it is given:
//!
//! | function | input |
//! |---|---|
//! | [`explain_file`] | a file: capture (pcap, pcapng), hex dump, raw bytes, log (also with reports in it) or report |
//! | [`explain_bytes`] | the same in memory |
//! | [`explain_report`] | the [`Report`](handclasp_report::Report) of a handclasp connection |
//!
//! [`Explainer`] has the same three with [`Evidence`] beside the input: a key log, pre-shared keys, the
//! expected name, trust anchors.
//!
//! The result is an [`Explanation`]. [`verdict`](Explanation::verdict) is the [`Finding`] to show first:
//! its [`Cause`], how certain it is ([`Confidence`]), which [`Party`] must act, a summary, the evidence
//! and ways to fix it. `conversations` holds every connection with its events and its findings.
//!
//! ```
//! # fn main() -> Result<(), handclasp_explain::Error> {
//! use handclasp_explain::explain_bytes;
//!
//! let explanation = explain_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
//! if let Some(finding) = explanation.verdict() {
//!     println!("{} [{}]", finding.summary, finding.cause.id());
//! }
//! for diagnosis in &explanation.conversations {
//!     for event in &diagnosis.conversation.events {
//!         println!("{}: {:?}", event.from, event.kind);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The source has four parts; each imports only those before it:
//!
//! | folder | contents |
//! |---|---|
//! | `input/` | captures, hex dumps, logs and evidence, read into capture events and bytes |
//! | `conversation/` | streams reassembled, records decrypted with the available keys, messages in order |
//! | `diagnosis/` | recomputation, the rules (one file for each family of causes), the findings and their order |
//! | `output/` | text, JSON, HTML, and `teach` |
//!
//! Called by: `cli`; feature `explain` of `handclasp`.

pub mod conversation;
mod diagnosis;
mod error;
mod explainer;
pub mod extract;
mod input;
mod output;
mod provider;

pub use diagnosis::{
    advice,
    cause::{Cause, CauseFamily, Party},
    certificate_summary as certificate, dissection,
    explanation::{Diagnosis, Explanation, ReportDiagnosis},
    finding::{Confidence, Finding, Severity},
    fix::{Fix, HowTo},
};
pub use error::Error;
pub use explainer::{Explainer, explain_bytes, explain_file, explain_report};
pub use input::{
    capture_event::Side,
    evidence::{self, Evidence},
    input_kind::InputKind,
    report_lines::{DamagedLine, LineProblem},
};
pub use output::render;

/// Captures: files of packets, and the events of the TCP conversations in them.
pub mod capture {
    pub use crate::{
        diagnosis::event_explainer::EventExplainer,
        input::{
            capture::{
                CaptureError, CaptureProblem, FlowId, Listener, SkippedPackets, Summary, key_log, read,
            },
            capture_event::{CaptureEvent, CaptureEventKind, Position},
        },
    };
}
