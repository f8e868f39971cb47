//! Blame for bytes that do not parse: which byte, which field, what is missing; and the
//! repaired message where a small repair makes it decode.
//!
//! Called by: `lib.rs`.

mod hello;
mod length;
mod repair;

use handclasp_codec::{DecodeError, Field, HandshakeType, Problem};
use handclasp_report::Named;

use crate::Cause;
use crate::dissect::{Broken, Dissection, Kind, Message};
use crate::finding::{Finding, Grade};

/// What is wrong, and the first message that could be mended.
#[derive(Debug, Default)]
pub(crate) struct Malformed {
    pub findings: Vec<Finding>,
    /// A repaired message, from its record header on.
    pub repaired: Option<Vec<u8>>,
    /// The body of a repaired ClientHello.
    pub hello: Option<Vec<u8>>,
}

/// Looks at everything that did not parse.
pub(crate) fn malformed(found: &Dissection) -> Malformed {
    let mut out = Malformed::default();
    let mut mended = false;
    for message in &found.messages {
        if let Some(hello) = hello::mend(found, message) {
            out.findings.extend(hello.findings);
            out.repaired = out.repaired.or(Some(hello.bytes));
            out.hello = out.hello.or(Some(hello.body));
            mended = true;
        } else if let Some((within, error)) = &message.error
            && !(is_cut(found, message) && matches!(error.problem, Problem::Truncated { .. }))
        {
            let (finding, repaired) = message_finding(found, message, *within, error);
            out.findings.push(finding);
            out.repaired = out.repaired.or(repaired);
        }
    }
    out.findings.extend(found.broken.iter().filter_map(|broken| framing(found, broken, mended)));
    out
}

/// Whether the input ends inside this message.
fn is_cut(found: &Dissection, message: &Message) -> bool {
    let header = message.range.start;
    found
        .broken
        .iter()
        .any(|broken| matches!(broken, Broken::Message { header: cut, .. } if cut.start == header))
}

fn message_finding(
    found: &Dissection,
    message: &Message,
    within: Field,
    error: &DecodeError,
) -> (Finding, Option<Vec<u8>>) {
    let Kind::Handshake(msg_type) = message.kind else {
        return (Finding::failure(Cause::AlertMalformed, Grade::Proved, "An alert does not parse."), None);
    };
    let is_hello = msg_type == HandshakeType::client_hello;
    let cause = if is_hello { hello::cause(error.field) } else { Cause::MessageMalformed };
    let summary = format!("{} does not parse: {}.", within.name(), Named(*error));
    let mut finding = Finding::failure(cause, Grade::Proved, summary);
    finding.side = if is_hello { cause.at() } else { hello::sender(msg_type) };
    let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
    finding.range = Some(offset..offset.saturating_add(1));
    let correction = length::correct(msg_type, found.context(), &message.bytes);
    let Some(correction) = correction.filter(|_| message.whole) else { return (finding, None) };
    let at = message.range.start + correction.range.start;
    let (name, was, right) = (correction.name, correction.found, correction.right);
    finding.range = Some(at..message.range.start + correction.range.end);
    finding.evidence.push(format!(
        "with {right} instead of {was} as the length of {name} at offset {at}, all of it decodes"
    ));
    finding.fix = format!("write {right} as the length of {name} at offset {at}");
    let mut repaired = message.header.clone().map(|header| found.slice(&header).to_vec()).unwrap_or_default();
    repaired.extend(correction.message);
    (finding, Some(repaired))
}

