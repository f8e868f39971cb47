//! RECVD_CH, with a ticket of ours among the identities: the session that it seals is resumed if
//! nothing has changed that matters (RFC 8446 §4.2.11, §4.6.1).

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::{Failed, Fault, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use super::{
    State,
    choices::{Mode, identities},
    choose_psk::{ChoosePsk, verify_binder},
    confirm_ticket::ConfirmTicket,
    flight,
    handshake::{Exchange, Handshake},
    received::without_psk,
    retry::{self, Retry},
};
use crate::{
    Context, OpenedTicket, PskHash, Session, capability,
    resume::{Refusal, check, is_too_old_by_client},
    server::hello::circumstances,
};

/// Tickets of one ClientHello that may open and be refused, or keys that fit no suite. Clients that
/// offer several tickets have them from one connection, where all are refused alike.
const REFUSED_MAX: usize = 4;

impl ChoosePsk {
    #[inline(never)]
    pub(super) fn session(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Failed> {
        let Some(ticket) = answer else {
            return without_psk(shared, context, Some(Fault::UnknownPskIdentity));
        };
        let Mode::WithExchange(exchange) = self.mode else {
            // A session is never resumed without forward secrecy.
            return self.ask_again(shared, context, ticket.index, Fault::UnknownPskIdentity);
        };
        match acceptable(shared, context, &ticket) {
            Ok((session, suite)) => {
                let certificate_suite = core::mem::replace(&mut shared.suite, suite);
                self.resume(shared, context, session, &ticket, exchange, certificate_suite)
            }
            Err(refusal) => {
                refusal.note(context.report);
                self.ask_again(shared, context, ticket.index, Fault::UnknownPskIdentity)
            }
        }
    }

    /// Asks about the identities behind `refused`, a few times; then goes on with a certificate. `why`: the
    /// fault if there can be none.
    #[inline(never)]
    pub(super) fn ask_again(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        refused: usize,
        why: Fault,
    ) -> Result<State, Failed> {
        let from = refused.saturating_add(1);
        let is_more = identities(shared.hello.view()).iter().nth(from).is_some();
        match capability::PskOrTicket::get() {
            Some(on) if is_more && from <= REFUSED_MAX => Ok(State::ChoosePsk(on, Self { from, ..self })),
            _ => without_psk(shared, context, Some(why)),
        }
    }

    fn resume(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        session: Session,
        ticket: &OpenedTicket<'_>,
        exchange: Exchange,
        certificate_suite: &'static Suite,
    ) -> Result<State, Failed> {
        let early = EarlySecret::new(shared.suite.hash, Some(session.secret.expose()));
        let index = verify_binder(shared, &early, ticket.index, BinderKind::Resumption)
            .map_err(|code| context.report.fail_code(code))?;
        let Exchange { group, retry } = exchange;
        match retry {
            Some(on) => {
                note_chosen(context, index);
                retry::request(on, shared, context, Retry { suite: shared.suite, group, psk: true })
            }
            None if ticket.confirm => {
                let on = capability::ConfirmedTickets::proof(context.report)?;
                let psk = self;
                let resumed = ConfirmTicket { psk, session, early, group, index, certificate_suite };
                Ok(State::ConfirmTicket(on, resumed))
            }
            None => send_flight(shared, context, &session, early, group, index),
        }
    }
}

/// Compares the ticket's session with this connection. A ticket that opened and does not
/// decode was sealed by another program with our key, and is refused.
fn acceptable(
    shared: &Handshake,
    context: &Context<'_>,
    ticket: &OpenedTicket<'_>,
) -> Result<(Session, &'static Suite), Refusal> {
    let hello = shared.hello.view();
    let session = Session::decode(ticket.session).map_err(|_| Refusal::Version)?;
    check(context.config, &session, &circumstances(hello, ProtocolVersion::TLS_1_3, context.now))?;
    let age = identities(hello).iter().nth(ticket.index).map(|identity| identity.obfuscated_ticket_age);
    if age.is_none_or(|age| is_too_old_by_client(&session, age)) {
        return Err(Refusal::Age);
    }
    let hash = session.suite_of(context.config).and_then(|suite| PskHash::of(suite.hash));
    let suite = hash.and_then(|hash| shared.suite_for_psk(context.config, hash));
    Ok((session, suite.ok_or(Refusal::Suite)?))
}

/// Resumes the session: everything up to our Finished.
pub(super) fn send_flight(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    session: &Session,
    early: EarlySecret,
    group: &'static dyn KeyExchange,
    index: u16,
) -> Result<State, Failed> {
    note_chosen(context, index);
    shared.shown = session.shown;
    let secret = flight::begin(shared, context, early, Some(group), Some(index))?;
    // What a resumed session says about the client: its first handshake authenticated it.
    let agreed = shared.agreed();
    agreed.resumed = true;
    agreed.peer = session.peer;
    agreed.psk_identity.clone_from(&session.psk_identity);
    shared.authenticated = session.authenticated;
    context.report.note(Side::Server, Tag::Resumed, &[]);
    flight::finish(shared, context, secret)
}

fn note_chosen(context: &mut Context<'_>, index: u16) {
    context.report.note(Side::Server, Tag::ChosenPsk, &index.to_be_bytes());
}
