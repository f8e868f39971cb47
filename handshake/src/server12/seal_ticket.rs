//! The NewSessionTicket that our ServerHello has announced, while the caller seals it: after the
//! client's Finished (RFC 5077 §3.1, figure 1), or where a session is resumed after the
//! ServerHello (figure 2).

use alloc::vec::Vec;

use handclasp_codec::{Encode, HandshakeType, NewSessionTicket12};
use handclasp_report::Failed;
use handclasp_schedule::MasterSecret;
use zeroize::Zeroizing;

use super::{
    State,
    handshake::Handshake,
    wait_change_cipher_spec::WaitChangeCipherSpec,
    wait_finished::{connected, send_finished},
};
use crate::{Context, Need, Sealable, Session, capability, session::Origin};

/// Nothing but the ticket stands before our change_cipher_spec.
pub(crate) struct SealTicket {
    pub(super) master: MasterSecret,
    /// Whether the client's Finished came; where a session is resumed it is still to come.
    finished: bool,
    /// Seconds that the ticket is good for.
    lifetime: u32,
    /// The session as it is to be sealed.
    state: Zeroizing<Vec<u8>>,
}

impl SealTicket {
    /// A ticket whose peer is not good for any time more is made all the same, and refused when
    /// it comes back: it was announced.
    pub(super) fn ask(
        on: capability::Tickets,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        master: MasterSecret,
        finished: bool,
    ) -> Result<Self, Failed> {
        let trust_generation = context.config.resumption.trust_generation;
        let origin = Origin { authenticated: shared.authenticated, trust_generation, shown: shared.shown };
        let mut session = Session::of(on, shared.agreed(), origin, context.now);
        let lifetime = session.lifetime_of_ticket(context.config, context.now).unwrap_or_default();
        session.lifetime = lifetime;
        session.secret.set(master.secret().expose());
        let state = session.encode().map_err(|error| context.fail(error.into()))?;
        Ok(Self { master, finished, lifetime, state })
    }

    pub(super) fn need(&self) -> Need<'_> {
        Need::SealTicket { session: Sealable(&self.state) }
    }

    /// An empty ticket is what a server sends that has none after all (RFC 5077 §3.3).
    #[inline(never)]
    pub(super) fn ticket(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        ticket: Option<&[u8]>,
    ) -> Result<State, Failed> {
        let Self { master, finished, lifetime, .. } = self;
        let ticket = ticket.filter(|_| lifetime > 0).unwrap_or_default();
        let message = NewSessionTicket12 { ticket_lifetime_hint: lifetime, ticket };
        shared.send(context, HandshakeType::new_session_ticket, |writer| message.encode(writer))?;
        finish(shared, context, master, finished)
    }
}

/// Our change_cipher_spec and Finished; then the client's, unless they came (`finished`).
pub(super) fn finish(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    master: MasterSecret,
    finished: bool,
) -> Result<State, Failed> {
    send_finished(shared, context, &master)?;
    Ok(match finished {
        true => connected(shared, context, master),
        false => State::WaitChangeCipherSpec(WaitChangeCipherSpec { master, finished: true }),
    })
}
