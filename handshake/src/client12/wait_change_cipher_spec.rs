//! The server's change_cipher_spec (RFC 5246 §7.1). It may come here and nowhere else, when all
//! before its Finished is done and there are keys to change to.
//!
//! Called by: the table.

use alloc::boxed::Box;

use handclasp_report::Fault;
use handclasp_schedule::{MasterSecret, TrafficKeys};

use super::{State, session::Session, wait_finished::WaitFinished};
use crate::{Action, Env};

/// Our Finished is sent, or a session is resumed.
pub(crate) struct WaitChangeCipherSpec {
    pub(super) session: Box<Session>,
    pub(super) master: MasterSecret,
    /// What the server writes with.
    pub(super) server: TrafficKeys,
    /// What we write with, where a session is resumed and our Finished is still to be sent.
    pub(super) client: Option<Box<TrafficKeys>>,
}

impl WaitChangeCipherSpec {
    pub(super) fn change_cipher_spec(self, env: &mut Env<'_>) -> Result<State, Fault> {
        let Self { session, master, server, client } = self;
        env.actions.push(Action::InstallReadKeys(server));
        Ok(State::WaitFinished(WaitFinished { session, master, client }))
    }
}
