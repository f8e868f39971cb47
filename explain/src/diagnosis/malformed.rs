//! Blame for bytes that do not parse: which byte, which field, what is missing; and the
//! repaired message where a small repair makes it decode.

mod describe;
mod framing;
mod hello;
mod length;
mod repair;

pub(crate) use framing::other_protocol;
pub(crate) use hello::cause as hello_cause;

use handclasp_codec::{HandshakeType, Problem};

use crate::conversation::DecodeFailure;
use crate::conversation::dissect::{Decoded, Defect, DissectedMessage, MessageKind};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// Findings, and the first message that could be repaired.
#[derive(Debug, Default)]
pub(crate) struct Malformed {
    pub findings: Vec<Finding>,
    /// A repaired message, from its record header on.
    pub repaired: Option<Vec<u8>>,
    /// The body of a repaired ClientHello.
    pub hello: Option<Vec<u8>>,
}

/// Looks at everything that did not parse.
pub(crate) fn malformed(found: &Decoded) -> Malformed {
    let mut out = Malformed::default();
    let mut mended = false;
    for message in &found.messages {
        if let Some(hello) = hello::repair_message(found, message) {
            out.findings.extend(hello.findings);
            out.repaired = out.repaired.or(Some(hello.bytes));
            out.hello = out.hello.or(Some(hello.body));
            mended = true;
        } else if let Some(failure) = &message.error
            && !(is_cut(found, message) && failure.error.problem == Problem::Truncated)
        {
            let (finding, repaired) = message_finding(found, message, failure);
            out.findings.push(finding);
            out.repaired = out.repaired.or(repaired);
        }
    }
    out.findings.extend(found.defects.iter().filter_map(|defect| framing::finding(found, defect, mended)));
    out
}

/// Whether the input ends inside this message.
fn is_cut(found: &Decoded, message: &DissectedMessage) -> bool {
    let header = message.range.start;
    found
        .defects
        .iter()
        .any(|defect| matches!(defect, Defect::MessageTruncated { header: cut, .. } if cut.start == header))
}

fn message_finding(
    found: &Decoded,
    message: &DissectedMessage,
    failure: &DecodeFailure,
) -> (Finding, Option<Vec<u8>>) {
    let MessageKind::Handshake(msg_type) = message.kind else {
        return (
            Finding::failure(Cause::AlertMalformed, Confidence::Proved, "An alert does not parse."),
            None,
        );
    };
    let DecodeFailure { within, error, .. } = failure;
    let is_hello = msg_type == HandshakeType::client_hello;
    let cause = if is_hello { hello::cause(error.field) } else { Cause::MessageMalformed };
    let summary = format!("The {} message does not parse: {}.", within.name(), failure);
    let mut finding = Finding::failure(cause, Confidence::Proved, summary);
    finding.side = if is_hello { cause.at() } else { hello::sender(msg_type) };
    let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
    finding.range = Some(offset..offset.saturating_add(1));
    let correction = length::correct(msg_type, found.context(), &message.bytes);
    let Some(correction) = correction.filter(|_| message.whole) else { return (finding, None) };
    let at = message.range.start + correction.range.start;
    let (name, was, right) = (correction.name, correction.found, correction.right);
    finding.range = Some(at..message.range.start + correction.range.end);
    finding.evidence.push(format!(
        "with {right} instead of {was} as the length of {name} at offset {at}, the whole message decodes"
    ));
    finding.fix = vec![format!("write {right} as the length of {name} at offset {at}").into()];
    let mut repaired = message.header.clone().map(|header| found.slice(&header).to_vec()).unwrap_or_default();
    repaired.extend(correction.message);
    (finding, Some(repaired))
}
