//! The same handshake seen at both ends: what differs was changed between them, and what one end
//! did not see was lost.

use std::cmp::Ordering;

use handclasp_codec::HandshakeType;

use crate::conversation::{Conversation, Event, EventKind, LocatedMessage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explanation::Diagnosis;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::input::capture_event::Side;

/// What differs between two captures of one conversation. One end's story must not begin late,
/// or what it lacks was only not captured.
pub(crate) fn compare(here: &Conversation, there: &Conversation) -> Vec<Finding> {
    let findings = [Side::Client, Side::Server].into_iter().filter_map(|from| messages(here, there, from));
    findings.collect()
}

/// Bits in which a random may differ and still be the same one, altered on its way.
const NEAR: u32 = 8;

/// The conversation of the other end that is the same: by a random that both saw, or the only one,
/// unless its randoms say that it is another.
pub(crate) fn same<'c>(here: &Conversation, others: &'c [Diagnosis]) -> Option<&'c Diagnosis> {
    let randoms = |conversation: &Conversation| {
        let client = conversation.client_hello().map(|hello| *hello.random);
        (client, conversation.server_hello().map(|hello| *hello.random))
    };
    let (client, server) = randoms(here);
    let shares = |other: &&Diagnosis| {
        let (others_client, others_server) = randoms(&other.conversation);
        client.is_some() && client == others_client || server.is_some() && server == others_server
    };
    let near = |one: Option<[u8; 32]>, other: Option<[u8; 32]>| {
        let bits = |(one, other): ([u8; 32], [u8; 32])| -> u32 {
            one.iter().zip(&other).map(|(one, other)| (one ^ other).count_ones()).sum()
        };
        one.zip(other).is_none_or(|pair| bits(pair) <= NEAR)
    };
    let altered = |other: &&Diagnosis| {
        let (others_client, others_server) = randoms(&other.conversation);
        near(client, others_client) && near(server, others_server)
    };
    let only = || others.first().filter(|_| others.len() == 1).filter(altered);
    others.iter().find(shares).or_else(only)
}

fn messages(here: &Conversation, there: &Conversation, from: Side) -> Option<Finding> {
    fn of(conversation: &Conversation, from: Side) -> Vec<LocatedMessage<'_>> {
        // Behind a hole nobody knows which message is which.
        let hole = |item: &Event| item.from == from && matches!(item.kind, EventKind::Gap(_));
        let end = conversation.events.iter().position(hole).unwrap_or(usize::MAX);
        Conversation::messages(conversation)
            .filter(|found| found.event.from == from && found.index < end)
            .collect()
    }
    let (here_all, there_all) = (of(here, from), of(there, from));
    for (one, other) in here_all.iter().zip(&there_all) {
        if one.message.bytes == other.message.bytes {
            continue;
        }
        if one.message.msg_type != other.message.msg_type {
            return Some(lost(one, other, &here_all, &there_all));
        }
        return Some(changed(one, other));
    }
    let whole = !here.is_partial() && !there.is_partial() && here.dropped == 0 && there.dropped == 0;
    let (found, seen, unseen, conversation, last) = match here_all.len().cmp(&there_all.len()) {
        Ordering::Equal => return None,
        Ordering::Less => (there_all.get(here_all.len())?, "second", "first", here, here_all.last()),
        Ordering::Greater => (here_all.get(there_all.len())?, "first", "second", there, there_all.last()),
    };
    // That a capture ends is no loss: its end must have gone on without the message.
    let behind = last.map_or(0, |last| last.index + 1);
    let goes_on =
        conversation.events.iter().skip(behind).any(|item| item.from == from && goes_on(&item.kind));
    (whole && goes_on).then(|| dropped(found, seen, unseen))
}

/// Whether an end that does this has said all that it would have said before.
fn goes_on(what: &EventKind) -> bool {
    match what {
        EventKind::Fin
        | EventKind::Alert { .. }
        | EventKind::ChangeCipherSpec
        | EventKind::Protected(_)
        | EventKind::ApplicationData { .. } => true,
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Acknowledged
        | EventKind::Gap(_)
        | EventKind::Reset
        | EventKind::Handshake(_)
        | EventKind::Record { .. }
        | EventKind::NotTls { .. }
        | EventKind::Error(_) => false,
    }
}

