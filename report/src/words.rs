//! Faults as sentences: who, what was expected, what came, in the RFCs' names. What to do
//! about it is said by `explain`, which sees the whole report.
//! Long because: it is the list of all faults.

mod certificate;
mod names;
mod parts;
mod plain;
mod sentence;

use core::fmt::{self, Display, Formatter};

use handclasp_codec::{DecodeError, Field};

pub use certificate::{Date, Pin};
pub use names::{Bytes, Named};
pub use sentence::Sentence;

use crate::{Event, Fault, ReportError, Uint};

/// Without the numbers that are evidence: [`crate::Report::sentence`] says a fault with them.
impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            &Self::Decode { within, field, problem, offset } => {
                not_parsed(f, within, DecodeError { field, problem, offset }, None)
            }
            Self::Unexpected { expected, found } => {
                write!(f, "The peer sent {found}, but {expected} was expected.")
            }
            Self::NotTls { first } => not_tls(f, first),
            Self::UnknownContentType(found) => {
                write!(f, "The peer sent a record with the unknown content_type {found}.")
            }
            Self::RecordVersion(found) => {
                write!(f, "The peer sent a record with version {}, not permitted here.", Named(*found))
            }
            Self::RecordOverflow { limit, found } => parts::record_overflow(f, *limit, *found),
            Self::EmptyRecord(kind) => write!(f, "The peer sent an empty {kind} record."),
            Self::MalformedRecord(kind) => {
                write!(f, "The peer sent a {kind} record with invalid content.")
            }
            Self::MessageTooLarge { message, limit, found } => parts::too_large(f, *message, *limit, *found),
            Self::TooMany { what, limit, found } => parts::too_many(f, *what, *limit, *found),
            Self::Flood(of) => write!(f, "The peer sent more {of} than a legitimate peer needs to."),
            Self::RecordNotAuthentic { sequence, handshaking } => not_authentic(f, *sequence, *handshaking),
            Self::NoCommonVersion { peer } => parts::no_common_version(f, *peer),
            Self::InappropriateFallback { ours } => parts::fallback(f, *ours),
            Self::MissingExtension(which) => {
                write!(f, "The peer's message lacks the extension {which}, which is required.")
            }
            Self::UnsolicitedExtension(which) => {
                write!(f, "The peer responded to the extension {which}, which we did not send.")
            }
            Self::MisplacedExtension(which) => {
                write!(f, "The peer put the extension {which} into a message that must not contain it.")
            }
            Self::CurveNotOffered { curve } => parts::curve_not_offered(f, *curve),
            Self::NotOffered { choice, found } => parts::not_offered(f, *choice, *found),
            Self::Downgrade { chosen } => parts::downgrade(f, *chosen),
            Self::RetryMismatch(field) => parts::retry_mismatch(f, *field),
            Self::IllegalParameter(field) => parts::illegal_parameter(f, *field),
            Self::KeyShare { group, problem } => write!(f, "The peer's {group} public key {problem}."),
            Self::SignatureInvalid { signed, scheme, key } => parts::signature(f, *signed, *scheme, *key),
            Self::SchemeKeyMismatch { signed, scheme, key } => parts::mismatch(f, *signed, *scheme, *key),
            Self::BinderInvalid { identity } => parts::binder(f, *identity),
            Self::Certificate(fault) => write!(f, "{fault}"),
            Self::PeerAlert(alert) => write!(f, "The peer sent the alert {}.", Named(*alert)),
            Self::ClosedInHandshake { expected } => {
                write!(f, "The peer sent close_notify during the handshake; we were waiting for {expected}.")
            }
            Self::Truncated { expected, anything_came } => truncated(f, *expected, *anything_came),
            Self::TimedOut { expected, anything_came } => timed_out(f, *expected, *anything_came),
            Self::Transport(how) => write!(f, "{how}"),
            Self::Misuse(how) => write!(f, "{how}"),
            Self::Internal(what) => write!(f, "{what}"),
            Self::Encode(error) => write!(f, "We could not write a message: {}.", Named(*error)),
            Self::OnlyPadding
            | Self::KeyChangeInsideMessage
            | Self::NoCommonSuite
            | Self::NoCommonGroup
            | Self::NoCommonScheme
            | Self::NoSignatureAlgorithms
            | Self::NoCredential
            | Self::NoCommonAlpn
            | Self::UnrecognizedName
            | Self::NoExtendedMasterSecret
            | Self::NoEncryptThenMac
            | Self::NoNullCompression
            | Self::SessionIdNotEchoed
            | Self::UselessRetry
            | Self::RenegotiationInfo
            | Self::FinishedInvalid
            | Self::UnknownPskIdentity
            | Self::PskUnavailable
            | Self::NoCertificate { .. }
            | Self::NoCommonCertificateType
            | Self::CallerRefused => f.write_str(self.plain()),
            Self::SignerFailed(why) => write!(f, "{why}"),
        }
    }
}

