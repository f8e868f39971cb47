//! Why a handshake failed, from bytes and reports.
//!
//! | file | what |
//! |---|---|
//! | `input/` | what people have in hand, turned into bytes: `hex` in every form, `capture` (packets into conversations) |
//! | `evidence` | what a user gives besides: keys, names, roots, logs |
//! | `happening` | what a capture shows of one conversation, one thing at a time |
//! | `reading/` | records, messages, keys: a conversation becomes a `story` |
//! | `story/` | what happened, in order; questions to ask it; how it ended |
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

mod advice;
mod both;
mod cause;
mod causes;
mod complete;
mod compute;
mod dissect;
mod evidence;
mod explained;
mod extract;
mod finding;
mod given;
mod happening;
mod herring;
mod input;
mod legacy;
mod malformed;
mod pasted;
mod reading;
mod remark;
mod render;
pub mod shown;
mod story;
mod suite;
mod teach;
mod tree;

use std::{fmt, ops::Range};

pub use advice::{Advice, advice, advice_about, advice_with_psk};
pub use cause::{At, Cause};
pub use complete::Completed;
pub use evidence::{Evidence, EvidenceError, Typed};
pub use explained::{Conversation, Explained, Explainer, Reported};
pub use extract::{ExtractError, client_hello_of};
pub use finding::{Finding, Fix, Grade, Severity};
pub use given::{Given, Unreadable, explain_file};
pub use happening::{Event, Happening, Place, Side};
pub use input::capture::{
    CaptureError, CaptureProblem, ConversationId, Listener, PassedOver, Summary, key_log as capture_key_log,
    read as read_capture,
};
pub use input::hex::{HexError, HexProblem};
pub use render::{Look, Paint, render, render_html, render_json, render_text};
pub use story::{Ending, Found, Item, Message, Stage, Story, What};
pub use tree::{Content, Node};

use input::{Form, Part};

/// What bytes are, and what is wrong with them.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The bytes. All ranges and offsets count in them.
    pub bytes: Vec<u8>,
    /// Records, messages and fields.
    pub nodes: Vec<Node>,
    /// What was found, failures first, in the order of the bytes.
    pub findings: Vec<Finding>,
    /// The first broken message, repaired; known to decode.
    pub repaired: Option<Vec<u8>>,
    /// The ClientHello, repaired or as it was sent, with the extensions that servers ask for: where it
    /// lacks some, and no server took it.
    pub completed: Option<Completed>,
    /// Bytes of packet headers that stood in front and are left out.
    pub skipped: usize,
    /// The same bytes as a conversation of two ends.
    pub story: Story,
    /// Record headers inside messages that span several records.
    headers: Vec<Range<usize>>,
}

/// Plain text; see [`render`] for colours.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(render(self, Paint::Plain).trim_end())
    }
}

impl Explanation {
    /// Whether there is TLS among the bytes.
    pub fn has_tls(&self) -> bool {
        self.nodes.iter().any(|node| node.name != dissect::NO_TLS)
    }
}

/// Explains a hex dump in any form.
///
/// # Errors
/// Where the text is not hexadecimal.
pub fn explain_hex(text: &str) -> Result<Explanation, HexError> {
    Ok(explain_parts(input::hex::parse(text)?, &Evidence::default()))
}

/// Explains bytes as they went over the wire in one direction.
pub fn explain_bytes(bytes: &[u8]) -> Explanation {
    let part = Part { direction: None, form: Form::Stream, bytes: bytes.to_vec() };
    explain_parts(vec![part], &Evidence::default())
}

fn explain_parts(mut parts: Vec<Part>, evidence: &Evidence) -> Explanation {
    let skipped = parts.iter_mut().map(without_packet).sum();
    let mut found = dissect::dissect(&parts);
    remark::annotate(&mut found);
    let malformed = malformed::malformed(&found);
    let lacking = remark::lacking(&found, malformed.hello.as_deref());
    let story = pasted::story(&found, &parts, evidence);
    let ruled = causes::diagnose(&story, evidence);
    let mut findings = malformed.findings;
    findings.extend(lacking);
    pasted::merge(&mut findings, ruled);
    let hello = match &malformed.repaired {
        Some(repaired) => malformed.hello.is_some().then(|| repaired.clone()),
        None => complete::refused(&found),
    };
    let completed = hello.and_then(|hello| complete::complete(&hello, evidence.name.as_deref()));
    Explanation {
        bytes: found.bytes,
        nodes: found.nodes,
        findings,
        completed,
        repaired: malformed.repaired,
        skipped,
        story,
        headers: found.headers,
    }
}

/// Takes the headers of a packet off, if the bytes begin with them; how many bytes they had.
fn without_packet(part: &mut Part) -> usize {
    let is_tls = dissect::begins(&part.bytes) || part.form != Form::Stream;
    let headers = input::frame::headers(&part.bytes).filter(|_| !is_tls).unwrap_or_default();
    part.bytes.drain(..headers);
    headers
}
