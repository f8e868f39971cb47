//! The needs that only a server has: a pre-shared key, the content of a ticket.

use alloc::vec::Vec;

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Connection as Engine, Context};
use handclasp_handshake::{Answer, Need, OpenedTicket, PskAnswer, PskIdentities};
use handclasp_report::FaultCode;
use handclasp_trust::Psk;
use zeroize::Zeroizing;

use crate::{
    capability::ForTickets,
    clock::Now,
    config::{Shared, psk_hash},
};

/// Identities of one client that are looked at. Clients name one key, and a few tickets.
const IDENTITIES_MAX: usize = 16;

/// An answer, free of the need's borrow.
enum Reply<'s> {
    Psk(Option<(usize, &'s Psk)>),
    /// Which identity is a ticket of ours, and the session in it.
    Session(ForTickets<(usize, Zeroizing<Vec<u8>>)>),
    NoSession,
    Ticket(Option<ForTickets<Vec<u8>>>),
    Refuse,
}

/// Answers a need for a key or a ticket.
pub(crate) fn answer(
    engine: &mut Engine,
    shared: &Shared,
    now: Now,
    context: &mut Context<'_>,
) -> Result<(), FaultCode> {
    let reply = match engine.need() {
        Some(Need::Psk { identities, version }) => find_key(shared, &identities, version, now),
        Some(Need::Ticket { ticket }) => open(shared, ticket, 0, now).unwrap_or(Reply::NoSession),
        Some(Need::SealTicket { session }) => {
            let tickets = shared.resumption.as_ref().map(ForTickets::get);
            let ticket = tickets.and_then(|tickets| tickets.seal(session.0, now.seconds, context.random));
            Reply::Ticket(ticket.and_then(|ticket| ForTickets::hold(ticket).ok()))
        }
        _ => Reply::Refuse,
    };
    let answer = match &reply {
        Reply::Psk(found) => Answer::Psk(found.map(|(index, psk)| PskAnswer {
            index,
            secret: psk.secret(),
            hash: psk_hash(psk),
            imported: false,
        })),
        Reply::Session(opened) => {
            let (index, session) = opened.get();
            Answer::Session(Some(OpenedTicket { index: *index, session, renew: false, confirm: false }))
        }
        Reply::NoSession => Answer::Session(None),
        Reply::Ticket(ticket) => Answer::Ticket(ticket.as_ref().map(|ticket| ticket.get().as_slice())),
        Reply::Refuse => Answer::Refuse,
    };
    engine.answer_once(context, answer)
}

/// The first identity that is a key of ours, or a ticket.
fn find_key<'s>(
    shared: &'s Shared,
    identities: &PskIdentities<'_>,
    version: ProtocolVersion,
    now: Now,
) -> Reply<'s> {
    for (index, identity) in identities.iter().take(IDENTITIES_MAX) {
        let fits = |psk: &&Psk| psk.identity() == identity && psk.usage().serves(version);
        if let Some(psk) = shared.psks.iter().find(fits) {
            return Reply::Psk(Some((index, psk)));
        }
        // In TLS 1.2 tickets have an extension of their own.
        if version == ProtocolVersion::TLS_1_3
            && let Some(session) = open(shared, identity, index, now)
        {
            return session;
        }
    }
    Reply::Psk(None)
}

/// The session in a ticket of ours, which is the identity at `index`.
fn open<'s>(shared: &Shared, ticket: &[u8], index: usize, now: Now) -> Option<Reply<'s>> {
    let session = shared.resumption.as_ref()?.get().open(ticket, now.seconds)?;
    ForTickets::hold((index, session)).ok().map(Reply::Session)
}
