//! RECVD_CH, with a ticket of ours among the identities: the session that it seals is resumed if
//! nothing has changed that matters (RFC 8446 §4.2.11, §4.6.1).

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{
    State,
    choices::{Exchange, Mode, Share},
    choose_psk::ChoosePsk,
    flight::{self, Authentication},
    retry::{self, Retry},
};
use crate::{
    Context, OpenedTicket, PskHash, Session,
    resume::{Refusal, check, is_too_old_by_client},
};

/// Tickets of one ClientHello that may open and be refused, or keys that fit no suite. Clients that
/// offer several tickets have them from one connection, where all are refused alike.
const REFUSED_MAX: usize = 4;

impl ChoosePsk {
    #[inline(never)]
    pub(super) fn session(
        self,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Fault> {
        let Some(ticket) = answer else { return self.received.without_psk(context) };
        let Mode::WithExchange(exchange) = self.psks.mode else {
            // A session is never resumed without forward secrecy.
            return self.ask_again(context, ticket.index);
        };
        match self.acceptable(context, &ticket) {
            Ok((session, suite)) => self.resume(context, &session, suite, &ticket, exchange),
            Err(refusal) => {
                refusal.note(context.report);
                self.ask_again(context, ticket.index)
            }
        }
    }

    /// Compares the ticket's session with this connection. A ticket that opened and does not
    /// decode was sealed by another program with our key, and is refused.
    fn acceptable(
        &self,
        context: &Context<'_>,
        ticket: &OpenedTicket<'_>,
    ) -> Result<(Session, &'static Suite), Refusal> {
        let session = Session::decode(ticket.session).map_err(|_| Refusal::Version)?;
        let with = self.received.hello.circumstances(ProtocolVersion::TLS_1_3, context.now);
        check(context.config, &session, &with)?;
        let age = self.identities().iter().nth(ticket.index).map(|identity| identity.obfuscated_ticket_age);
        if age.is_none_or(|age| is_too_old_by_client(&session, age)) {
            return Err(Refusal::Age);
        }
        let hash = session.suite_of(context.config).and_then(|suite| PskHash::of(suite.hash));
        let suite = hash.and_then(|hash| self.received.choices.suite_for_psk(hash).ok());
        Ok((session, suite.ok_or(Refusal::Suite)?))
    }

    /// Asks about the identities behind `refused`, a few times; then goes on with a certificate.
    #[inline(never)]
    pub(super) fn ask_again(self, context: &mut Context<'_>, refused: usize) -> Result<State, Fault> {
        let from = refused.saturating_add(1);
        let is_more = self.identities().iter().nth(from).is_some();
        match is_more && from <= REFUSED_MAX {
            true => Ok(State::ChoosePsk(self.psks.on, Self { from, ..self })),
            false => self.received.without_psk(context),
        }
    }

    fn resume(
        self,
        context: &mut Context<'_>,
        session: &Session,
        suite: &'static Suite,
        ticket: &OpenedTicket<'_>,
        exchange: Exchange,
    ) -> Result<State, Fault> {
        let early = EarlySecret::new(suite.hash, Some(session.secret.expose()));
        let index = self.verify_binder(&early, suite, ticket.index, BinderKind::Resumption)?;
        match exchange {
            Exchange::Retry(on, group) => {
                note_chosen(context, index);
                retry::request(on, context, self.received, Retry { suite, group, psk: true })
            }
            Exchange::Share(_) if ticket.redeem.is_some_and(|redeem| !redeem()) => {
                Refusal::Used.note(context.report);
                self.ask_again(context, ticket.index)
            }
            Exchange::Share(share) => {
                note_chosen(context, index);
                self.send_flight(context, session, suite, early, share, index)
            }
        }
    }

    fn send_flight(
        self,
        context: &mut Context<'_>,
        session: &Session,
        suite: &'static Suite,
        early: EarlySecret,
        share: Share,
        index: u16,
    ) -> Result<State, Fault> {
        let authentication = Authentication::Session { index, shown: session.shown };
        let mut flight = flight::begin(context, self.received, suite, early, Some(share), authentication)?;
        flight.resume(context, session);
        flight.finish(context)
    }
}

fn note_chosen(context: &mut Context<'_>, index: u16) {
    context.report.note(Side::Server, Tag::ChosenPsk, &index.to_be_bytes());
}
