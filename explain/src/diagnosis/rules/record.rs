//! Records and messages that are too long: for the protocol (RFC 8446 §5.1, RFC 5246 §6.2), for
//! what was agreed (max_fragment_length RFC 6066 §4, record_size_limit RFC 8449), or for the small
//! buffers of a peer.

use handclasp_codec::{AlertDescription as Alert, ContentType};

use super::{Case, Side, end};
use crate::conversation::{Ending, Event, EventKind, LocatedMessage, Stage, StreamError};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Finding};

/// A message above this is more than the smallest configurations hold (2 KB of content buffer
/// are common on microcontrollers; Mbed TLS' own default is 16 KB).
const SMALL_BUFFER: usize = 2048;

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = too_large(case).into_iter().collect();
    found.extend(overflow_told(case));
    found.extend(limit(case));
    found.into_iter().map(|finding| finding.evidence(case.ended())).collect()
}

/// A header that announces more than the protocol permits.
fn too_large(case: &Case<'_>) -> Option<Finding> {
    let too_long = |item: &'_ Event| match item.kind.stream_error()? {
        StreamError::RecordTooLong { announced, next_at, .. } => Some((*announced, *next_at)),
        StreamError::RecordTruncated { .. } | StreamError::MessageTruncated { .. } => None,
    };
    let (item, (announced, next_at)) =
        case.conversation.events.iter().find_map(|item| Some((item, too_long(item)?)))?;
    // Where the beginning is missing, a header was only guessed at.
    if case.conversation.is_partial() {
        return None;
    }
    // What no protection explains, in plain or under the keys of TLS 1.3, is too long before that
    // (RFC 8446 §5.1 §5.2).
    let permitted = match announced {
        0..=18_432 if case.conversation.is_tls13() => "16640 are permitted in TLS 1.3",
        0..=18_432 => "16384 are permitted before anything is protected",
        _ => "18432 are permitted",
    };
    let summary =
        format!("The {} announces a record of {announced} bytes; at most {permitted}.", end(item.from));
    let mut finding = Finding::failure(Cause::RecordTooLarge, Confidence::Proved, summary)
        .evidence(format!("{}: length {announced} in a record header", item.position))
        .side(match item.from {
            Side::Client => Party::Client,
            Side::Server => Party::Server,
        });
    if let Some(next) = next_at {
        finding = finding.side(Party::Network).evidence(format!(
            "the next record begins after {next} bytes: the length was altered in transit, not the content"
        ));
    }
    Some(finding)
}

/// record_overflow, where the record itself does not show what is wrong with it.
fn overflow_told(case: &Case<'_>) -> Option<Finding> {
    let by = [Side::Client, Side::Server]
        .into_iter()
        .find(|by| case.refused(*by) == Some(Alert::record_overflow))?;
    let seen = case
        .conversation
        .events
        .iter()
        .any(|item| matches!(item.kind, EventKind::Error(StreamError::RecordTooLong { .. })));
    if seen {
        return None;
    }
    let (cause, summary) = match agreed(case) {
        Some(agreed) => (
            Cause::RecordLimitExceeded,
            format!("The {} receives a record longer than the {} bytes it requested.", end(by), agreed.limit),
        ),
        None => (Cause::RecordTooLarge, format!("The {} receives a record longer than it accepts.", end(by))),
    };
    Some(Finding::failure(cause, Confidence::Inferred, summary))
}

/// A limit that one end asks for.
struct Agreed {
    limit: usize,
    /// Whether the server took it up.
    taken: bool,
    name: &'static str,
}

/// What the client asks records to be limited to.
fn agreed(case: &Case<'_>) -> Option<Agreed> {
    let hello = case.conversation.client_hello()?;
    let answer = case.conversation.server_hello();
    if let Some(length) = hello.extensions.max_fragment_length.and_then(|asked| asked.plaintext_limit()) {
        let taken = answer.is_some_and(|answer| answer.extensions.max_fragment_length.is_some());
        return Some(Agreed { limit: usize::from(length), taken, name: "max_fragment_length" });
    }
    let limit = hello.extensions.record_size_limit?.record_size_limit;
    let small = usize::from(limit) < (1 << 14);
    let taken = answer.is_some_and(|answer| answer.extensions.record_size_limit.is_some());
    small.then_some(Agreed { limit: usize::from(limit), taken, name: "record_size_limit" })
}

