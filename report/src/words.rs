//! Faults as sentences: who, what was expected, what came, in the RFCs' names. What to do
//! about it is said by `explain`, which sees the whole report.
//! Long because: it is the list of all faults.

mod certificate;
mod names;
mod parts;
mod plain;
mod sentence;

use core::fmt::{self, Display, Formatter};

pub use certificate::{Date, Pin};
pub use names::{Bytes, Named};
pub use sentence::Sentence;

use crate::{Event, Fault, ReportError};

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode { within, error } => {
                write!(f, "The peer's {} does not parse: {}.", within.name(), Named(*error))
            }
            Self::Unexpected { expected, found } => {
                write!(f, "The peer sent {found} where we waited for {expected}.")
            }
            Self::NotTls { first } => not_tls(f, first),
            Self::UnknownContentType(found) => {
                write!(f, "The peer sent a record of content_type {found}, which does not exist.")
            }
            Self::RecordVersion(found) => {
                write!(f, "The peer sent a record of version {}, which cannot stand here.", Named(*found))
            }
            Self::RecordOverflow { limit, found } => parts::record_overflow(f, *limit, *found),
            Self::EmptyRecord(kind) => write!(f, "The peer sent an empty {kind} record."),
            Self::MalformedRecord(kind) => {
                write!(f, "The peer sent a {kind} record with content that it cannot have.")
            }
            Self::MessageTooLarge { message, limit, found } => parts::too_large(f, *message, *limit, *found),
            Self::TooMany { what, limit, found } => parts::too_many(f, *what, *limit, *found),
            Self::Flood(of) => write!(f, "The peer sent more {of} than any honest peer does."),
            Self::RecordNotAuthentic { sequence, handshaking } => not_authentic(f, *sequence, *handshaking),
            Self::NoCommonVersion { peer } => parts::no_common_version(f, *peer),
            Self::InappropriateFallback { ours } => parts::fallback(f, *ours),
            Self::MissingExtension(which) => {
                write!(f, "The peer's message lacks the extension {which}, which it must carry.")
            }
            Self::UnsolicitedExtension(which) => {
                write!(f, "The peer answered the extension {which}, which we did not send.")
            }
            Self::MisplacedExtension(which) => {
                write!(f, "The peer put the extension {which} into a message where it may not stand.")
            }
            Self::CurveNotOffered { curve } => parts::curve_not_offered(f, *curve),
            Self::NotOffered { choice, found } => parts::not_offered(f, *choice, *found),
            Self::Downgrade { chosen } => parts::downgrade(f, *chosen),
            Self::RetryMismatch(field) => parts::retry_mismatch(f, *field),
            Self::IllegalParameter(field) => {
                write!(f, "The peer's {} has a value that the RFC forbids.", field.name())
            }
            Self::KeyShare { group, problem } => write!(f, "The peer's {group} public key {problem}."),
            Self::SignatureInvalid { signed, scheme, key } => parts::signature(f, *signed, *scheme, *key),
            Self::SchemeKeyMismatch { signed, scheme, key } => parts::mismatch(f, *signed, *scheme, *key),
            Self::BinderInvalid { identity } => parts::binder(f, *identity),
            Self::Certificate(fault) => write!(f, "{fault}"),
            Self::PeerAlert(alert) => write!(f, "The peer sent the alert {}.", Named(*alert)),
            Self::ClosedInHandshake { expected } => {
                write!(f, "The peer closed with close_notify during the handshake; we waited for {expected}.")
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
            | Self::NoCertificate { .. }
            | Self::NoCommonCertificateType
            | Self::CallerRefused => f.write_str(self.plain()),
            Self::SignerFailed(why) => write!(f, "{why}"),
        }
    }
}

impl core::error::Error for Fault {}

/// The first bytes tell which protocol answered, if it is one that often does.
fn not_tls(f: &mut Formatter<'_>, first: &[u8; 5]) -> fmt::Result {
    f.write_str("What the peer sent is not TLS: it begins with")?;
    for byte in first {
        write!(f, " {byte:02x}")?;
    }
    if first.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        let text = core::str::from_utf8(first).unwrap_or_default();
        write!(f, " (\"{text}\")")?;
    }
    f.write_str(match first {
        b"HTTP/" => ", as plain HTTP does.",
        b"<!DOC" | b"<!doc" | b"<html" | b"<HTML" => ", as an answer of plain HTTP does.",
        b"GET /" | b"POST " | b"HEAD " | b"PUT /" => ", as a plain HTTP request does.",
        b"SSH-1" | b"SSH-2" => ", as SSH does.",
        [b'2', b'2', b'0', b' ' | b'-', _] => ", as plain SMTP or FTP does.",
        _ => ".",
    })
}

fn not_authentic(f: &mut Formatter<'_>, sequence: u64, handshaking: bool) -> fmt::Result {
    match (sequence, handshaking) {
        (0, true) => f.write_str(
            "The peer's first protected record does not decrypt under our keys: both sides have \
             different keys.",
        ),
        (number, true) => {
            write!(f, "The peer's protected record number {number} of the handshake does not authenticate.")
        }
        (number, false) => write!(
            f,
            "The peer's protected record number {number} does not authenticate: its bytes were altered, or \
             a record before it was lost."
        ),
    }
}

fn timed_out(f: &mut Formatter<'_>, expected: Event, anything_came: bool) -> fmt::Result {
    write!(f, "The handshake took longer than its deadline: we waited for {expected}, and ")?;
    f.write_str(if anything_came { "the peer fell silent." } else { "nothing ever came." })
}

fn truncated(f: &mut Formatter<'_>, expected: Option<Event>, anything_came: bool) -> fmt::Result {
    match (expected, anything_came) {
        (Some(event), true) => {
            write!(f, "The peer closed the transport during the handshake, without an alert; ")?;
            write!(f, "we waited for {event}.")
        }
        (Some(event), false) => {
            write!(f, "The peer closed the transport without having sent a byte; we waited for {event}.")
        }
        (None, _) => f.write_str("The transport ended without close_notify: what came may be incomplete."),
    }
}

impl Display for ReportError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAReport => f.write_str("these bytes are not a handclasp report"),
            Self::Version(found) => write!(
                f,
                "this report has version {found}; this program reads version 1 and older: it was made by a \
                 newer handclasp"
            ),
            Self::Malformed { offset } => write!(f, "the report is damaged or cut off at byte {offset}"),
            Self::TooLong => f.write_str("this is longer than any report"),
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
