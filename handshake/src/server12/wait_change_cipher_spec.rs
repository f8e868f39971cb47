//! ClientKeyExchange was read, or a session is resumed: from the change_cipher_spec on, the client's records are
//! protected (RFC 5246 §7.1). It counts only here, so that nobody can bring it forward to a
//! moment without keys.
//! Called by the table.

use handclasp_report::Fault;
use handclasp_schedule::{KeyBlock, MasterSecret, TrafficKeys};

use super::{State, flight::Flight, wait_finished::WaitFinished};
use crate::{Action, Env};

/// Keys are ready.
pub(crate) struct WaitChangeCipherSpec {
    pub(super) flight: Flight,
    pub(super) master: MasterSecret,
    /// What the client writes with.
    pub(super) read_keys: TrafficKeys,
    /// What we write with; none where a session is resumed and our Finished is sent.
    pub(super) write_keys: Option<TrafficKeys>,
}

impl WaitChangeCipherSpec {
    /// In a full handshake.
    pub(super) fn new(flight: Flight, master: MasterSecret, keys: KeyBlock) -> Self {
        let KeyBlock { client, server } = keys;
        Self { flight, master, read_keys: client, write_keys: Some(server) }
    }
}

impl WaitChangeCipherSpec {
    pub(super) fn change_cipher_spec(self, env: &mut Env<'_>) -> Result<State, Fault> {
        let Self { flight, master, read_keys, write_keys } = self;
        env.actions.push(Action::InstallReadKeys(read_keys));
        Ok(State::WaitFinished(WaitFinished { flight, master, write_keys }))
    }
}
