//! A ClientHello that is framed or built wrongly: names the byte, the field and what is
//! missing, and shows the repaired message.

use handclasp_codec::{Field, HandshakeType};

use super::describe;
use super::length;
use super::repair::{ONE_STEP, Repaired, repair};
use crate::conversation::dissect::{Decoded, Defect, DissectedMessage, MessageKind};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::Finding;

const RECORD_HEADER: usize = 5;
const HEADER: usize = 4;

/// What is wrong with a hello, and the hello as it should be.
pub(super) struct RepairedHello {
    pub findings: Vec<Finding>,
    /// From the record header on.
    pub bytes: Vec<u8>,
    /// The body alone.
    pub body: Vec<u8>,
}

/// Lengths that do not fit what is there.
pub(super) struct Frame {
    /// The record header is missing.
    pub naked: bool,
    /// Where the record's length stands, what it says, and how many bytes there are.
    pub record: Option<(usize, usize, usize)>,
    /// The same for the handshake header.
    pub handshake: Option<(usize, usize, usize)>,
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

/// Repairs a ClientHello, if something in it is wrong and can be repaired.
pub(super) fn repair_message(found: &Decoded, message: &DissectedMessage) -> Option<RepairedHello> {
    if message.kind != MessageKind::Handshake(HandshakeType::client_hello) || !message.whole {
        return None;
    }
    let start = message.range.start;
    let naked = message.header.is_none()
        && found.defects.iter().any(|defect| matches!(defect, Defect::NoRecordHeader { at } if *at == start));
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
    let mut findings = describe::frame(&frame, start);
    findings.extend(repaired.steps.iter().map(|step| describe::step(found, body, step)));
    Some(RepairedHello { findings, bytes: framed(found, message, &repaired.body), body: repaired.body })
}

/// Where the hello may end: as its header says, with its record, or with the input.
fn ends(found: &Decoded, message: &DissectedMessage) -> Vec<usize> {
    let mut ends = vec![message.range.end];
    let record = message.header.as_ref().and_then(|header| {
        let announced = record_length(found, header.end)?;
        let cut = found.defects.iter().find_map(|defect| match defect {
            Defect::RecordTruncated { header: cut, available, .. } if cut == header => Some(*available),
            _ => None,
        });
        Some((header.end + cut.unwrap_or(announced)).min(found.bytes.len()))
    });
    let rest = found.defects.iter().find_map(|defect| match defect {
        Defect::NotTls { range } if range.start >= message.range.end || Some(range.start) == record => {
            Some(range.end)
        }
        _ => None,
    });
    ends.extend(record);
    ends.extend(rest);
    ends.dedup();
    ends
}

fn record_length(found: &Decoded, end: usize) -> Option<usize> {
    let [high, low] = found.bytes.get(end.checked_sub(2)?..end)? else { return None };
    Some(usize::from(*high) << 8 | usize::from(*low))
}

fn frame(found: &Decoded, message: &DissectedMessage, naked: bool, end: usize) -> Frame {
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

/// The repaired body with its headers.
fn framed(found: &Decoded, message: &DissectedMessage, body: &[u8]) -> Vec<u8> {
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
pub(crate) fn cause(field: Field) -> Cause {
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
pub(super) fn sender(msg_type: HandshakeType) -> Party {
    match msg_type {
        HandshakeType::client_hello
        | HandshakeType::client_key_exchange
        | HandshakeType::end_of_early_data => Party::Client,
        HandshakeType::server_hello
        | HandshakeType::hello_request
        | HandshakeType::encrypted_extensions
        | HandshakeType::certificate_request
        | HandshakeType::server_key_exchange
        | HandshakeType::server_hello_done
        | HandshakeType::new_session_ticket
        | HandshakeType::certificate_status => Party::Server,
        // Either side may send the others.
        _ => Party::Nobody,
    }
}
