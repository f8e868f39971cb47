//! A ClientHello that is framed or built wrongly: names the byte, the field and what is
//! missing, and shows the repaired message.
//!
//! Called by: `malformed.rs`.

use handclasp_codec::{CipherSuite, Field, HandshakeType};

use super::length;
use super::repair::{ONE_STEP, Repaired, Step, What, repair};
use crate::dissect::{Broken, Dissection, Kind, Message};
use crate::finding::{Finding, Grade};
use crate::{At, Cause};

const RECORD_HEADER: usize = 5;
const HEADER: usize = 4;

/// What is wrong with a hello, and the hello as it should be.
pub(super) struct Mended {
    pub findings: Vec<Finding>,
    /// From the record header on.
    pub bytes: Vec<u8>,
    /// The body alone.
    pub body: Vec<u8>,
}

/// Lengths that do not fit what is there.
struct Frame {
    /// The record header is missing.
    naked: bool,
    /// Where the record's length stands, what it says, and how many bytes there are.
    record: Option<(usize, usize, usize)>,
    /// The same for the handshake header.
    handshake: Option<(usize, usize, usize)>,
}

impl Frame {
    fn cost(&self) -> usize {
        usize::from(self.record.is_some() || self.handshake.is_some()) * 2
    }

    /// Lengths that count a header: their own 4 or 5, or both.
    fn is_credible(&self) -> bool {
        let off = |found: usize, there: usize| matches!(found.checked_sub(there), Some(4 | 5 | 9));
        self.record.is_none_or(|(_, found, there)| found < there || off(found, there))
    }
}

/// Mends a ClientHello, if something about it is wrong and can be mended.
pub(super) fn mend(found: &Dissection, message: &Message) -> Option<Mended> {
    if message.kind != Kind::Handshake(HandshakeType::client_hello) || !message.whole {
        return None;
    }
    let start = message.range.start;
    let naked = message.header.is_none()
        && found.broken.iter().any(|broken| matches!(broken, Broken::NoRecordHeader { at } if *at == start));
    let mut best: Option<(Frame, Repaired)> = None;
    for end in ends(found, message) {
        let frame = frame(found, message, naked, end);
        if !frame.is_credible() {
            continue;
        }
        let Some(repaired) = found.bytes.get(start + HEADER..end).and_then(repair) else { continue };
        let cost = |(frame, repaired): &(Frame, Repaired)| frame.cost() + repaired.cost;
        let candidate = (frame, repaired);
        if best.as_ref().is_none_or(|best| cost(&candidate) < cost(best)) {
            best = Some(candidate);
        }
    }
    let (frame, repaired) = best?;
    let framed_well = frame.cost() == 0 && !naked;
    if framed_well && repaired.steps.is_empty() {
        return None;
    }
    // One wrong number is likelier than several missing ones.
    let several = framed_well && repaired.cost > ONE_STEP;
    if several && length::correct(HandshakeType::client_hello, found.context(), &message.bytes).is_some() {
        return None;
    }
    let body = start + HEADER;
    let mut findings = frame_findings(&frame, start);
    findings.extend(repaired.steps.iter().map(|step| finding(found, body, step)));
    Some(Mended { findings, bytes: framed(found, message, &repaired.body), body: repaired.body })
}

/// Where the hello may end: as its header says, with its record, or with the input.
fn ends(found: &Dissection, message: &Message) -> Vec<usize> {
    let mut ends = vec![message.range.end];
    let record = message.header.as_ref().and_then(|header| {
        let announced = record_length(found, header.end)?;
        let cut = found.broken.iter().find_map(|broken| match broken {
            Broken::Record { header: cut, available, .. } if cut == header => Some(*available),
            _ => None,
        });
        Some((header.end + cut.unwrap_or(announced)).min(found.bytes.len()))
    });
    let rest = found.broken.iter().find_map(|broken| match broken {
        Broken::NotTls { range } if range.start >= message.range.end || Some(range.start) == record => {
            Some(range.end)
        }
        _ => None,
    });
    ends.extend(record);
    ends.extend(rest);
    ends.dedup();
    ends
}

