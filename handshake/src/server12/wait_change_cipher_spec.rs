//! ClientKeyExchange was read: from the change_cipher_spec on, the client's records are
//! protected (RFC 5246 §7.1). It counts only here, so that nobody can bring it forward to a
//! moment without keys.
//! Called by the table.

use handclasp_report::Fault;
use handclasp_schedule::{KeyBlock, MasterSecret};

use super::{State, flight::Flight, wait_finished::WaitFinished};
use crate::{Action, Env};

/// Keys are ready.
pub(crate) struct WaitChangeCipherSpec {
    pub(super) flight: Flight,
    pub(super) master: MasterSecret,
    pub(super) keys: KeyBlock,
}

impl WaitChangeCipherSpec {
    pub(super) fn change_cipher_spec(self, env: &mut Env<'_>) -> Result<State, Fault> {
        let Self { flight, master, keys: KeyBlock { client, server } } = self;
        env.actions.push(Action::InstallReadKeys(client));
        Ok(State::WaitFinished(WaitFinished { flight, master, write_keys: server }))
    }
}
