//! The server's Finished (RFC 5246 §7.4.9), which authenticates the handshake.

use alloc::boxed::Box;

use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{MasterSecret, Sender, TrafficKeys};

use super::{State, our_flight::send_finished, session::Session};
use crate::{Action, Env, message::check_finished};

/// The server's change_cipher_spec came.
pub(crate) struct WaitFinished {
    pub(super) session: Box<Session>,
    pub(super) master: MasterSecret,
    /// What we write with, where our Finished is still to be sent.
    pub(super) client: Option<Box<TrafficKeys>>,
}

impl WaitFinished {
    pub(super) fn finished(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { session, master, client } = self;
        let mut session = *session;
        check_finished(message, &master.finished(Sender::Server, &session.transcript.hash()))?;
        if let Some(client) = client {
            session.transcript.add(message);
            send_finished(&mut session, env, &master, *client)?;
        }
        // Without it an exporter would not be bound to this connection (RFC 7627 §5.4).
        session.agreed.exporter = session
            .extended_master_secret
            .then(|| master.exporter(&session.client_random, &session.server_random));
        if let Some(ticket) = session.ticket {
            env.actions.push(Action::Ticket(ticket));
        }
        env.actions.push(Action::Connected(session.agreed));
        env.report.note(Side::Client, Tag::Connected, &[]);
        Ok(State::Connected)
    }
}
