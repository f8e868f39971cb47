//! The server's change_cipher_spec (RFC 5246 §7.1). It may come here and nowhere else, when all
//! before its Finished is done and there are keys to change to.

use alloc::boxed::Box;

use handclasp_report::Failed;
use handclasp_schedule::{Epoch, MasterSecret};

use super::{State, handshake::Handshake, wait_finished::WaitFinished};
use crate::{Action, Context};

/// Our Finished is sent, or a session is resumed.
pub(crate) struct WaitChangeCipherSpec {
    pub(super) handshake: Box<Handshake>,
    /// With its key block.
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent; where a session is resumed it is still to come.
    pub(super) finished: bool,
}

impl WaitChangeCipherSpec {
    #[inline(never)]
    pub(super) fn change_cipher_spec(self, context: &mut Context<'_>) -> Result<State, Failed> {
        let Self { handshake, master, finished } = self;
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        Ok(State::WaitFinished(WaitFinished { handshake, master, finished }))
    }
}