impl core::error::Error for Fault {}

fn not_parsed(
    f: &mut Formatter<'_>,
    within: Field,
    error: DecodeError,
    numbers: Option<[u32; 3]>,
) -> fmt::Result {
    write!(f, "The peer's {} could not be parsed: {}.", within.name(), Named((error, numbers)))
}

/// The first bytes tell which protocol answered, if it is one that often does.
fn not_tls(f: &mut Formatter<'_>, first: &[u8; 5]) -> fmt::Result {
    f.write_str("The bytes that the peer sent are not TLS: they begin with")?;
    for byte in first {
        write!(f, " {byte:02x}")?;
    }
    if first.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        let text = core::str::from_utf8(first).unwrap_or_default();
        write!(f, " (\"{text}\")")?;
    }
    f.write_str(match first {
        b"HTTP/" => ", like plain HTTP.",
        b"<!DOC" | b"<!doc" | b"<html" | b"<HTML" => ", like a plain HTTP response.",
        b"GET /" | b"POST " | b"HEAD " | b"PUT /" => ", like a plain HTTP request.",
        b"SSH-1" | b"SSH-2" => ", like SSH.",
        [b'2', b'2', b'0', b' ' | b'-', _] => ", like plain SMTP or FTP.",
        _ => ".",
    })
}

fn not_authentic(f: &mut Formatter<'_>, sequence: Uint<6>, handshaking: bool) -> fmt::Result {
    let more = if sequence == Uint::MAX { " or higher" } else { "" };
    match (sequence.get(), handshaking) {
        (0, true) => f.write_str(
            "The peer's first protected record does not decrypt under our keys: both sides have \
             different keys.",
        ),
        (number, true) => {
            write!(
                f,
                "The peer's protected handshake record with sequence number {number}{more} fails authentication."
            )
        }
        (number, false) => write!(
            f,
            "The peer's protected record with sequence number {number}{more} fails authentication: its bytes \
             were altered, or an earlier record was lost."
        ),
    }
}

fn timed_out(f: &mut Formatter<'_>, expected: Event, anything_came: bool) -> fmt::Result {
    write!(f, "The handshake exceeded its deadline while we were waiting for {expected}: ")?;
    f.write_str(if anything_came { "the peer stopped sending." } else { "the peer sent nothing." })
}

fn truncated(f: &mut Formatter<'_>, expected: Option<Event>, anything_came: bool) -> fmt::Result {
    match (expected, anything_came) {
        (Some(event), true) => {
            write!(f, "The peer closed the transport during the handshake without an alert; ")?;
            write!(f, "we were waiting for {event}.")
        }
        (Some(event), false) => {
            write!(f, "The peer closed the transport without sending a byte; we were waiting for {event}.")
        }
        (None, _) => {
            f.write_str("The transport ended without close_notify: the data received may be incomplete.")
        }
    }
}

impl Display for ReportError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAReport => f.write_str("these bytes are not a handclasp report"),
            Self::Version(found) => write!(
                f,
                "this report has version {found}, but this program reads only version 3 and older: a newer \
                 handclasp wrote it"
            ),
            Self::Malformed { offset } => write!(f, "the report is damaged or truncated at byte {offset}"),
            Self::TooLong => f.write_str("the report exceeds the maximum length of a report"),
        }
    }
}

impl core::error::Error for ReportError {}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for ReportError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
