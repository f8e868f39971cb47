//! CONNECTED: nothing but KeyUpdate, in both directions (RFC 8446 §4.6.3).
//! Called by the table, and by `server` to update keys.

use handclasp_codec::{Encode, Field, HandshakeType, KeyUpdate, KeyUpdateRequest};
use handclasp_crypto::Suite;
use handclasp_report::Fault;
use handclasp_schedule::TrafficSecret;

use super::State;
use crate::{Action, Env, message::decode};

/// The present generation of secrets.
pub(crate) struct Connected {
    pub(super) suite: &'static Suite,
    pub(super) client_application_traffic: TrafficSecret,
    pub(super) server_application_traffic: TrafficSecret,
}

impl Connected {
    pub(super) fn key_update(mut self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let update: KeyUpdate = decode(message, Field::key_update)?;
        self.client_application_traffic = self.client_application_traffic.next();
        let keys = self.client_application_traffic.keys(self.suite);
        match update.request_update {
            KeyUpdateRequest::update_not_requested => env.actions.push(Action::InstallReadKeys(keys)),
            KeyUpdateRequest::update_requested => {
                env.actions.push(Action::InstallReadKeys(keys));
                self.send_update(env, KeyUpdateRequest::update_not_requested)?;
            }
            _ => return Err(Fault::IllegalParameter(Field::request_update)),
        }
        Ok(State::Connected(self))
    }

    /// New keys for what we send; the peer is asked for new ones of its own.
    pub(crate) fn update_keys(&mut self, env: &mut Env<'_>) -> Result<(), Fault> {
        self.send_update(env, KeyUpdateRequest::update_requested)
    }

    /// The message goes out under the old keys.
    fn send_update(&mut self, env: &mut Env<'_>, request_update: KeyUpdateRequest) -> Result<(), Fault> {
        let message = KeyUpdate { request_update };
        env.actions.send(HandshakeType::key_update, |writer| message.encode(writer))?;
        self.server_application_traffic = self.server_application_traffic.next();
        let keys = self.server_application_traffic.keys(self.suite);
        env.actions.push(Action::InstallWriteKeys(keys));
        Ok(())
    }
}
