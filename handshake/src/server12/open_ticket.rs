//! The ClientHello brings a ticket: where it is one of ours and nothing has changed that
//! matters, the handshake is the abbreviated one (RFC 5077 §3.1, figure 2); else a full one.

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Suite;
use handclasp_report::Fault;
use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State,
    flight::Flight,
    seal_ticket::{self, SealTicket},
    start::in_full,
};
use crate::{
    Context, Need, OpenedTicket, Session,
    certificates::permitted,
    resume::{Circumstances, Refusal, check},
    server::Hello,
};

/// The hello whose ticket is asked about.
pub(crate) struct OpenTicket {
    pub(super) hello: Hello,
}

impl OpenTicket {
    pub(super) fn need(&self) -> Option<Need<'_>> {
        let ticket = self.hello.read().ok()?.extensions.session_ticket?;
        Some(Need::Ticket { ticket: ticket.opaque })
    }

    pub(super) fn session(
        self,
        context: &mut Context<'_>,
        answer: Option<OpenedTicket<'_>>,
    ) -> Result<State, Fault> {
        let Some(ticket) = answer else { return in_full(context, self.hello) };
        match self.acceptable(context, &ticket)? {
            Ok(_) if ticket.redeem.is_some_and(|redeem| !redeem()) => {
                Refusal::Used.note(context.report);
                in_full(context, self.hello)
            }
            Ok((session, suite)) => self.resume(context, &session, suite, ticket.renew),
            Err(refusal) => {
                refusal.note(context.report);
                in_full(context, self.hello)
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
        let hello = self.hello.read()?;
        let with = Circumstances {
            version: ProtocolVersion::TLS_1_2,
            server_name: hello.extensions.server_name.as_ref().and_then(|names| names.host_name()),
            types: permitted(
                hello.extensions.server_certificate_type.as_ref().map(|list| list.certificate_types),
            ),
            now: context.now,
        };
        if let Err(refusal) = check(context.config, &session, &with) {
            return Ok(Err(refusal));
        }
        // Every session of ours has it: a client that gives it up is led to (RFC 7627 §5.3).
        if hello.extensions.extended_master_secret.is_none() {
            return Err(Fault::NoExtendedMasterSecret);
        }
        // A suite of CBC is protected by encrypt_then_mac, which both sides must say each time
        // (RFC 7366 §3).
        let encrypt_then_mac = hello.extensions.encrypt_then_mac.is_some();
        let offered = |suite: &&Suite| {
            hello.cipher_suites.contains(&suite.id) && (encrypt_then_mac || !suite.needs_encrypt_then_mac())
        };
        let suite = session.suite_of(context.config).filter(offered);
        Ok(suite.map(|suite| (session, suite)).ok_or(Refusal::Suite))
    }

    fn resume(
        self,
        context: &mut Context<'_>,
        session: &Session,
        suite: &'static Suite,
        renew: bool,
    ) -> Result<State, Fault> {
        let flight = Flight::resume(context, &self.hello, suite, session, renew)?;
        let Flight { client_random, server_random, .. } = flight;
        let mut master = MasterSecret::restore(suite.hash, &session.secret);
        context.actions.log(context.config, key_log::CLIENT_RANDOM, &client_random, master.secret());
        master.derive_keys(suite, &client_random, &server_random);
        match renew {
            true => SealTicket::ask(context, flight, master, false).map(State::SealTicket),
            false => seal_ticket::finish(context, flight, master, false),
        }
    }
}
