//! What happened below TLS: refused, reset, closed, silent, cut, or another protocol altogether.
//!
//! An end that leaves without a word is only the last resort of an explanation: any rule that
//! knows why it left comes first (`verdict`).

mod foreign;
mod port;

use std::time::Duration;

use super::{Case, Side, end};
use crate::conversation::{Ending, Event, EventKind, Stage, StreamError};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Finding};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    if foreign::is_plain_talk(case) {
        return Vec::new();
    }
    let foreign = foreign::findings(case);
    if !foreign.is_empty() {
        return foreign;
    }
    let mut found: Vec<Finding> = cut(case).into_iter().collect();
    found.extend(left(case));
    found.extend(port::reading(case));
    found
}

/// How long an end waits before its leaving is giving up: shorter, and it left for reasons of its
/// own.
const PATIENCE: Duration = Duration::from_millis(900);

/// Whether a capture ends so soon after an event that it may have been stopped before an answer.
fn is_brief(case: &Case<'_>, said: &Event) -> bool {
    let last = case.conversation.events.last();
    case.notes().is_none() && last.is_some_and(|last| waited(said, last) < PATIENCE)
}

/// A record or message that has a beginning and no end.
fn cut(case: &Case<'_>) -> Option<Finding> {
    // What an end leaves behind when it refuses is not the reason.
    if case.refused(Side::Server).or(case.refused(Side::Client)).is_some_and(|_| !refusal_follows_cut(case)) {
        return None;
    }
    let (item, what) = broken(case).filter(|_| !case.conversation.is_partial())?;
    let from = item.from;
    let left =
        case.conversation.events.iter().find(|other| matches!(other.kind, EventKind::Fin | EventKind::Reset));
    let (cause, confidence, how) = match left {
        Some(left) if left.from == from => {
            // A hello cut short may as well have a wrong length.
            let hello = from == Side::Client && case.stage == Stage::MalformedHello;
            let confidence = if hello { Confidence::Observed } else { Confidence::Proved };
            (Cause::TransportTruncated, confidence, "and the stream ends there")
        }
        // The other end closed while it was being said.
        Some(left) if waited(item, left) < PATIENCE => return None,
        None if is_brief(case, item) => (
            Cause::TransportStalled,
            Confidence::Possible,
            "and the capture ends there: perhaps before the connection does",
        ),
        Some(_) | None => (
            Cause::TransportStalled,
            Confidence::Observed,
            "and nothing follows, although the connection stays open",
        ),
    };
    let summary = format!("The {}'s bytes stop in the middle of {what}, {how}.", end(from));
    Some(
        Finding::failure(cause, confidence, summary)
            .evidence(format!("{}: {what}", item.position))
            .evidence(case.ended()),
    )
}

/// The time between two items; long where nothing tells.
fn waited(first: &Event, then: &Event) -> Duration {
    match (first.position.time, then.position.time) {
        (Some(first), Some(then)) => then.saturating_sub(first),
        (None, _) | (_, None) => PATIENCE,
    }
}

/// The first thing that has no end, in words.
fn broken<'a>(case: &Case<'a>) -> Option<(&'a Event, String)> {
    case.conversation.events.iter().find_map(|item| match item.kind.stream_error()? {
        StreamError::RecordTruncated { content_type, announced, available, .. } => Some((
            item,
            format!("a record ({content_type}) of {announced} bytes, of which {available} arrived"),
        )),
        StreamError::MessageTruncated { msg_type, announced, bytes } => {
            let came = bytes.len().saturating_sub(4);
            Some((item, format!("a message ({msg_type}) of {announced} bytes, of which {came} arrived")))
        }
        StreamError::RecordTooLong { .. } => None,
    })
}

/// Whether the end that refused had only half a record of the other: then the cut is the reason,
/// and the alert (decode_error, or whatever a stack says on EOF) what follows from it.
fn refusal_follows_cut(case: &Case<'_>) -> bool {
    let Ending::Refused { by, index, .. } = case.ending else { return false };
    broken(case).is_some_and(|(item, _)| item.from != by)
        && case
            .conversation
            .events
            .iter()
            .take(index)
            .any(|item| item.from != by && matches!(item.kind, EventKind::Fin))
}

