//! Bytes without packets: dissected, judged, repaired.

use std::ops::Range;

use crate::{
    conversation::{dissect, events::Conversation, tree::Node},
    diagnosis::{
        complete::{self, Completed},
        finding::Finding,
        malformed, raw_bytes, remark, rules,
    },
    input::{self, Form, Part, evidence::Evidence, hex::HexError},
};

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
    pub conversation: Conversation,
    /// Record headers inside messages that span several records.
    pub(crate) headers: Vec<Range<usize>>,
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

pub(crate) fn explain_parts(mut parts: Vec<Part>, evidence: &Evidence) -> Explanation {
    let skipped = parts.iter_mut().map(without_packet).sum();
    let mut found = dissect::dissect(&parts);
    remark::annotate(&mut found);
    let malformed = malformed::malformed(&found);
    let lacking = remark::lacking(&found, malformed.hello.as_deref());
    let conversation = raw_bytes::conversation(&found, &parts, evidence);
    let ruled = rules::diagnose(&conversation, evidence);
    let mut findings = malformed.findings;
    findings.extend(lacking);
    raw_bytes::merge(&mut findings, ruled);
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
        conversation,
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
