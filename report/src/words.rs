//! Faults as sentences: who, what was expected, what came, in the RFCs' names. What to do
//! about it is said by `explain`, which sees the whole report.
//!
//! Called by: whoever prints; a program that prints no fault links none of this.

mod certificate;
mod names;
mod parts;

use core::fmt::{self, Display, Formatter};

pub use certificate::{Date, Pin};
pub use names::{Bytes, Named};

use crate::{Event, Fault, ReportError};

impl Display for Fault {
    /// Longer than a function should be because it is the list of all faults, in the order
    /// of `fault.rs`; nothing else stands here.
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
            Self::RecordOverflow { limit, found } => {
                let found = Bytes(u32::from(*found));
                write!(f, "The peer sent a record of {found}; at most {limit} are permitted.")
            }
            Self::EmptyRecord(kind) => write!(f, "The peer sent an empty {kind} record."),
            Self::OnlyPadding => f.write_str("The peer sent a protected record of nothing but padding."),
            Self::MalformedRecord(kind) => {
                write!(f, "The peer sent a {kind} record with content that it cannot have.")
            }
            Self::MessageTooLarge { message, limit, found } => {
                write!(f, "The peer announced a {message} of {}; our limit is {limit}.", Bytes(*found))
            }
            Self::KeyChangeInsideMessage => {
                f.write_str("The peer changed keys in the middle of one of its handshake messages.")
            }
            Self::Flood(of) => write!(f, "The peer sent more {of} than any honest peer does."),
            Self::RecordNotAuthentic { sequence, handshaking } => not_authentic(f, *sequence, *handshaking),
            Self::NoCommonVersion { peer } => {
                write!(f, "No protocol version in common: the peer speaks {} at most.", Named(*peer))
            }
            Self::NoCommonSuite => f.write_str("No cipher suite in common."),
            Self::NoCommonGroup => f.write_str("No key exchange group in common."),
            Self::NoCommonScheme => {
                f.write_str("No signature scheme that both our key can make and the peer accepts.")
            }
            Self::NoCredential => f.write_str(
                "Every cipher suite in common needs a certificate or a pre-shared key that this server lacks.",
            ),
            Self::NoCommonAlpn => f.write_str("No application protocol (ALPN) in common."),
            Self::UnrecognizedName => f.write_str("This server has nothing for the server_name asked for."),
            Self::NoExtendedMasterSecret => {
                f.write_str("The peer does not do extended_master_secret, which our policy requires.")
            }
            Self::InappropriateFallback { ours } => {
                let ours = Named(*ours);
                write!(f, "The client says it fell back to a lower version, yet we speak {ours}.")
            }
            Self::NoNullCompression => {
                f.write_str("The client does not offer the null compression method, which it must.")
            }
            Self::MissingExtension(which) => {
                write!(f, "The peer's message lacks the extension {which}, which it must carry.")
            }
            Self::UnsolicitedExtension(which) => {
                write!(f, "The peer answered the extension {which}, which we did not send.")
            }
            Self::MisplacedExtension(which) => {
                write!(f, "The peer put the extension {which} into a message where it may not stand.")
            }
            Self::NotOffered { choice, found } => parts::not_offered(f, *choice, *found),
            Self::SessionIdNotEchoed => f.write_str("The server did not echo our legacy_session_id."),
            Self::Downgrade { chosen } => write!(
                f,
                "The server's random says that it speaks more than {}, which it chose: somebody on the \
                 way may have edited our offer.",
                Named(*chosen)
            ),
            Self::UselessRetry => {
                f.write_str("The server asked again with HelloRetryRequest without asking for a change.")
            }
            Self::RetryMismatch(field) => {
                let field = field.name();
                write!(f, "After HelloRetryRequest the peer's {field} contradicts what it sent before.")
            }
            Self::RenegotiationInfo => {
                f.write_str("The peer's renegotiation_info is not what a first handshake must have.")
            }
            Self::IllegalParameter(field) => {
                write!(f, "The peer's {} has a value that the RFC forbids.", field.name())
            }
            Self::KeyShare { group, problem } => write!(f, "The peer's {group} public key {problem}."),
            Self::SignatureInvalid { signed, scheme, key } => {
                let (key, scheme) = (Named(*key), Named(*scheme));
                write!(f, "The signature in {signed} ({scheme}) does not verify under the peer's {key} key.")
            }
            Self::SchemeKeyMismatch { signed, scheme, key } => {
                let (key, scheme) = (Named(*key), Named(*scheme));
                write!(f, "The peer signed {signed} with {scheme}, but its certificate holds a {key} key.")
            }
            Self::FinishedInvalid => f.write_str(
                "The peer's Finished is not what we compute: both sides have different keys, or saw \
                 different messages.",
            ),
            Self::BinderInvalid { identity } => {
                write!(f, "The binder of the client's pre-shared key (identity {identity}) is not ours: ")?;
                f.write_str("both sides hold different bytes for it, or bind it to different hashes.")
            }
            Self::UnknownPskIdentity => {
                f.write_str("We hold no pre-shared key for the identity that the client names.")
            }
            Self::Certificate(fault) => write!(f, "{fault}"),
            Self::NoCertificate { .. } => f.write_str("We require a certificate and the peer sent none."),
            Self::NoCommonCertificateType => f.write_str(
                "No certificate type in common: one side has a raw public key, the other takes X.509 alone, or \
                 the other way round.",
            ),
            Self::PeerAlert(alert) => write!(f, "The peer sent the alert {}.", Named(*alert)),
            Self::ClosedInHandshake { expected } => {
                write!(f, "The peer closed with close_notify during the handshake; we waited for {expected}.")
            }
            Self::Truncated { expected, anything_came } => truncated(f, *expected, *anything_came),
            Self::TimedOut { expected, anything_came } => {
                write!(f, "The handshake took longer than its deadline: we waited for {expected}, and ")?;
                f.write_str(if *anything_came { "the peer fell silent." } else { "nothing ever came." })
            }
            Self::CallerRefused => f.write_str("The program or person on our side declined to go on."),
            Self::SignerFailed => f.write_str(
                "Our signer failed, or made a signature that our certificate's key does not verify.",
            ),
            Self::Misuse(how) => write!(f, "{how}"),
            Self::Internal(what) => write!(f, "{what}"),
            Self::Encode(error) => write!(f, "We could not write a message: {}.", Named(*error)),
        }
    }
}

impl core::error::Error for Fault {}

/// The first bytes tell which protocol answered, if it is one that often does.
fn not_tls(f: &mut Formatter<'_>, first: &[u8; 5]) -> fmt::Result {
    f.write_str("What the peer sent is no TLS: it begins with")?;
    for byte in first {
        write!(f, " {byte:02x}")?;
    }
    if first.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        let text = core::str::from_utf8(first).unwrap_or_default();
        write!(f, " (\"{text}\")")?;
    }
    f.write_str(match first {
        b"HTTP/" => ", as plain HTTP does.",
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

#[cfg(test)]
mod tests;
