//! RECVD_CH, with a ticket of ours among the identities: the session that it seals is resumed if
//! nothing has changed that matters (RFC 8446 §4.2.11, §4.6.1).

use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{State, choose_psk::ChoosePsk, flight, received::group, retry};
use crate::{
    Context, OpenedTicket, PskHash, Session,
    certificates::permitted,
    negotiate::Group13,
    resume::{Circumstances, Refusal, check, is_too_old_by_client},
};
use handclasp_codec::{ProtocolVersion, PskKeyExchangeMode};
use handclasp_crypto::Suite;

/// Tickets of one ClientHello that may open and be refused, or keys that fit no suite. Clients that
/// offer several tickets have them from one connection, where all are refused alike.
const REFUSED_MAX: usize = 4;

impl ChoosePsk {
    pub(super) fn session(
        self,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Fault> {
        let Some(ticket) = answer else { return self.received.without_psk(context) };
        if self.mode != PskKeyExchangeMode::psk_dhe_ke {
            // A session is never resumed without forward secrecy.
            return self.ask_again(context, ticket.index);
        }
        match self.acceptable(context, &ticket)? {
            Ok((session, suite)) => self.resume(context, &session, suite, &ticket),
            Err(refusal) => {
                refusal.note(context.report);
                self.ask_again(context, ticket.index)
            }
        }
    }

    /// Holds the ticket against this connection. One that opened and does not read was sealed by
    /// another program with our key: it is as good as none.
    fn acceptable(
        &self,
        context: &Context<'_>,
        ticket: &OpenedTicket<'_>,
    ) -> Result<Result<(Session, &'static Suite), Refusal>, Fault> {
        let Ok(session) = Session::decode(ticket.session) else { return Ok(Err(Refusal::Version)) };
        let hello = self.received.hello()?;
        let with = Circumstances {
            version: ProtocolVersion::TLS_1_3,
            server_name: hello.extensions.server_name.as_ref().and_then(|names| names.host_name()),
            types: permitted(
                hello.extensions.server_certificate_type.as_ref().map(|list| list.certificate_types),
            ),
            now: context.now,
        };
        if let Err(refusal) = check(context.config, &session, &with) {
            return Ok(Err(refusal));
        }
        let offered = hello.extensions.pre_shared_key.map(|psks| psks.identities).unwrap_or_default();
        let age = offered.iter().nth(ticket.index).map(|identity| identity.obfuscated_ticket_age);
        if age.is_none_or(|age| is_too_old_by_client(&session, age)) {
            return Ok(Err(Refusal::Age));
        }
        let hash = session.suite_of(context.config).and_then(|suite| PskHash::of(suite.hash));
        let suite = hash.and_then(|hash| self.received.suite_for_psk(context, hash).ok());
        Ok(suite.map(|suite| (session, suite)).ok_or(Refusal::Suite))
    }

    /// The next identity may do.
    pub(super) fn ask_again(self, context: &mut Context<'_>, refused: usize) -> Result<State, Fault> {
        let from = refused.saturating_add(1);
        let psks = self.received.hello()?.extensions.pre_shared_key;
        let is_more = psks.is_some_and(|psks| psks.identities.iter().nth(from).is_some());
        match is_more && from <= REFUSED_MAX {
            true => Ok(State::ChoosePsk(Self { from, ..self })),
            false => self.received.without_psk(context),
        }
    }

    fn resume(
        self,
        context: &mut Context<'_>,
        session: &Session,
        suite: &'static Suite,
        ticket: &OpenedTicket<'_>,
    ) -> Result<State, Fault> {
        let early = EarlySecret::new(suite.hash, Some(session.secret.expose()));
        let identity = self.verify_binder(&early, suite, ticket.index, BinderKind::Resumption)?;
        match group(context, &self.received.hello()?)? {
            Group13::Retry(group) => {
                note_chosen(context, identity);
                retry::request(context, self.received, suite, group.group(), true)
            }
            Group13::Share(..) if ticket.redeem.is_some_and(|redeem| !redeem()) => {
                Refusal::Used.note(context.report);
                self.ask_again(context, ticket.index)
            }
            Group13::Share(..) => {
                note_chosen(context, identity);
                let by = flight::Authentication::Session { index: identity, shown: session.shown };
                let mut flight = flight::begin(context, self.received, suite, early, by)?;
                flight.resume(context, session);
                flight.finish(context)
            }
        }
    }
}

fn note_chosen(context: &mut Context<'_>, identity: u16) {
    context.report.note(Side::Server, Tag::ChosenPsk, &identity.to_be_bytes());
}