fn record_length(found: &Dissection, end: usize) -> Option<usize> {
    let [high, low] = found.bytes.get(end.checked_sub(2)?..end)? else { return None };
    Some(usize::from(*high) << 8 | usize::from(*low))
}

fn frame(found: &Dissection, message: &Message, naked: bool, end: usize) -> Frame {
    let start = message.range.start;
    let says = |announced: usize, there: usize| (announced != there).then_some((announced, there));
    let record = message.header.as_ref().and_then(|header| {
        let (announced, there) = says(record_length(found, header.end)?, end - header.end)?;
        Some((header.end - 2, announced, there))
    });
    let handshake = match message.bytes.as_slice() {
        [_, high, middle, low, ..] => {
            let announced = usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low);
            says(announced, end - start - HEADER).map(|(announced, there)| (start + 1, announced, there))
        }
        _ => None,
    };
    Frame { naked, record, handshake }
}

fn frame_findings(frame: &Frame, start: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    if frame.naked {
        findings.push(
            Finding::failure(
                Cause::HelloMalformedRecordHeader,
                Grade::Proved,
                format!(
                    "The record header is missing: the bytes begin with the handshake header of client_hello \
                     at offset {start}."
                ),
            )
            .evidence("01 is msg_type client_hello; a record begins with 16 (handshake), version, length (RFC 5246 §6.2.1)")
            .fix(format!("put five bytes in front: 16 03 01 and the length of the rest, at offset {start}"))
            .at(start..start + HEADER),
        );
    }
    let counted = |found: usize, there: usize| match found.checked_sub(there) {
        Some(4) => ": it counts the four bytes of a handshake header too many",
        Some(5) => ": it counts the five bytes of the record header too many",
        Some(9) => ": it counts both headers",
        _ => "",
    };
    if let Some((at, says, there)) = frame.record {
        let both = match frame.handshake {
            Some((_, says, there)) => {
                format!(
                    " The handshake length says {says}, and its body has {there}{}.",
                    counted(says, there)
                )
            }
            None => String::new(),
        };
        findings.push(
            Finding::failure(
                Cause::HelloMalformedRecordLength,
                Grade::Proved,
                format!(
                    "The record's length at offset {at} is {says}, and {there} bytes follow{}.{both} A server \
                     waits for the rest and stays silent.",
                    counted(says, there)
                ),
            )
            .evidence(format!("the message is complete after {there} bytes: with that length it decodes to its end"))
            .fix("the record's length counts the bytes after its five, the handshake length those after its four")
            .at(at..at + 2),
        );
    } else if let Some((at, says, there)) = frame.handshake {
        findings.push(
            Finding::failure(
                Cause::HelloMalformedHandshakeLength,
                Grade::Proved,
                format!(
                    "The handshake length of client_hello at offset {at} is {says}, and its body has {there} \
                     bytes{}.",
                    counted(says, there)
                ),
            )
            .fix("the handshake length counts the bytes after the four of the handshake header")
            .at(at..at + 3),
        );
    }
    findings
}

