//! The end of a handshake of TLS 1.2: ClientKeyExchange, change_cipher_spec and Finished of each
//! end, and what may not be left out between them (RFC 5246 §7.3).

use handclasp_codec::{ContentType, HandshakeType, ServerHello};

use super::Missing;
use crate::conversation::{Conversation, Event, EventKind};
use crate::diagnosis::rules::{Case, Side, end};

/// What is missing at the end.
pub(super) fn missing(case: &Case<'_>, hello: &ServerHello<'_>) -> Option<Missing> {
    let conversation = case.conversation;
    if resumed(conversation, hello) {
        return change_cipher_spec(conversation, Side::Server)
            .or_else(|| change_cipher_spec(conversation, Side::Client));
    }
    key_exchange(conversation)
        .or_else(|| flight(conversation))
        .or_else(|| change_cipher_spec(conversation, Side::Client))
        .or_else(|| change_cipher_spec(conversation, Side::Server))
}

/// Whether an earlier session may go on: the id comes back, or a ticket was offered.
fn resumed(conversation: &Conversation, hello: &ServerHello<'_>) -> bool {
    let Some(offer) = conversation.client_hello() else { return true };
    let id = offer.legacy_session_id;
    let ticket = offer.extensions.session_ticket.is_some_and(|ticket| !ticket.opaque.is_empty());
    ticket || !id.is_empty() && id == hello.legacy_session_id_echo
}

/// change_cipher_spec of the client where ClientKeyExchange must stand.
fn key_exchange(conversation: &Conversation) -> Option<Missing> {
    let changed = conversation.events.iter().find(|item| item.from == Side::Client && is_change(item))?;
    let exchanged = conversation.first(Side::Client, HandshakeType::client_key_exchange);
    exchanged.is_none().then(|| Missing {
        what: HandshakeType::client_key_exchange.to_string(),
        from: Side::Client,
        shown_by: format!("{}: change_cipher_spec is sent", changed.position),
    })
}

/// The server's change_cipher_spec or Finished right behind its ServerHello, though no session is
/// resumed.
fn flight(conversation: &Conversation) -> Option<Missing> {
    let closing = conversation
        .events
        .iter()
        .find(|item| item.from == Side::Server && (is_change(item) || is_finished(item)))?;
    let done = conversation.first(Side::Server, HandshakeType::server_hello_done);
    done.is_none().then(|| Missing {
        what: "certificate and server_hello_done".to_owned(),
        from: Side::Server,
        shown_by: format!("{}: the server ends its flight", closing.position),
    })
}

/// Finished, plain or protected, without a change_cipher_spec of its sender before it.
fn change_cipher_spec(conversation: &Conversation, of: Side) -> Option<Missing> {
    let mut sent = conversation.events.iter().filter(|item| item.from == of);
    let first = sent.find(|item| is_change(item) || is_finished(item))?;
    is_finished(first).then(|| Missing {
        what: "change_cipher_spec".to_owned(),
        from: of,
        shown_by: format!("{}: the {}'s Finished is sent", first.position, end(of)),
    })
}

fn is_change(item: &Event) -> bool {
    matches!(item.kind, EventKind::ChangeCipherSpec)
}

/// Finished, or a protected handshake record, which in this place can be nothing else.
fn is_finished(item: &Event) -> bool {
    let message = item.kind.message().is_some_and(|message| message.msg_type == HandshakeType::finished);
    message
        || item.kind.protected_record().is_some_and(|sealed| sealed.content_type == ContentType::handshake)
}