fn changed(one: &LocatedMessage<'_>, other: &LocatedMessage<'_>) -> Finding {
    let (here, there) = (&one.message.bytes, &other.message.bytes);
    let differs = here.iter().zip(there).position(|(one, other)| one != other);
    let offset = differs.unwrap_or_else(|| here.len().min(there.len()));
    let bits: u32 = here.iter().zip(there).map(|(one, other)| (one ^ other).count_ones()).sum();
    let (from, msg_type) = (one.event.from, one.message.msg_type);
    let amount = match (here.len() == there.len(), bits) {
        (true, 1) => "one bit differs".to_owned(),
        (true, bits) => format!("{bits} bits differ"),
        (false, _) => format!("{} bytes in one, {} in the other", here.len(), there.len()),
    };
    let byte = |bytes: &[u8]| bytes.get(offset).map_or("nothing".to_owned(), |byte| format!("{byte:02x}"));
    Finding::failure(
        Cause::TamperInFlight,
        Confidence::Proved,
        format!("The {from}'s {msg_type} was changed between the two points of capture."),
    )
    .evidence(format!(
        "byte {offset} of the message: {} in the first capture ({}), {} in the second ({}); {amount}",
        byte(here),
        one.event.position,
        byte(there),
        other.event.position
    ))
}

/// Another message stands where one should.
fn lost(
    one: &LocatedMessage<'_>,
    other: &LocatedMessage<'_>,
    here: &[LocatedMessage<'_>],
    there: &[LocatedMessage<'_>],
) -> Finding {
    let has = |all: &[LocatedMessage<'_>], msg_type: HandshakeType| {
        all.iter().any(|found| found.message.msg_type == msg_type)
    };
    match has(here, other.message.msg_type) {
        true if !has(there, one.message.msg_type) => dropped(one, "first", "second"),
        _ => dropped(other, "second", "first"),
    }
}

fn dropped(found: &LocatedMessage<'_>, seen: &str, unseen: &str) -> Finding {
    let (from, msg_type) = (found.event.from, found.message.msg_type);
    Finding::failure(
        Cause::TamperDroppedMessage,
        Confidence::Proved,
        format!("The {from}'s {msg_type} was lost between the two points of capture."),
    )
    .evidence(format!("it is in the {seen} capture ({}) but not in the {unseen}", found.event.position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Message, Position};

    fn conversation(messages: &[(Side, u8, &[u8])]) -> Conversation {
        let items = messages.iter().map(|(from, msg_type, body)| {
            let length = u8::try_from(body.len()).unwrap();
            let message = Message {
                msg_type: HandshakeType(*msg_type),
                bytes: [&[*msg_type, 0, 0, length], *body].concat(),
                protected: false,
                records: 1,
                longest_record: 0,
                error: None,
            };
            Event { from: *from, position: Position::default(), kind: EventKind::Handshake(message) }
        });
        Conversation { events: items.collect(), ..Conversation::default() }
    }

    #[test]
    fn what_was_changed_or_lost() {
        let whole = [(Side::Client, 1, &b"hello"[..]), (Side::Server, 11, b"cert"), (Side::Server, 14, b"")];
        assert!(compare(&conversation(&whole), &conversation(&whole)).is_empty());
        let changed = [whole[0], (Side::Server, 11, b"cerd"), whole[2]];
        let found = compare(&conversation(&whole), &conversation(&changed));
        assert_eq!(
            (found.len(), found[0].cause, found[0].confidence),
            (1, Cause::TamperInFlight, Confidence::Proved)
        );
        assert!(found[0].evidence[0].starts_with("byte 7 of the message: 74 in the first"), "{found:?}");
        assert!(found[0].evidence[0].ends_with("one bit differs"), "{found:?}");
        let found = compare(&conversation(&whole), &conversation(&[whole[0], whole[2]]));
        assert_eq!(found[0].cause, Cause::TamperDroppedMessage);
        assert!(found[0].summary.contains("certificate"), "{found:?}");
    }

    #[test]
    fn two_connections_are_not_one_that_was_altered() {
        let hello = |random: u8| {
            let body = [&[3, 3][..], &[random; 32], &[0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
            conversation(&[(Side::Client, 1, &body)])
        };
        let told = |conversation| Diagnosis { conversation, findings: Vec::new() };
        assert!(same(&hello(0x5a), &[told(hello(0x5a))]).is_some());
        assert!(same(&hello(0x5a), &[told(hello(0x77))]).is_none());
        // Thirty-two bytes in which one bit each differs are no flipped bit either.
        assert!(same(&hello(0x5a), &[told(hello(0x5b))]).is_none());
    }

    #[test]
    fn what_a_hole_swallowed_was_not_lost_between_the_captures() {
        let whole = [(Side::Client, 1, &b"hello"[..]), (Side::Server, 11, b"cert"), (Side::Server, 14, b"")];
        let mut holed = conversation(&[whole[0], whole[2]]);
        let hole = Event { from: Side::Server, position: Position::default(), kind: EventKind::Gap(9) };
        holed.events.insert(1, hole);
        assert!(compare(&conversation(&whole), &holed).is_empty());
        assert!(compare(&holed, &conversation(&whole)).is_empty());
    }

    #[test]
    fn a_capture_that_ends_early_lost_nothing() {
        let whole = [(Side::Client, 1, &b"hello"[..]), (Side::Server, 2, b"hello")];
        assert!(compare(&conversation(&whole), &conversation(&whole[..1])).is_empty());
    }
}
