//! Bytes outside TLS from a side that has sent TLS before.

use handclasp_codec::AlertDescription;

use super::super::{Case, end};
use crate::conversation::{Event, EventKind};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::protocol::shown;

/// The first such bytes. Behind close_notify both sides may go on without TLS (FTP after CCC, for one).
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    let conversation = case.conversation;
    if conversation.is_partial() {
        return None;
    }
    let (index, event, begins) = conversation.events.iter().enumerate().find_map(|(index, event)| {
        let begins = event.kind.not_tls()?;
        let is_record = |before: &Event| before.from == event.from && before.kind.is_tls();
        conversation.events.iter().take(index).any(is_record).then_some((index, event, begins))
    })?;
    // A hello that is answered in plain text is another protocol, which the rules of transport name.
    conversation.server_hello()?;
    let said = format!("{}: the {} sends {}", event.position, end(event.from), shown(begins));
    // The last record before it is close_notify, or an alert that no key reads.
    let of_sender = |before: &&Event| before.from == event.from && before.kind.is_tls();
    let last = conversation.events.iter().take(index).rfind(of_sender);
    let closed = last.is_some_and(|last| match &last.kind {
        EventKind::Alert { description, .. } => *description == AlertDescription::close_notify,
        EventKind::Protected(sealed) => conversation.is_alert_after_handshake(event.from, sealed),
        _ => false,
    });
    if closed {
        let summary = format!("The {} goes on without TLS after close_notify.", end(event.from));
        return Some(
            Finding::advice(Cause::TransportPlainAfterTls, Confidence::Observed, summary).evidence(said),
        );
    }
    let summary = format!(
        "The {} sends bytes outside TLS on a connection that already uses TLS: the {} cannot read them.",
        end(event.from),
        end(event.from.other())
    );
    let finding = Finding::failure(Cause::TransportPlainAfterTls, Confidence::Observed, summary)
        .evidence(said)
        .evidence(case.ended())
        .or_fix("in a program with STARTTLS or a TLS library, write only through the TLS connection once it is up");
    Some(finding)
}
