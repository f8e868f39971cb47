//! What a ClientHello lacks or breaks (RFC 8446 §4.1.2 §9.2, RFC 5246 §7.4.1.2 §7.4.1.4.1), and
//! servers that cannot take one in several records.

mod large;

use handclasp_codec::{
    AlertDescription as Alert, ClientHello, ContentType, HandshakeType, ProtocolVersion, SuiteAuthentication,
};

use super::offer::Offer;
use super::{Case, Side};
use crate::conversation::dissect;
use crate::conversation::{Event, EventKind, Stage, StreamError};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::diagnosis::malformed;
use crate::input::{Form, Part};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found = malformed(case);
    found.extend(broken_header(case));
    if let Some(hello) = case.conversation.client_hello().filter(|_| case.has_whole_offer()) {
        found.extend(without_null(case, &hello));
        found.extend(lacks(case, &hello));
    }
    found.extend(large::finding(case));
    found
}

/// A hello that does not parse, or whose lengths do not fit the bytes sent.
fn malformed(case: &Case<'_>) -> Vec<Finding> {
    let Some((item, stream)) = broken_hello(case) else { return Vec::new() };
    let part = Part::new(None, Form::Stream, stream);
    let told = malformed::malformed(&dissect::dissect(&[part]));
    let tolerated = case.stage > Stage::ClientHello || case.conversation.server_hello().is_some();
    let about_hello = |finding: &Finding| finding.cause.family() == CauseFamily::MalformedHello;
    told.findings
        .into_iter()
        .filter(about_hello)
        .map(|mut finding| {
            finding.evidence.insert(0, format!("{}: the client's first bytes", item.position));
            finding.evidence.push(case.ended());
            if tolerated {
                finding.severity = Severity::Advice;
            }
            finding
        })
        .collect()
}

/// A first record whose header is damaged, though a ClientHello stands behind it.
fn broken_header(case: &Case<'_>) -> Option<Finding> {
    let mut said = case.conversation.events.iter().filter(|item| item.from == Side::Client && says(item));
    let first = said.next()?;
    let proved = |cause, summary: &str, position| {
        Finding::failure(cause, Confidence::Proved, summary)
            .evidence(format!("{position}: the client's first bytes"))
            .evidence(case.ended())
    };
    match (&first.kind, said.next().map(|item| &item.kind)) {
        (
            EventKind::Record { content_type: ContentType::handshake, length: 0, .. },
            Some(EventKind::NotTls { prefix: begins }),
        ) if begins_hello(begins) => {
            let summary = "The length in the record header is 0, but a ClientHello follows it.";
            Some(proved(Cause::HelloMalformedRecordLength, summary, first.position))
        }
        (EventKind::NotTls { prefix: begins }, _) => {
            let behind = |at: usize| begins.get(at..).is_some_and(begins_hello);
            let summary = match begins.as_slice() {
                [3, 0..=4, _, _, ..] if behind(4) => {
                    "The record header lacks its first byte: 16, the type handshake."
                }
                [ty, ..] if *ty != ContentType::handshake.0 && behind(5) => {
                    "The record header does not begin with 16, the type handshake, but a ClientHello \
                     follows it."
                }
                [_, major, ..] if *major != 3 && behind(5) => {
                    "The record header has a version that does not begin with 03, but a ClientHello follows \
                     it."
                }
                _ => return None,
            };
            Some(proved(Cause::HelloMalformedRecordHeader, summary, first.position))
        }
        _ => None,
    }
}

/// A ClientHello's handshake header and version.
fn begins_hello(bytes: &[u8]) -> bool {
    matches!(bytes, [1, 0, _, _, 3, 0..=4, ..])
}

/// RFC 5246 §7.4.1.2: the null method must be among them.
fn without_null(case: &Case<'_>, hello: &ClientHello<'_>) -> Option<Finding> {
    if hello.legacy_compression_methods.contains(&0) {
        return None;
    }
    let summary = "legacy_compression_methods lacks the null method, 00, which every ClientHello must offer.";
    let mut finding = Finding::failure(Cause::HelloMalformedCompressionMethods, Confidence::Proved, summary)
        .fix("write 01 00: one method, null")
        .evidence(format!("{}: the ClientHello", case.at(Side::Client, HandshakeType::client_hello)))
        .evidence(case.ended());
    if case.stage > Stage::ClientHello {
        finding.severity = Severity::Advice;
    }
    Some(finding)
}