/// What is said about one repair.
fn finding(found: &Dissection, body: usize, step: &Step) -> Finding {
    let at = body + step.at;
    let byte = |offset: usize| found.bytes.get(offset).copied().unwrap_or_default();
    let left = found.bytes.len().saturating_sub(at + 1);
    let pair = u16::from_be_bytes([byte(at), byte(at + 1)]);
    let suite = CipherSuite(pair)
        .name()
        .map(|name| format!("{:02x} {:02x} there is the cipher suite {name}", byte(at), byte(at + 1)));
    let proved = |cause, summary: String| Finding::failure(cause, Grade::Proved, summary);
    match step.what {
        What::SessionId => {
            let limit = if byte(at) > 32 { "at most 32 are permitted".to_owned() } else { format!("{left} bytes follow") };
            let mut told = proved(
                Cause::HelloMalformedSessionId,
                format!(
                    "The length of legacy_session_id is missing at offset {at}: the byte {:02x} there is read as the \
                     length {}, and {limit}.",
                    byte(at),
                    byte(at)
                ),
            );
            told.evidence.extend(suite);
            told.fix(format!("insert 00 at offset {at}: an empty legacy_session_id")).at(at..at + 1)
        }
        What::CipherSuites { bytes } => {
            let [high, low] = bytes.to_be_bytes();
            let mut told = proved(
                Cause::HelloMalformedCipherSuites,
                format!(
                    "The length of cipher_suites is missing at offset {at}: the bytes {:02x} {:02x} there are read \
                     as the length {pair}.",
                    byte(at),
                    byte(at + 1)
                ),
            );
            told.evidence.extend(suite);
            told.fix(format!("insert {high:02x} {low:02x} at offset {at}: {bytes} bytes of suites")).at(at..at + 2)
        }
        What::CompressionMethods => proved(
            Cause::HelloMalformedCompressionMethods,
            format!(
                "The length of legacy_compression_methods is missing at offset {at}: the byte 00 there is read as an \
                 empty list, and one method is the least."
            ),
        )
        .fix(format!("insert 01 at offset {at}: one method, 00 (null)"))
        .at(at..at + 1),
        What::Extensions { bytes } => {
            let [high, low] = bytes.to_be_bytes();
            proved(
                Cause::HelloMalformedExtensions,
                format!("The length of extensions is missing at offset {at}: the first extension_type stands in its place."),
            )
            .fix(format!("insert {high:02x} {low:02x} at offset {at}: {bytes} bytes of extensions"))
            .at(at..at + 2)
        }
        What::ExtensionsLength { found, bytes } => {
            let [high, low] = bytes.to_be_bytes();
            proved(
                Cause::HelloMalformedExtensions,
                format!("The length of extensions at offset {at} is {found}, and {bytes} bytes of extensions follow."),
            )
            .fix(format!("write {high:02x} {low:02x} at offset {at}"))
            .at(at..at + 2)
        }
    }
}

/// The repaired body with its headers.
fn framed(found: &Dissection, message: &Message, body: &[u8]) -> Vec<u8> {
    let version =
        message.header.as_ref().and_then(|header| found.bytes.get(header.start + 1..header.start + 3));
    let mut bytes = vec![0x16];
    bytes.extend(version.unwrap_or(&[3, 1]));
    bytes.extend(u16::try_from(body.len() + HEADER).unwrap_or(u16::MAX).to_be_bytes());
    bytes.push(HandshakeType::client_hello.0);
    bytes.extend(u32::try_from(body.len()).unwrap_or_default().to_be_bytes().iter().skip(1));
    debug_assert_eq!(bytes.len(), RECORD_HEADER + HEADER);
    bytes.extend(body);
    bytes
}

/// The cause that a field of a ClientHello belongs to.
pub(super) fn cause(field: Field) -> Cause {
    match field {
        Field::legacy_session_id => Cause::HelloMalformedSessionId,
        Field::cipher_suites | Field::cipher_suite => Cause::HelloMalformedCipherSuites,
        Field::legacy_compression_methods | Field::compression_method => {
            Cause::HelloMalformedCompressionMethods
        }
        Field::legacy_version | Field::random | Field::body | Field::length | Field::client_hello => {
            Cause::HelloMalformedHandshakeLength
        }
        // Everything below is inside an extension, and there are many.
        _ => Cause::HelloMalformedExtensions,
    }
}

/// Who built a message of that type.
pub(super) fn sender(msg_type: HandshakeType) -> At {
    match msg_type {
        HandshakeType::client_hello
        | HandshakeType::client_key_exchange
        | HandshakeType::end_of_early_data => At::Client,
        HandshakeType::server_hello
        | HandshakeType::hello_request
        | HandshakeType::encrypted_extensions
        | HandshakeType::certificate_request
        | HandshakeType::server_key_exchange
        | HandshakeType::server_hello_done
        | HandshakeType::new_session_ticket
        | HandshakeType::certificate_status => At::Server,
        // Either side may send the others.
        _ => At::Nobody,
    }
}