/// What is wrong with the framing, as far as a mended hello did not say it.
fn framing(found: &Dissection, broken: &Broken, mended: bool) -> Option<Finding> {
    match broken {
        Broken::NoRecordHeader { at } if !mended => Some(
            Finding::failure(
                Cause::HelloMalformedRecordHeader,
                Grade::Observed,
                format!("At offset {at} a handshake message stands without a record header in front."),
            )
            .fix("if these bytes are what was sent, put the five bytes of the record header in front")
            .at(*at..*at + 1),
        ),
        Broken::Record { header, announced, available } if !mended => Some(
            Finding::failure(
                Cause::TransportTruncated,
                Grade::Observed,
                match header.len() {
                    5 => format!(
                        "The record at offset {} announces {announced} bytes, and {available} are there: the rest \
                         was not copied, or not sent.",
                        header.start
                    ),
                    there => format!("The record at offset {} ends after {there} bytes of its header.", header.start),
                },
            )
            .fix("copy all of it; if this is all that was sent, the length is wrong or the stream was cut")
            .at(header.clone()),
        ),
        Broken::TooLong { header, announced } => Some(
            Finding::failure(
                Cause::RecordTooLarge,
                Grade::Proved,
                format!("The record at offset {} announces {announced} bytes; at most 18432 are permitted.", header.start),
            )
            .at(header.clone()),
        ),
        Broken::Message { msg_type, header, announced, available } if !mended && !is_record_cut(found) => {
            let cause = match *msg_type {
                HandshakeType::client_hello => Cause::HelloMalformedHandshakeLength,
                _ => Cause::TransportTruncated,
            };
            Some(
                Finding::failure(
                    cause,
                    Grade::Observed,
                    format!(
                        "The message {msg_type} at offset {} announces {announced} bytes, and its records hold \
                         {available}: records are missing, or the length is wrong.",
                        header.start
                    ),
                )
                .at(header.clone()),
            )
        }
        Broken::Alert { range } => Some(
            Finding::failure(
                Cause::AlertMalformed,
                Grade::Observed,
                format!("The alert at offset {} has {} bytes; it has two, unless it is protected.", range.start, range.len()),
            )
            .at(range.clone()),
        ),
        Broken::NotTls { range } if !mended => Some(not_tls(found.slice(range)).at(range.clone())),
        Broken::NoRecordHeader { .. } | Broken::Record { .. } | Broken::Message { .. } | Broken::NotTls { .. } => None,
    }
}

/// Whether a record is cut, which says it all.
fn is_record_cut(found: &Dissection) -> bool {
    found.broken.iter().any(|broken| matches!(broken, Broken::Record { .. }))
}

/// Other protocols, by how they begin.
fn not_tls(bytes: &[u8]) -> Finding {
    let begins = |starts: &[&[u8]]| starts.iter().any(|start| bytes.starts_with(start));
    let (cause, protocol) = if begins(&[
        b"HTTP/",
        b"GET ",
        b"POST ",
        b"HEAD ",
        b"PUT ",
        b"OPTIONS ",
        b"CONNECT ",
        b"<!DOCTYPE",
        b"<html",
    ]) {
        (Cause::TransportNotTlsHttp, "plain HTTP")
    } else if begins(&[b"SSH-"]) {
        (Cause::TransportNotTlsSsh, "SSH")
    } else if begins(&[b"220 ", b"220-", b"EHLO ", b"HELO "]) {
        (Cause::TransportNotTlsSmtp, "plain SMTP")
    } else if begins(&[b"* OK", b"+OK"]) {
        (Cause::TransportStarttls, "plain IMAP or POP3")
    } else if begins(&[&[0x20, 2, 0]])
        || bytes.first() == Some(&0x10) && bytes.windows(4).take(8).any(|four| four == b"MQTT")
    {
        (Cause::TransportNotTlsMqtt, "plain MQTT")
    } else {
        let shown: Vec<String> = bytes.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        let summary = format!(
            "Neither a record nor a handshake message begins with {}: a record begins with 14 to 18 and a version 03.",
            shown.join(" ")
        );
        return Finding::failure(Cause::RefusedUnexplained, Grade::Possible, summary)
            .fix("check that the bytes are TLS, and that their beginning was copied");
    };
    Finding::failure(cause, Grade::Observed, format!("These bytes are {protocol}, not TLS."))
}
