//! The server's Finished (RFC 5246 §7.4.9), which authenticates the handshake.

use alloc::boxed::Box;

use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{MasterSecret, Sender};

use super::{State, our_flight::send_finished, session::Session};
use crate::{Action, Context, message::check_finished};

/// The server's change_cipher_spec came.
pub(crate) struct WaitFinished {
    pub(super) session: Box<Session>,
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent.
    pub(super) finished: bool,
}

impl WaitFinished {
    pub(super) fn finished(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session, master, finished } = self;
        check_finished(message, &master.finished(Sender::Server, &session.transcript.hash()))?;
        if !finished {
            session.transcript.add(message);
            send_finished(&mut session, context, &master)?;
        }
        let Session { client_random, server_random, extended_master_secret, mut agreed, ticket, .. } =
            *session;
        // Without it an exporter would not be bound to this connection (RFC 7627 §5.4).
        if extended_master_secret {
            master.exporter(&client_random, &server_random, &mut agreed.exporter);
        }
        if let Some(ticket) = ticket {
            context.actions.push(Action::Ticket(ticket));
        }
        context.actions.push(Action::Connected(agreed));
        context.report.note(Side::Client, Tag::Connected, &[]);
        Ok(State::Connected(Some(master)))
    }
}
