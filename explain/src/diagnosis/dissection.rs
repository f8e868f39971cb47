//! Dissects bytes without packets: every field, what is wrong, and a repaired ClientHello.

use std::ops::Range;

pub use crate::{
    conversation::field_tree::{Content, Node},
    diagnosis::complete::Completed,
    input::hex::{HexError, HexProblem},
};
use crate::{
    conversation::{Conversation, dissect, from_bytes},
    diagnosis::{complete, finding::Finding, malformed, ranking, remark, rules},
    input::{self, Form, Part, capture_event::Side, evidence::Evidence},
};

/// Bytes taken apart into records, messages and fields, and the findings about them.
///
/// ```
/// use handclasp_explain::dissection::dissect;
///
/// let dissection = dissect(&[0x15, 3, 3, 0, 2, 2, 40]);
/// let level = dissection.nodes[0].find("level").unwrap();
/// assert_eq!(dissection.bytes[level.range.clone()], [2]);
/// println!("{dissection}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Dissection {
    /// The bytes. All ranges and offsets refer to them.
    pub bytes: Vec<u8>,
    /// Records, messages and fields, in the order of the bytes.
    pub nodes: Vec<Node>,
    /// Findings, failures first, in the order of the bytes.
    pub findings: Vec<Finding>,
    /// The first malformed message, repaired so that it decodes.
    pub repaired: Option<Vec<u8>>,
    /// The ClientHello with the extensions that it lacks and most servers require. `None`: it lacks
    /// none, or a server accepted it.
    pub completed: Option<Completed>,
    /// Bytes of packet headers in front of TLS, which are left out of `bytes`.
    pub skipped: usize,
    /// The same bytes as a conversation between client and server.
    pub conversation: Conversation,
    /// Record headers inside messages that span several records.
    pub(crate) headers: Vec<Range<usize>>,
    /// The findings that the bytes show without the rules.
    of_bytes: Vec<Finding>,
}

impl Dissection {
    /// Whether there is TLS among the bytes.
    pub fn has_tls(&self) -> bool {
        self.nodes.iter().any(|node| node.name != dissect::NOT_TLS)
    }

    /// Applies the rules again, with other evidence.
    pub(crate) fn judge_again(&mut self, evidence: &Evidence) {
        let mut findings = self.of_bytes.clone();
        ranking::merge_rules(&mut findings, rules::diagnose(&self.conversation, evidence));
        self.findings = findings;
    }
}

/// Dissects a hex dump in any common format.
///
/// ```
/// use handclasp_explain::dissection::dissect_hex;
///
/// assert_eq!(dissect_hex("15 03 03 00 02 02 28").unwrap().bytes.len(), 7);
/// assert_eq!(dissect_hex("zz").unwrap_err().to_string().get(..16), Some("line 1, column 1"));
/// ```
///
/// # Errors
/// The text is not hexadecimal.
pub fn dissect_hex(text: &str) -> Result<Dissection, HexError> {
    Ok(explain_parts(input::hex::parse(text)?, &Evidence::default()))
}

/// Dissects bytes as one peer sent them over the transport.
///
/// ```
/// let dissection = handclasp_explain::dissection::dissect(&[0x15, 3, 3, 0, 2, 2, 40]);
/// assert_eq!(dissection.nodes[0].name, "record");
/// ```
pub fn dissect(bytes: &[u8]) -> Dissection {
    let part = Part::new(None, Form::Stream, bytes.to_vec());
    explain_parts(vec![part], &Evidence::default())
}

pub(crate) fn explain_parts(mut parts: Vec<Part>, evidence: &Evidence) -> Dissection {
    let skipped = parts.iter_mut().map(without_packet).sum();
    let mut found = dissect::dissect(&parts);
    remark::annotate(&mut found);
    let malformed = malformed::malformed(&found);
    let lacking = remark::lacking(&found, malformed.hello.as_deref());
    let conversation = from_bytes::conversation(&found, &parts, evidence);
    let ruled = rules::diagnose(&conversation, evidence);
    let mut findings = malformed.findings;
    findings.extend(lacking);
    let of_bytes = findings.clone();
    ranking::merge_rules(&mut findings, ruled);
    let hello = match &malformed.repaired {
        Some(repaired) => malformed.hello.is_some().then(|| repaired.clone()),
        None => complete::refused(&found),
    };
    let completed = hello.and_then(|hello| complete::complete(&hello, evidence.name.as_deref()));
    Dissection {
        bytes: found.bytes,
        nodes: found.nodes,
        findings,
        completed,
        repaired: malformed.repaired,
        skipped,
        conversation,
        headers: found.headers,
        of_bytes,
    }
}

/// The side whose program wrote a dump that says what it sent and what it received.
pub(crate) fn writer(parts: &[Part]) -> Option<Side> {
    from_bytes::writer(&dissect::dissect(parts), parts)
}

/// Takes the headers of a packet off, if the bytes begin with them; how many bytes they had.
fn without_packet(part: &mut Part) -> usize {
    let is_tls = dissect::begins(&part.bytes) || part.form != Form::Stream;
    let headers = input::frame::headers(&part.bytes).filter(|_| !is_tls).unwrap_or_default();
    part.bytes.drain(..headers);
    headers
}
