//! CONNECTED, while the caller seals tickets (RFC 8446 §4.6.1). Each ticket has a key of its own, so
//! that an observer cannot link the connections that resume with them.

use handclasp_codec::{
    Encode, HandshakeType, NewSessionTicket13, NewSessionTicketExtensions, encode_handshake,
};
use handclasp_report::Failed;
use handclasp_schedule::ApplicationSecrets;
use zeroize::Zeroizing;

use alloc::vec::Vec;

use super::{State, connected::Connected, handshake::Handshake};
use crate::{Context, Need, Sealable, Session, capability, message::random, session::Origin};

/// The caller is asked to seal a ticket.
pub(crate) struct IssueTickets {
    pub(crate) connected: Connected,
    issue: Issue,
}

/// The tickets to issue.
pub(super) struct Issue {
    on: capability::Tickets,
    session: Session,
    /// ticket_nonce: the number of the ticket in this connection.
    nonce: u8,
    count: u8,
    /// The messages so far. They are sent in one record, which is shorter and shows an observer
    /// less than several.
    messages: Vec<u8>,
    /// The session of this ticket, as it is to be sealed.
    state: Zeroizing<Vec<u8>>,
}

impl Issue {
    /// What the tickets have in common, if the client gets any.
    pub(super) fn begin(shared: &mut Handshake, context: &Context<'_>) -> Option<Self> {
        let Handshake { shown, tickets, authenticated, .. } = *shared;
        let on = capability::Tickets::get().filter(|_| tickets > 0)?;
        let trust_generation = context.config.resumption.trust_generation;
        let origin = Origin { authenticated, trust_generation, shown };
        let mut session = Session::of(on, shared.agreed(), origin, context.now);
        session.lifetime = session.lifetime_of_ticket(context.config, context.now)?;
        Some(Self {
            on,
            session,
            nonce: 0,
            count: tickets,
            messages: Vec::new(),
            state: Zeroizing::default(),
        })
    }

    /// Makes the key of the ticket, and hides how old it will be (§4.2.11.1).
    fn prepare(&mut self, secrets: &ApplicationSecrets, context: &mut Context<'_>) -> Result<(), Failed> {
        let [first, second, third, fourth, ..] = random(context)?;
        self.session.age_add = u32::from_be_bytes([first, second, third, fourth]);
        secrets.resumption_psk(&[self.nonce], &mut self.session.secret);
        self.state = self.session.encode().map_err(|error| context.fail(error.into()))?;
        Ok(())
    }

    /// Sends what tickets there are.
    fn send(self, context: &mut Context<'_>, connected: Connected) -> State {
        if !self.messages.is_empty() {
            context.actions.send_encoded(&self.messages);
        }
        State::Connected(connected)
    }

    /// The first ticket.
    #[inline(never)]
    pub(super) fn with(mut self, connected: Connected, context: &mut Context<'_>) -> Result<State, Failed> {
        self.prepare(&connected.secrets, context)?;
        Ok(State::IssueTickets(self.on, IssueTickets { connected, issue: self }))
    }
}

impl IssueTickets {
    pub(super) fn need(&self) -> Need<'_> {
        Need::SealTicket { session: Sealable(&self.issue.state) }
    }

    /// Adds the ticket, and sends all once it is the last; without one the client gets no more.
    #[inline(never)]
    pub(super) fn ticket(
        self,
        on: capability::Tickets,
        context: &mut Context<'_>,
        ticket: Option<&[u8]>,
    ) -> Result<State, Failed> {
        let Self { connected, mut issue } = self;
        let Some(ticket) = ticket.filter(|ticket| !ticket.is_empty()) else {
            return Ok(issue.send(context, connected));
        };
        let message = NewSessionTicket13 {
            ticket_lifetime: issue.session.lifetime,
            ticket_age_add: issue.session.age_add,
            ticket_nonce: &[issue.nonce],
            ticket,
            // No early_data: we take none.
            extensions: NewSessionTicketExtensions::default(),
        };
        let message_type = HandshakeType::new_session_ticket;
        encode_handshake(&mut issue.messages, message_type, |writer| message.encode(writer))
            .map_err(|error| context.fail(error.into()))?;
        issue.nonce = issue.nonce.saturating_add(1);
        if issue.nonce >= issue.count {
            return Ok(issue.send(context, connected));
        }
        issue.prepare(&connected.secrets, context)?;
        Ok(State::IssueTickets(on, Self { connected, issue }))
    }
}
