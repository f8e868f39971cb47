//! WAIT_FINISHED: the client's Finished proves that it saw what we saw (RFC 8446 §4.4.4).

use handclasp_report::{Fault, Side, Tag};

use super::{State, connected::Connected, issue_tickets::Issue, session::Session};
use crate::{Action, Env, message::check_finished};

/// All that the client still has to prove is that it saw the same messages.
pub(crate) struct WaitFinished {
    pub(super) session: Session,
}

impl WaitFinished {
    pub(super) fn finished(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session } = self;
        check_finished(message, &session.client_handshake_traffic.finished(&session.transcript.hash()))?;
        session.transcript.add(message);
        let tickets = Issue::begin(&session, env)?;
        let Session { suite, client_application_traffic, server_application_traffic, agreed, .. } = session;
        env.actions.push(Action::InstallReadKeys(client_application_traffic.keys(suite)));
        env.report.note(Side::Server, Tag::Connected, &[]);
        env.actions.push(Action::Connected(agreed));
        let connected = Connected { suite, client_application_traffic, server_application_traffic };
        Ok(match tickets {
            Some(tickets) => State::IssueTickets(tickets.with(connected)),
            None => State::Connected(connected),
        })
    }
}
