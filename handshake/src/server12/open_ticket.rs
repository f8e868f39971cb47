//! The ClientHello brings a ticket: where it is one of ours and nothing has changed that
//! matters, the handshake is the abbreviated one (RFC 5077 §3.1, figure 2); else a full one.

use handclasp_codec::{ClientHelloView, ExtensionType, ProtocolVersion, has_number};
use handclasp_crypto::Suite;
use handclasp_report::{Failed, Fault};
use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State,
    confirm_ticket::ConfirmTicket,
    flight,
    handshake::Handshake,
    seal_ticket::{self, SealTicket},
    start::in_full,
};
use crate::{
    Context, Need, OpenedTicket, Session, capability,
    resume::{Refusal, check},
    server::hello::circumstances,
};

/// The caller is asked whether the client's ticket is one of ours.
pub(crate) struct OpenTicket;

/// What becomes of a ticket that opened.
enum Verdict {
    /// The session is resumed.
    Resume(Session, &'static Suite),
    /// A full handshake follows.
    Refuse(Refusal),
}

/// The ticket in a ClientHello; empty where the client has none.
pub(super) fn ticket(hello: ClientHelloView<'_>) -> &[u8] {
    hello.extension(ExtensionType::session_ticket).unwrap_or_default()
}

impl OpenTicket {
    pub(super) fn need<'a>(&self, shared: &'a Handshake) -> Need<'a> {
        Need::Ticket { ticket: ticket(shared.hello.view()) }
    }

    #[inline(never)]
    pub(super) fn session(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Failed> {
        let Some(ticket) = answer else { return in_full(shared, context) };
        let refusal = match verdict(shared, context, &ticket)? {
            Verdict::Resume(session, suite) if ticket.confirm => {
                let on = capability::ConfirmedTickets::proof(context.report)?;
                let renew = ticket.renew;
                return Ok(State::ConfirmTicket(on, ConfirmTicket { session, suite, renew }));
            }
            Verdict::Resume(session, suite) => {
                return resume(shared, context, &session, suite, ticket.renew);
            }
            Verdict::Refuse(refusal) => refusal,
        };
        refusal.note(context.report);
        in_full(shared, context)
    }
}

/// Compares the ticket's session with this connection. A ticket that opened and does not decode
/// was sealed by another program with our key, and is refused.
///
/// # Errors
/// [`Fault::NoExtendedMasterSecret`].
fn verdict(
    shared: &Handshake,
    context: &mut Context<'_>,
    ticket: &OpenedTicket<'_>,
) -> Result<Verdict, Failed> {
    let hello = shared.hello.view();
    let Ok(session) = Session::decode(ticket.session) else {
        return Ok(Verdict::Refuse(Refusal::Version));
    };
    let with = circumstances(hello, ProtocolVersion::TLS_1_2, context.now);
    if let Err(refusal) = check(context.config, &session, &with) {
        return Ok(Verdict::Refuse(refusal));
    }
    // Every session of ours has it: the hello of a client that leaves it out was changed on the
    // way (RFC 7627 §5.3).
    if !shared.extended_master_secret {
        return Err(context.fail(Fault::NoExtendedMasterSecret));
    }
    // A suite of CBC is protected by encrypt_then_mac, which both sides must say each time
    // (RFC 7366 §3).
    let offered = |suite: &&Suite| {
        has_number(hello.cipher_suites(), suite.id.0)
            && (!suite.needs_encrypt_then_mac() || hello.offers(ExtensionType::encrypt_then_mac))
    };
    Ok(match session.suite_of(context.config).filter(offered) {
        Some(suite) => Verdict::Resume(session, suite),
        None => Verdict::Refuse(Refusal::Suite),
    })
}

/// Resumes the session: ServerHello, a new ticket if the client gets one, and Finished.
pub(super) fn resume(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    session: &Session,
    suite: &'static Suite,
    renew: bool,
) -> Result<State, Failed> {
    shared.suite = suite;
    flight::resume(shared, context, session, renew)?;
    let Handshake { suite, client_random, server_random, ticket, .. } = &*shared;
    let mut master = MasterSecret::restore(suite.hash, &session.secret);
    context.actions.log(context.config, key_log::CLIENT_RANDOM, client_random, master.secret());
    master.derive_keys(suite, client_random, server_random);
    match *ticket {
        Some(on) => Ok(State::SealTicket(on, SealTicket::ask(on, shared, context, master, false)?)),
        None => seal_ticket::finish(shared, context, master, false),
    }
}
