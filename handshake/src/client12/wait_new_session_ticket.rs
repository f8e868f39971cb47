//! The NewSessionTicket that the ServerHello has announced (RFC 5077 §3.3).

use alloc::vec::Vec;

use handclasp_codec::{Field, NewSessionTicket12};
use handclasp_report::Failed;

use super::{State, wait_change_cipher_spec::WaitChangeCipherSpec};
use crate::{
    Context, Session, capability,
    message::decode,
    session::{Origin, TICKET_MAX, WEEK},
};

/// Seconds that a session is kept where the server says nothing: RFC 5246 §F.1.4.
const DAY: u32 = 86_400;

/// All else before the server's change_cipher_spec is done.
pub(crate) struct WaitNewSessionTicket {
    pub(super) next: WaitChangeCipherSpec,
}

impl WaitNewSessionTicket {
    /// An empty ticket says that there is none after all; one that is too large to be offered is
    /// not kept. Without RFC 7627 a session could be
    /// moved to another connection (§5.4 there), so it is not kept.
    #[inline(never)]
    pub(super) fn new_session_ticket(
        self,
        on: capability::Tickets,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut next } = self;
        let NewSessionTicket12 { ticket_lifetime_hint, ticket } =
            decode(message, Field::new_session_ticket, context.report)?;
        let handshake = &mut next.handshake;
        handshake.transcript.add(message);
        if (1..=TICKET_MAX).contains(&ticket.len()) && handshake.extended_master_secret {
            let trust_generation = context.config.resumption.trust_generation;
            let origin = Origin { authenticated: handshake.authenticated, trust_generation, shown: None };
            let mut session = Session::of(on, &handshake.agreed, origin, context.now);
            session.secret.set(next.master.secret().expose());
            session.ticket = Vec::from(ticket);
            session.lifetime = if ticket_lifetime_hint == 0 { DAY } else { ticket_lifetime_hint.min(WEEK) };
            handshake.ticket = Some(session);
        }
        Ok(State::WaitChangeCipherSpec(next))
    }
}
