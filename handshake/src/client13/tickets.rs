//! NewSessionTicket (RFC 8446 §4.6.1): from a ticket to a session that the caller may keep.

use alloc::vec::Vec;

use handclasp_codec::NewSessionTicket13;
use handclasp_schedule::ApplicationSecrets;

use super::our_flight::OurFlight;
use crate::{
    Context, Session, capability,
    session::{Origin, TICKET_MAX, WEEK},
};

/// What all sessions of a connection share.
pub(super) struct Tickets {
    session: Session,
}

impl Tickets {
    /// Once our Finished is in the transcript; nothing where no session is wanted.
    pub(super) fn wanted(flight: &OurFlight, context: &Context<'_>) -> Option<Self> {
        let OurFlight { agreed, authenticated, .. } = flight;
        let resumption = context.config.resumption;
        let trust_generation = resumption.trust_generation;
        let origin = Origin { authenticated: *authenticated, trust_generation, shown: None };
        let on = capability::Tickets::get().filter(|_| resumption.tickets > 0)?;
        Some(Self { session: Session::of(on, agreed, origin, context.now) })
    }

    /// Hands out a session, if its ticket is small enough to be offered. A lifetime of 0 asks to
    /// drop the ticket at once.
    pub(super) fn keep(
        &self,
        context: &mut Context<'_>,
        secrets: &ApplicationSecrets,
        ticket: &NewSessionTicket13<'_>,
    ) {
        if ticket.ticket.len() > TICKET_MAX {
            return;
        }
        let mut session = self.session.duplicate();
        secrets.resumption_psk(ticket.ticket_nonce, &mut session.secret);
        session.ticket = Vec::from(ticket.ticket);
        session.time = context.now;
        // More than a week is not permitted, and not kept.
        session.lifetime = ticket.ticket_lifetime.min(WEEK);
        session.age_add = ticket.ticket_age_add;
        if session.lifetime > 0 && session.is_fresh(context.now) {
            context.actions.keep_session(session);
        }
    }
}