/// One end is gone, or never was there.
fn left(case: &Case<'_>) -> Option<Finding> {
    let observed = |cause, summary: String| Finding::failure(cause, Confidence::Observed, summary);
    Some(
        match case.ending {
            Ending::ConnectionRefused => observed(
                Cause::TransportRefused,
                "The TCP connection is refused: no program listens on that port.".to_owned(),
            ),
            Ending::NoAnswer => no_answer(case),
            Ending::Reset { by } if case.stage != Stage::Nothing => observed(
                Cause::TransportReset,
                format!("The {}'s host resets the connection, {}.", end(by), reached(case.stage)),
            )
            .side(Party::Network),
            Ending::Closed { by } | Ending::Reset { by } if case.stage == Stage::Nothing => nothing_said(by),
            Ending::Closed { by: Side::Client } if unanswered(case) => silent(case),
            Ending::Closed { by: Side::Client } if half_a_flight(case) => {
                // The rest may have been lost on the way.
                let summary = "The server stops in the middle of its flight; the client waits, then closes.";
                Finding::failure(Cause::TransportStalled, Confidence::Inferred, summary).side(Party::Server)
            }
            Ending::Closed { by } | Ending::Reset { by } => closed(by, case.stage),
            Ending::Silent { expected: Side::Server } => silent(case),
            Ending::Silent { expected: Side::Client } if case.stage == Stage::Nothing => silent_client(case)?,
            Ending::Silent { expected: Side::Client } => stalled(case, Side::Client),
            Ending::RefusedEncrypted { by, .. } => refused_unread(case, by)?,
            Ending::Refused { .. } | Ending::Completed | Ending::Unknown => return None,
        }
        .evidence(case.ended()),
    )
}

/// One side refuses with an alert that no key reads.
fn refused_unread(case: &Case<'_>, by: Side) -> Option<Finding> {
    let possible = |cause, summary: &str| Finding::failure(cause, Confidence::Possible, summary);
    match by {
        Side::Server if case.stage == Stage::ServerHello => {
            let summary = "The server aborts in the middle of its own flight: it probably has no certificate for \
                           what the client offers (server_name, signature_algorithms), or cannot sign with its key.";
            let finding = possible(Cause::RefusedUnexplained, summary);
            Some(finding.fix("read the server's log, or pass a key log of either side with --keys"))
        }
        Side::Server => Some(possible(
            Cause::TransportClosedByServer,
            "The server ends the connection with an encrypted alert; reading it takes a key log.",
        )),
        // The rules of certificates weigh what it can mean.
        Side::Client if case.stage < Stage::ClientFlight || case.conversation.lacks_client_finished() => None,
        Side::Client => Some(possible(
            Cause::TrustRefusedAfterHandshake,
            "The client ends the connection with an encrypted alert; reading it takes a key log.",
        )),
    }
}

/// A SYN without a reply.
fn no_answer(case: &Case<'_>) -> Finding {
    let summary = format!(
        "The connection attempt gets no reply: a firewall drops it, the address is wrong, or the host {}is down.",
        if case.conversation.server.is_empty() {
            String::new()
        } else {
            format!("{} ", case.conversation.server)
        }
    );
    Finding::failure(Cause::TransportNoAnswer, Confidence::Observed, summary)
}

/// Closed without an alert, by one side.
fn closed(by: Side, stage: Stage) -> Finding {
    let cause = match by {
        Side::Client => Cause::TransportClosedByClient,
        Side::Server => Cause::TransportClosedByServer,
    };
    let summary = format!("The {} closes the connection without an alert, {}.", end(by), reached(stage));
    Finding::failure(cause, Confidence::Observed, summary)
}

/// A client that connects and sends nothing. In a capture such a connection may have another purpose; a
/// server that reports it has waited for a ClientHello.
fn silent_client(case: &Case<'_>) -> Option<Finding> {
    case.notes()?;
    let summary = "The client opens a connection and sends nothing: a scan, or a client that hangs.";
    Some(Finding::failure(Cause::TransportSilent, Confidence::Observed, summary).side(Party::Client))
}

/// Closed before anybody said anything.
fn nothing_said(by: Side) -> Finding {
    let (cause, summary) = match by {
        Side::Client => (
            Cause::TransportClosedBeforeHello,
            "The client opens the connection and closes it without sending data: its own key, certificate \
             or settings fail to load, or it was only a probe.",
        ),
        Side::Server => (
            Cause::TransportClosedByServer,
            "The server closes the connection before the client has sent data.",
        ),
    };
    Finding::failure(cause, Confidence::Observed, summary)
}

