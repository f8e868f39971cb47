//! The ClientHello: what must be in it, and what the caller is asked (RFC 5246 §7.4.1.2).

use alloc::boxed::Box;

use handclasp_report::Fault;

use super::{
    State,
    choices::{Choices, Full},
    choose_credential::ChooseCredential,
    flight,
    open_ticket::OpenTicket,
};
use crate::{
    Context, capability,
    server::{Decoded, Hello},
};

/// A ClientHello that is answered.
pub(super) struct Received {
    pub(super) hello: Hello,
    pub(super) choices: Choices,
}

pub(super) fn client_hello(
    context: &mut Context<'_>,
    hello: Hello,
    decoded: &Decoded<'_>,
) -> Result<State, Fault> {
    let choices = Choices::of(context.config, &hello.shortened(decoded))?;
    let ticket = decoded.hello.extensions.session_ticket.as_ref().map(|ticket| ticket.opaque);
    let received = Box::new(Received { hello, choices });
    let ticket = ticket.filter(|ticket| !ticket.is_empty() && context.config.resumption.tickets > 0);
    match ticket.zip(capability::Tickets::get()) {
        Some((ticket, on)) => {
            Ok(State::OpenTicket(on, OpenTicket { received, ticket: decoded.part(ticket) }))
        }
        None => in_full(context, received),
    }
}

/// A full handshake.
pub(super) fn in_full(context: &mut Context<'_>, received: Box<Received>) -> Result<State, Fault> {
    match received.choices.full? {
        Full::Certificate(suites, psk) => {
            Ok(State::ChooseCredential(suites.on, ChooseCredential { received, suites, psk }))
        }
        Full::Psk(suite) => flight::with_psk(context, received, suite),
    }
}
