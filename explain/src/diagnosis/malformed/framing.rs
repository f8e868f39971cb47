//! Records and messages whose ends are not where they say, and bytes that are not TLS.

use std::ops::Range;

use handclasp_codec::HandshakeType;

use crate::conversation::dissect::{Decoded, Defect};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// Findings about the framing, beyond those of a repaired hello.
pub(super) fn finding(found: &Decoded, defect: &Defect, mended: bool) -> Option<Finding> {
    match defect {
        Defect::RecordTooLong { header, announced } => Some(too_long(header, *announced)),
        Defect::AlertLength { range } => Some(alert(range)),
        Defect::NoRecordHeader { .. }
        | Defect::RecordTruncated { .. }
        | Defect::MessageTruncated { .. }
        | Defect::NotTls { .. }
            if mended =>
        {
            None
        }
        Defect::NoRecordHeader { at } => Some(no_record_header(*at)),
        Defect::RecordTruncated { header, announced, available } => {
            Some(cut_record(header, *announced, *available))
        }
        Defect::RecordNotShown { header, announced, available } => {
            Some(not_shown(header, *announced, *available))
        }
        // That its record is cut says it all.
        Defect::MessageTruncated { .. } if is_record_cut(found) => None,
        Defect::MessageTruncated { msg_type, header, announced, available } => {
            Some(cut_message(*msg_type, header, *announced, *available))
        }
        Defect::NotTls { range } => Some(not_tls(found.slice(range)).at(range.clone())),
    }
}

fn no_record_header(at: usize) -> Finding {
    let summary = format!("The handshake message at offset {at} is not preceded by a record header.");
    Finding::failure(Cause::HelloMalformedRecordHeader, Confidence::Observed, summary)
        .fix("if these are the bytes that were sent, prepend the five-byte record header")
        .at(at..at + 1)
}

fn cut_record(header: &Range<usize>, announced: usize, available: usize) -> Finding {
    let start = header.start;
    let summary = match header.len() {
        5 => format!(
            "The record at offset {start} announces {announced} bytes, but {available} are present: the \
             rest was not copied, or not sent."
        ),
        there => format!("The record at offset {start} ends after {there} bytes of its header."),
    };
    Finding::failure(Cause::TransportTruncated, Confidence::Observed, summary)
        .fix(
            "copy the complete bytes; if nothing more was sent, the length is wrong or the stream was \
             truncated",
        )
        .at(header.clone())
}

fn not_shown(header: &Range<usize>, announced: usize, available: usize) -> Finding {
    let start = header.start;
    let summary = match header.len() {
        5 => format!(
            "The dump leaves out {} of the {announced} bytes of the record at offset {start}: what they contain \
             is unknown.",
            announced.saturating_sub(available)
        ),
        _ => format!("The dump leaves out the record at offset {start}."),
    };
    Finding::advice(Cause::TransportTruncated, Confidence::Observed, summary)
        .fix("dump all bytes, or capture the connection: tcpdump -i any -w handshake.pcap 'tcp port 443'")
        .at(header.clone())
}

fn too_long(header: &Range<usize>, announced: usize) -> Finding {
    let start = header.start;
    let summary =
        format!("The record at offset {start} announces {announced} bytes; at most 18432 are permitted.");
    Finding::failure(Cause::RecordTooLarge, Confidence::Proved, summary).at(header.clone())
}

fn cut_message(
    msg_type: HandshakeType,
    header: &Range<usize>,
    announced: usize,
    available: usize,
) -> Finding {
    let cause = match msg_type {
        HandshakeType::client_hello => Cause::HelloMalformedHandshakeLength,
        _ => Cause::TransportTruncated,
    };
    let start = header.start;
    let summary = format!(
        "The message {msg_type} at offset {start} announces {announced} bytes, but its records contain \
         {available}: records are missing, or the length is wrong."
    );
    Finding::failure(cause, Confidence::Observed, summary).at(header.clone())
}

fn alert(range: &Range<usize>) -> Finding {
    let (start, length) = (range.start, range.len());
    let summary = format!("The alert at offset {start} has {length} bytes; an unencrypted alert has two.");
    Finding::failure(Cause::AlertMalformed, Confidence::Observed, summary).at(range.clone())
}

/// Whether a record is cut, which says it all.
fn is_record_cut(found: &Decoded) -> bool {
    found
        .defects
        .iter()
        .any(|defect| matches!(defect, Defect::RecordTruncated { .. } | Defect::RecordNotShown { .. }))
}

/// Other protocols, by how they begin: the cause, and the protocol's name.
pub(crate) fn other_protocol(bytes: &[u8]) -> Option<(Cause, &'static str)> {
    let begins = |starts: &[&[u8]]| starts.iter().any(|start| bytes.starts_with(start));
    let mqtt = begins(&[&[0x20, 2, 0]])
        || bytes.first() == Some(&0x10) && bytes.windows(4).take(8).any(|four| four == b"MQTT");
    let http: [&[u8]; 9] =
        [b"HTTP/", b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ", b"<!DOCTYPE", b"<html"];
    if begins(&http) {
        Some((Cause::TransportNotTlsHttp, "plain HTTP"))
    } else if begins(&[b"SSH-"]) {
        Some((Cause::TransportNotTlsSsh, "SSH"))
    } else if begins(&[b"220 ", b"220-", b"EHLO ", b"HELO "]) {
        Some((Cause::TransportNotTlsSmtp, "plain SMTP"))
    } else if begins(&[b"* OK", b"+OK"]) {
        Some((Cause::TransportStarttls, "plain IMAP or POP3"))
    } else if mqtt {
        Some((Cause::TransportNotTlsMqtt, "plain MQTT"))
    } else {
        None
    }
}

fn not_tls(bytes: &[u8]) -> Finding {
    let Some((cause, protocol)) = other_protocol(bytes) else {
        let shown: Vec<String> = bytes.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        let summary = format!(
            "The bytes {} begin neither a record nor a handshake message: a record begins with 14 to 18, \
             followed by a version 03 xx.",
            shown.join(" ")
        );
        return Finding::failure(Cause::RefusedUnexplained, Confidence::Possible, summary)
            .fix("check that the bytes are TLS and were copied from their beginning");
    };
    Finding::failure(cause, Confidence::Observed, format!("These bytes are {protocol}, not TLS."))
}
