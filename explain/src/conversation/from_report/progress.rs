//! How far a handshake had come and how it ended, by the notes and the fault of a report.

use handclasp_codec::{HandshakeType, NamedGroup};
use handclasp_report::{Blame, Event as Expected, Fault, Tag, TransportFault};

use super::Notes;
use crate::conversation::{Ending, Event, EventKind, Side, Stage};

/// Whether a ServerHello was sent and accepted, not only a HelloRetryRequest.
pub(super) fn answered(notes: Notes<'_>) -> bool {
    let retried_only = notes.has(Tag::HelloRetry)
        && notes.numbers::<NamedGroup>(Side::Server, Tag::ChosenGroup).is_empty()
        && !notes.has(Tag::ChosenPsk);
    notes.version().is_some() && notes.has(Tag::ChosenSuite) && !retried_only
}

/// How far it had come.
pub(super) fn stage(notes: Notes<'_>) -> Stage {
    if notes.has(Tag::Connected) {
        return Stage::Complete;
    }
    if !notes.has(Tag::Suites) && !answered(notes) {
        return Stage::Nothing;
    }
    if !answered(notes) {
        return Stage::ClientHello;
    }
    match notes.own() {
        Side::Client => after_answer_of_server(notes),
        // A client speaks again only when it has the server's flight.
        Side::Server if client_has_answered(notes) => Stage::ClientFlight,
        Side::Server => Stage::ServerFlight,
    }
}

/// Our side is the client. In TLS 1.3 its own flight makes it connected; in TLS 1.2 a server refuses
/// or leaves when it has read that flight, or misses a message of its own that the fault names.
fn after_answer_of_server(notes: Notes<'_>) -> Stage {
    let awaited = match notes.report.why() {
        Some(
            Fault::ClosedInHandshake { expected }
            | Fault::Truncated { expected: Some(expected), .. }
            | Fault::TimedOut { expected, .. },
        ) => Some(expected),
        _ => None,
    };
    let of_first_flight = |expected| {
        [
            HandshakeType::certificate,
            HandshakeType::certificate_status,
            HandshakeType::server_key_exchange,
            HandshakeType::certificate_request,
            HandshakeType::server_hello_done,
        ]
        .map(Expected::Message)
        .contains(&expected)
    };
    let of_server = |tag| notes.report.items().any(|item| item.tag == tag && item.from == Side::Server);
    let flight = [Tag::CertificateRequest, Tag::CertificateKey, Tag::ChosenScheme].into_iter().any(of_server);
    match (notes.is_tls13(), awaited) {
        (true, _) if notes.has(Tag::NoneShown) || notes.has(Tag::IssuerNotListed) => Stage::ClientFlight,
        (true, _) if flight => Stage::ServerFlight,
        (true, _) => Stage::ServerHello,
        (false, Some(expected)) if of_first_flight(expected) => Stage::ServerHello,
        (false, _) => Stage::ClientFlight,
    }
}

/// Whether the client's second flight was read, as far as it leaves notes.
fn client_has_answered(notes: Notes<'_>) -> bool {
    let of_client = [Tag::CertificateKey, Tag::ChosenScheme, Tag::NoneShown];
    let noted = notes.report.items().any(|item| item.from == Side::Client && of_client.contains(&item.tag));
    let identity = !notes.is_tls13() && notes.has(Tag::PskIdentity);
    noted || identity
}

/// How it ended.
pub(super) fn ending(notes: Notes<'_>, events: &[Event]) -> Ending {
    let peer = notes.peer();
    let alert_of = |by: Side| {
        events.iter().enumerate().rev().find_map(|(index, event)| match event.kind {
            EventKind::Alert { description, .. } if event.from == by => Some((index, description)),
            _ => None,
        })
    };
    let Some(fault) = notes.report.why() else {
        return if notes.has(Tag::Connected) { Ending::Completed } else { Ending::Unknown };
    };
    match fault {
        Fault::PeerAlert(alert) => {
            // The alert stands among the events, unless its note had no room.
            let index = alert_of(peer).map_or(events.len(), |(index, _)| index);
            Ending::Refused { by: peer, alert, index }
        }
        Fault::ClosedInHandshake { .. } | Fault::Truncated { expected: Some(_), .. } => {
            Ending::Closed { by: peer }
        }
        Fault::TimedOut { .. } => Ending::Silent { expected: peer },
        Fault::Transport(TransportFault::Refused) => Ending::ConnectionRefused,
        Fault::Transport(TransportFault::Unreachable | TransportFault::ConnectTimedOut) => Ending::NoAnswer,
        Fault::Transport(_) => Ending::Reset { by: peer },
        other if other.blame() == Blame::RefusedByUs => match alert_of(notes.own()) {
            Some((index, alert)) => Ending::Refused { by: notes.own(), alert, index },
            None => Ending::Closed { by: notes.own() },
        },
        _ => Ending::Unknown,
    }
}
