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
    let closes = |before: &Event| {
        matches!(before.kind, EventKind::Alert { description: AlertDescription::close_notify, .. })
    };
    if conversation.events.iter().take(index).any(closes) {
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