/// An end that leaves without a word, or with a word about lengths, right after a large message.
fn limit(case: &Case<'_>) -> Option<Finding> {
    let gone = [Side::Client, Side::Server].into_iter().find(|by| gives_up(case, *by));
    let by = gone.or_else(|| leaves_at_once(case).then_some(Side::Client))?;
    let largest = largest(case, by.other())?;
    let size = largest.message.bytes.len();
    let position = largest.event.position;
    let what = largest.message.msg_type;
    let agreed = agreed(case).filter(|_| by == Side::Client);
    let (confidence, why) = match &agreed {
        Some(Agreed { limit, taken: true, name }) if size > *limit => (
            Confidence::Inferred,
            format!(
                "{name} {limit} was negotiated and is respected; a longer message has to be reassembled \
                 from several records"
            ),
        ),
        Some(Agreed { limit, taken: false, name }) if size > *limit => (
            Confidence::Inferred,
            format!("the client requests {name} {limit}, and the server does not accept it"),
        ),
        Some(_) => return None,
        None if size > SMALL_BUFFER => (
            Confidence::Possible,
            "small peers have buffers of 1 to 4 KB and close the connection if a message is larger"
                .to_owned(),
        ),
        None => return None,
    };
    let summary = format!(
        "The {}'s {what} has {size} bytes, and the {} aborts right after it: the message does not fit its \
         buffers.",
        end(by.other()),
        end(by)
    );
    let side = if by == Side::Client { Party::Client } else { Party::Config };
    Some(
        Finding::failure(Cause::RecordLimitExceeded, confidence, summary)
            .side(side)
            .evidence(format!("{position}: {what}, {size} bytes in {} records", largest.message.records))
            .evidence(why)
            .or_fix("Mbed TLS: raise MBEDTLS_SSL_IN_CONTENT_LEN to at least the message's size; it does not join handshake messages from several records before 3.6.3"),
    )
}

/// Whether an end leaves in a way that a full buffer explains.
fn gives_up(case: &Case<'_>, by: Side) -> bool {
    let stage = match by {
        Side::Client => matches!(case.stage, Stage::ServerHello | Stage::ServerFlight | Stage::ClientFlight),
        Side::Server => matches!(case.stage, Stage::ClientHello | Stage::ClientFlight),
    };
    let told = [Alert::record_overflow, Alert::internal_error, Alert::decode_error, Alert::illegal_parameter];
    let word = case.refused(by).is_some_and(|alert| told.contains(&alert))
        && by == Side::Client
        && agreed(case).is_some();
    stage && (case.left(by) || word)
}

/// A client that asked for small records, finishes, and is gone before it has said anything: what
/// it cannot hold came with the server's last words, a ticket for instance.
fn leaves_at_once(case: &Case<'_>) -> bool {
    let said = |item: &Event| matches!(item.kind, EventKind::ApplicationData { .. });
    let first_to_leave =
        case.conversation.events.iter().find(|item| matches!(item.kind, EventKind::Fin | EventKind::Reset));
    case.ending == Ending::Completed
        && agreed(case).is_some()
        && !case.conversation.events.iter().any(said)
        && first_to_leave.is_some_and(|item| item.from == Side::Client)
        && !case.conversation.events.iter().any(|item| item.from == Side::Client && is_goodbye(&item.kind))
}

/// close_notify, or a protected alert, which at the end is nothing else.
fn is_goodbye(what: &EventKind) -> bool {
    let goodbye = matches!(what, EventKind::Alert { description: Alert::close_notify, .. });
    goodbye || what.protected_record().is_some_and(|sealed| sealed.content_type == ContentType::alert)
}

/// The largest handshake message of an end.
fn largest<'a>(case: &Case<'a>, of: Side) -> Option<LocatedMessage<'a>> {
    let sent = case.conversation.messages().filter(|found| found.event.from == of);
    sent.max_by_key(|found| found.message.bytes.len())
}