/// The client spoke, the server never did, and the client was there long enough to hear it.
pub(super) fn unanswered(case: &Case<'_>) -> bool {
    let mere =
        |item: &&Event| matches!(item.kind, EventKind::Syn | EventKind::SynAck | EventKind::Acknowledged);
    let closing = |item: &Event| matches!(item.kind, EventKind::Fin | EventKind::Reset);
    // Plain lines before TLS are no answer to the ClientHello.
    let events = &case.conversation.events;
    let hello = events.iter().position(|item| item.from == Side::Client && item.kind.is_tls());
    let mut said = events.iter().skip(hello.unwrap_or(0)).filter(|item| !mere(item));
    let silent = said.clone().all(|item| item.from == Side::Client || closing(item));
    let (first, left) = (said.next(), case.conversation.events.iter().find(|item| closing(item)));
    silent && first.zip(left).is_some_and(|(first, left)| waited(first, left) >= PATIENCE)
}

/// The server's flight is incomplete, and the client waited long enough for the rest.
fn half_a_flight(case: &Case<'_>) -> bool {
    let events = &case.conversation.events;
    let closing = |item: &Event| matches!(item.kind, EventKind::Fin | EventKind::Reset);
    let Some(left) = events.iter().position(closing) else { return false };
    let before = events.iter().take(left).rfind(|item| item.kind.is_tls());
    let from_server = before.filter(|item| item.from == Side::Server);
    case.stage == Stage::ServerHello
        && from_server.zip(events.get(left)).is_some_and(|(last, left)| waited(last, left) >= PATIENCE)
}

/// The server owes the next word.
fn silent(case: &Case<'_>) -> Finding {
    // Plain lines in front of TLS are no answer to its hello.
    let answered =
        case.conversation.events.iter().any(|item| item.from == Side::Server && item.kind.is_tls());
    if answered {
        return stalled(case, Side::Server).side(Party::Server);
    }
    let taken = case
        .conversation
        .events
        .iter()
        .any(|item| item.from == Side::Server && matches!(item.kind, EventKind::Acknowledged));
    let plain = case.conversation.events.iter();
    let plain = plain.filter(|item| item.from == Side::Server).any(|item| item.kind.not_tls().is_some());
    let summary = match taken {
        _ if plain => "The server answers the plain lines before TLS, but not the ClientHello.",
        true => "The server receives the client's bytes but never responds.",
        false => "The server accepts the connection but never responds.",
    };
    let ends = |item: &Event| matches!(item.kind, EventKind::Fin | EventKind::Reset);
    let events = &case.conversation.events;
    let said = events.iter().rev().find(|item| item.from == Side::Client);
    if said.is_some_and(|said| is_brief(case, said)) && !events.iter().any(ends) {
        let summary = format!("{summary} The capture ends there: perhaps before the server responds.");
        return Finding::failure(Cause::TransportSilent, Confidence::Possible, summary);
    }
    Finding::failure(Cause::TransportSilent, Confidence::Observed, summary)
}

/// An end that sends nothing more. Where no later packet shows that time passes, the capture may only have
/// been ended.
fn stalled(case: &Case<'_>, by: Side) -> Finding {
    let events = &case.conversation.events;
    let said = events.iter().rev().find(|item| !matches!(item.kind, EventKind::Acknowledged));
    let goes_on = said.zip(events.last()).is_none_or(|(said, last)| waited(said, last) >= PATIENCE);
    let (confidence, how) = match goes_on {
        true => (Confidence::Observed, "and the connection stays open"),
        false => (Confidence::Possible, "and the capture ends there: perhaps before the connection does"),
    };
    let summary = format!("The {} stops, {}, {how}.", end(by), reached(case.stage));
    Finding::failure(Cause::TransportStalled, confidence, summary)
}

/// How far it had come, as part of a sentence.
pub(super) fn reached(stage: Stage) -> &'static str {
    match stage {
        Stage::Nothing => "before any data was sent",
        Stage::MalformedHello => "after an incomplete ClientHello",
        Stage::ClientHello => "right after the ClientHello",
        Stage::ServerHello => "in the middle of the server's flight",
        Stage::ServerFlight => "right after the server's flight",
        Stage::ClientFlight => "right after the client's response to the server's flight",
        Stage::Complete => "after the handshake",
    }
}
