//! Findings about a repaired hello: the byte, the field, the missing part, the fix.

use handclasp_codec::CipherSuite;

use super::hello::Frame;
use super::repair::{EventKind, Step};
use crate::conversation::dissect::Decoded;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

const HEADER: usize = 4;

fn proved(cause: Cause, summary: String) -> Finding {
    Finding::failure(cause, Confidence::Proved, summary)
}

/// What is wrong with the headers of a hello that begins at `start`.
pub(super) fn frame(frame: &Frame, start: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    if frame.naked {
        findings.push(no_record_header(start));
    }
    match (frame.record, frame.handshake) {
        (Some(record), handshake) => findings.push(record_length(record, handshake)),
        (None, Some(handshake)) => findings.push(handshake_length(handshake)),
        (None, None) => {}
    }
    findings
}

fn no_record_header(start: usize) -> Finding {
    let summary = format!(
        "The record header is missing: the bytes begin with the handshake header of client_hello at offset {start}."
    );
    proved(Cause::HelloMalformedRecordHeader, summary)
        .evidence("01 is msg_type client_hello; a record begins with 16 (handshake), version, length (RFC 5246 §6.2.1)")
        .fix(format!("prepend five bytes at offset {start}: 16 03 01 and the two-byte length of the rest"))
        .at(start..start + HEADER)
}

/// What a length counts too much, if that is a header.
fn counted(says: usize, there: usize) -> &'static str {
    match says.checked_sub(there) {
        Some(4) => ": it wrongly includes the four-byte handshake header",
        Some(5) => ": it wrongly includes the five-byte record header",
        Some(9) => ": it wrongly includes both headers",
        _ => "",
    }
}

/// Where a length stands, what it says, and how many bytes there are.
type Length = (usize, usize, usize);

fn record_length((at, says, there): Length, handshake: Option<Length>) -> Finding {
    let counts = counted(says, there);
    let both = handshake.map(|(_, says, there)| {
        let counts = counted(says, there);
        format!(" The handshake length is {says}, but its body has {there} bytes{counts}.")
    });
    let both = both.unwrap_or_default();
    let waits = if says > there { " A server waits for the rest and does not respond." } else { "" };
    let summary =
        format!("The record length at offset {at} is {says}, but {there} bytes follow{counts}.{both}{waits}");
    proved(Cause::HelloMalformedRecordLength, summary)
        .evidence(format!(
            "the message is complete after {there} bytes: with that length it decodes completely"
        ))
        .fix(
            "the record length counts the bytes after the five-byte record header, the handshake length \
             those after the four-byte handshake header",
        )
        .at(at..at + 2)
}

fn handshake_length((at, says, there): Length) -> Finding {
    let counts = counted(says, there);
    let summary = format!(
        "The handshake length of client_hello at offset {at} is {says}, but its body has {there} \
         bytes{counts}."
    );
    proved(Cause::HelloMalformedHandshakeLength, summary)
        .fix("the handshake length counts the bytes after the four-byte handshake header")
        .at(at..at + 3)
}

/// What is said about one repair of a body that begins at `body`.
pub(super) fn step(found: &Decoded, body: usize, step: &Step) -> Finding {
    let at = body + step.at;
    let [first, second] = [at, at + 1].map(|offset| found.bytes.get(offset).copied().unwrap_or_default());
    let pair = u16::from_be_bytes([first, second]);
    let hex = |number: u16| {
        let [high, low] = number.to_be_bytes();
        format!("{high:02x} {low:02x}")
    };
    let suite = CipherSuite(pair).name().map(|name| format!("{} is the cipher suite {name}", hex(pair)));
    match step.kind {
        EventKind::SessionId => {
            let left = found.bytes.len().saturating_sub(at + 1);
            let mut finding = session_id(at, first, left);
            finding.evidence.extend(suite);
            finding
        }
        EventKind::CipherSuites { bytes } => {
            let summary = format!(
                "The length of cipher_suites is missing at offset {at}: the bytes {} there are read as the length \
                 {pair}.",
                hex(pair)
            );
            let mut finding = proved(Cause::HelloMalformedCipherSuites, summary);
            finding.evidence.extend(suite);
            finding
                .fix(format!("insert {} at offset {at}: {bytes} bytes of suites", hex(bytes)))
                .at(at..at + 2)
        }
        EventKind::CompressionMethods => compression_methods(at),
        EventKind::Extensions { bytes } => extensions(
            format!(
                "The length of extensions is missing at offset {at}: the first extension_type is in its \
                 place."
            ),
            format!("insert {} at offset {at}: {bytes} bytes of extensions", hex(bytes)),
            at,
        ),
        EventKind::ExtensionsLength { found, bytes } => extensions(
            format!(
                "The length of extensions at offset {at} is {found}, but {bytes} bytes of extensions \
                 follow."
            ),
            format!("write {} at offset {at}", hex(bytes)),
            at,
        ),
    }
}

fn session_id(at: usize, byte: u8, left: usize) -> Finding {
    let limit =
        if byte > 32 { "at most 32 are permitted".to_owned() } else { format!("{left} bytes follow") };
    let summary = format!(
        "The length of legacy_session_id is missing at offset {at}: the byte {byte:02x} there is read as \
         the length {byte}, but {limit}."
    );
    proved(Cause::HelloMalformedSessionId, summary)
        .fix(format!("insert 00 at offset {at}: an empty legacy_session_id"))
        .at(at..at + 1)
}

fn compression_methods(at: usize) -> Finding {
    let summary = format!(
        "The length of legacy_compression_methods is missing at offset {at}: the byte 00 there is read as \
         an empty list, but at least one method is required."
    );
    proved(Cause::HelloMalformedCompressionMethods, summary)
        .fix(format!("insert 01 at offset {at}: one method, 00 (null)"))
        .at(at..at + 1)
}

fn extensions(summary: String, fix: String, at: usize) -> Finding {
    proved(Cause::HelloMalformedExtensions, summary).fix(fix).at(at..at + 2)
}
