//! NewSessionTicket (RFC 8446 §4.6.1): from a ticket to a session that the caller may keep.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::NewSessionTicket13;
use handclasp_crypto::{Secret, Suite};
use handclasp_schedule::resumption_psk;

use super::our_flight::OurFlight;
use crate::{
    Action, Env, Session,
    session::{Origin, TICKET_MAX, WEEK},
};

/// What sessions are made of, beside the ticket.
pub(super) struct Tickets {
    /// resumption_master_secret (RFC 8446 §7.1).
    resumption: Secret,
    /// What all of them share.
    session: Session,
}

impl Tickets {
    /// Once our Finished is in the transcript; nothing where no session is wanted.
    pub(super) fn wanted(flight: &OurFlight, env: &Env<'_>) -> Option<Box<Self>> {
        let OurFlight { transcript, main, agreed, authenticated, .. } = flight;
        let resumption = env.config.resumption;
        let trust_generation = resumption.trust_generation;
        let origin = Origin { authenticated: *authenticated, trust_generation, shown: None };
        (resumption.tickets > 0).then(|| {
            let resumption = main.resumption(&transcript.hash());
            Box::new(Self { resumption, session: Session::of(agreed, origin, env.now) })
        })
    }

    /// Hands out a session, if its ticket is small enough to be offered. A lifetime of 0 asks to
    /// drop the ticket at once.
    pub(super) fn keep(&self, env: &mut Env<'_>, suite: &Suite, ticket: &NewSessionTicket13<'_>) {
        if ticket.ticket.len() > TICKET_MAX {
            return;
        }
        let session = Session {
            secret: resumption_psk(suite.hash, &self.resumption, ticket.ticket_nonce),
            ticket: Vec::from(ticket.ticket),
            time: env.now,
            // More than a week is not permitted, and not kept.
            lifetime: ticket.ticket_lifetime.min(WEEK),
            age_add: ticket.ticket_age_add,
            ..self.session.duplicate()
        };
        if session.lifetime > 0 && session.is_fresh(env.now) {
            env.actions.push(Action::Ticket(Box::new(session)));
        }
    }
}
