//! The ClientHello brings a ticket: where it is one of ours and nothing has changed that
//! matters, the handshake is the abbreviated one (RFC 5077 §3.1, figure 2); else a full one.

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Suite;
use handclasp_report::Fault;
use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State,
    flight::Flight,
    seal_ticket::{self, SealTicket},
    start::{Received, in_full},
};
use crate::{
    Context, Need, OpenedTicket, Session,
    resume::{Refusal, check},
    server::Part,
};

/// The caller is asked whether the client's ticket is one of ours.
pub(crate) struct OpenTicket {
    pub(super) received: Box<Received>,
    pub(super) ticket: Part,
}

/// What becomes of a ticket that opened.
enum Verdict {
    /// The session is resumed.
    Resume(Session, &'static Suite),
    /// A full handshake follows.
    Refuse(Refusal),
}

impl OpenTicket {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Ticket { ticket: self.received.hello.part(self.ticket) }
    }

    #[inline(never)]
    pub(super) fn session(
        self,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Fault> {
        let Self { received, .. } = self;
        let Some(ticket) = answer else { return in_full(context, received) };
        let refusal = match verdict(&received, context, &ticket)? {
            Verdict::Resume(..) if ticket.redeem.is_some_and(|redeem| !redeem()) => Refusal::Used,
            Verdict::Resume(session, suite) => {
                return resume(context, received, &session, suite, ticket.renew);
            }
            Verdict::Refuse(refusal) => refusal,
        };
        refusal.note(context.report);
        in_full(context, received)
    }
}

/// Compares the ticket's session with this connection. A ticket that opened and does not decode
/// was sealed by another program with our key, and is refused.
///
/// # Errors
/// [`Fault::NoExtendedMasterSecret`].
fn verdict(received: &Received, context: &Context<'_>, ticket: &OpenedTicket<'_>) -> Result<Verdict, Fault> {
    let Received { hello, choices } = received;
    let Ok(session) = Session::decode(ticket.session) else {
        return Ok(Verdict::Refuse(Refusal::Version));
    };
    let with = hello.circumstances(ProtocolVersion::TLS_1_2, context.now);
    if let Err(refusal) = check(context.config, &session, &with) {
        return Ok(Verdict::Refuse(refusal));
    }
    // Every session of ours has it: the hello of a client that leaves it out was changed on the
    // way (RFC 7627 §5.3).
    if !choices.extended_master_secret {
        return Err(Fault::NoExtendedMasterSecret);
    }
    // A suite of CBC is protected by encrypt_then_mac, which both sides must say each time
    // (RFC 7366 §3).
    let offered = |suite: &&Suite| {
        hello.has_suite(suite.id) && (choices.encrypt_then_mac || !suite.needs_encrypt_then_mac())
    };
    Ok(match session.suite_of(context.config).filter(offered) {
        Some(suite) => Verdict::Resume(session, suite),
        None => Verdict::Refuse(Refusal::Suite),
    })
}

fn resume(
    context: &mut Context<'_>,
    received: Box<Received>,
    session: &Session,
    suite: &'static Suite,
    renew: bool,
) -> Result<State, Fault> {
    let flight = Flight::resume(context, received, suite, session, renew)?;
    let Flight { client_random, server_random, .. } = *flight;
    let mut master = MasterSecret::restore(suite.hash, &session.secret);
    context.actions.log(context.config, key_log::CLIENT_RANDOM, &client_random, master.secret());
    master.derive_keys(suite, &client_random, &server_random);
    match flight.ticket {
        Some(on) => Ok(State::SealTicket(on, SealTicket::ask(on, context, flight, master, false)?)),
        None => seal_ticket::finish(context, flight, master, false),
    }
}