fn says(item: &Event) -> bool {
    !matches!(
        item.kind,
        EventKind::Syn
            | EventKind::SynAck
            | EventKind::Acknowledged
            | EventKind::Gap(_)
            | EventKind::Fin
            | EventKind::Reset
    )
}

/// The client's first bytes, as they stood on the wire, if something about them is wrong.
fn broken_hello<'a>(case: &Case<'a>) -> Option<(&'a Event, Vec<u8>)> {
    let mut said = case.conversation.events.iter().filter(|item| item.from == Side::Client && says(item));
    let (mut first, second) = (said.next()?, said.next());
    // Bytes behind a message that its record cuts short: the record's length is too small.
    let strays = |item: Option<&'a Event>| item.and_then(|item| item.kind.not_tls()).map(<[u8]>::to_vec);
    let mut behind = strays(second).unwrap_or_default();
    if let (Some(before), Some(EventKind::Error(StreamError::MessageTruncated { .. }))) =
        (strays(Some(first)), second.map(|item| &item.kind))
        && let Some(second) = second
        && second.position.offset < first.position.offset
    {
        (first, behind) = (second, before);
    }
    let stream = if let Some(begins) = first.kind.not_tls() {
        begins.to_vec()
    } else if let Some(message) = first.kind.message() {
        message.error.is_some().then(|| in_a_record(&message.bytes))?
    } else {
        match first.kind.stream_error()? {
            StreamError::RecordTruncated { bytes, content_type: ContentType::handshake, .. } => bytes.clone(),
            StreamError::MessageTruncated { bytes, .. } => [in_a_record(bytes), behind].concat(),
            StreamError::RecordTruncated { .. } | StreamError::RecordTooLong { .. } => return None,
        }
    };
    Some((first, stream))
}

/// A message behind a record header, as most hellos stand on the wire.
fn in_a_record(message: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[ContentType::handshake.0, 3, 1, high, low], message].concat()
}

/// Extensions without which a server finds nothing.
fn lacks(case: &Case<'_>, hello: &ClientHello<'_>) -> Vec<Finding> {
    let offer = Offer::new(hello);
    let refused = case.hello_refused().is_some_and(could_be_for_want);
    let severity = if refused { Severity::Failure } else { Severity::Advice };
    let confidence = if refused { Confidence::Inferred } else { Confidence::Observed };
    let position = case.at(Side::Client, HandshakeType::client_hello);
    let finding = |cause, summary: &str, fix: &str| {
        let mut finding = Finding::failure(cause, confidence, summary).fix(fix);
        finding.severity = severity;
        finding.evidence(format!("{position}: the ClientHello")).evidence(case.ended())
    };
    // RFC 8446 §9.2: with pre_shared_key, TLS 1.3 needs no signatures.
    let by_key = hello.extensions.pre_shared_key.is_some() && offer.only_tls13();
    let psk = by_key || offer.one_authentication() == Some(SuiteAuthentication::Psk);
    let mut found = Vec::new();
    if offer.groups.is_none() && offer.suites.iter().any(|suite| suite.uses_group()) {
        found.push(finding(
            Cause::HelloNoSupportedGroups,
            "The ClientHello offers cipher suites that need an elliptic curve but lacks supported_groups: \
             OpenSSL and Mbed TLS then find no cipher suite.",
            "add supported_groups, such as 00 0a 00 06 00 04 00 1d 00 17 (x25519, secp256r1)",
        ));
    }
    if offer.schemes.is_none() && !psk && hello.legacy_version >= ProtocolVersion::TLS_1_2 {
        found.push(finding(
            Cause::HelloNoSignatureAlgorithms,
            "The ClientHello lacks signature_algorithms: RFC 5246 §7.4.1.4.1 then assumes SHA-1, which \
             current servers refuse.",
            "add signature_algorithms, such as 00 0d 00 08 00 06 04 03 08 04 04 01 (ECDSA and RSA with SHA-256)",
        ));
    }
    if refused && found.len() > 1 {
        for (index, finding) in found.iter_mut().enumerate() {
            let other = if index == 0 { "signature_algorithms" } else { "supported_groups" };
            finding
                .evidence
                .push(format!("{other} is missing too: the bytes do not show which one is decisive"));
        }
    }
    found
}

/// Alerts that servers send when they find nothing in common.
fn could_be_for_want(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::handshake_failure
            | Alert::missing_extension
            | Alert::illegal_parameter
            | Alert::internal_error
            | Alert::insufficient_security
            | Alert::unexpected_message
            | Alert::decode_error
    )
}
