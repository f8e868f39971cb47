//! ClientKeyExchange was read, or a session is resumed: from the change_cipher_spec on, the client's records are
//! protected (RFC 5246 §7.1). It is accepted in this state only, so that an
//! attacker cannot inject it before there are keys.

use handclasp_report::Failed;
use handclasp_schedule::{Epoch, MasterSecret};

use super::{State, wait_finished::WaitFinished};
use crate::{Action, Context};

/// Keys are ready.
pub(crate) struct WaitChangeCipherSpec {
    /// With its key block.
    pub(super) master: MasterSecret,
    /// Whether our Finished is sent, as it is where a session is resumed.
    pub(super) finished: bool,
}

impl WaitChangeCipherSpec {
    #[inline(never)]
    pub(super) fn change_cipher_spec(self, context: &mut Context<'_>) -> Result<State, Failed> {
        let Self { master, finished } = self;
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        Ok(State::WaitFinished(WaitFinished { master, finished }))
    }
}
