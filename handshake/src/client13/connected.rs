//! CONNECTED: what may come after the handshake: tickets (RFC 8446 §4.6.1) and new keys
//! (§4.6.3). Post-handshake authentication is not offered, so no request for it may come.

use alloc::boxed::Box;

use handclasp_codec::{Encode, Field, HandshakeType, KeyUpdate, KeyUpdateRequest, NewSessionTicket13};
use handclasp_crypto::Suite;
use handclasp_report::Fault;
use handclasp_schedule::TrafficSecret;

use super::{State, tickets::Tickets};
use crate::{
    Action, Env,
    message::{decode, is_header_alone},
};

/// Both Finished are good.
pub(crate) struct Connected {
    pub(super) suite: &'static Suite,
    /// What we send by.
    pub(super) client: TrafficSecret,
    /// What the server sends by.
    pub(super) server: TrafficSecret,
    /// What tickets are made sessions by, where they are wanted.
    pub(super) tickets: Option<Box<Tickets>>,
}

impl Connected {
    /// A ticket; without wish for one it is read and dropped. Of one that is longer than we hold
    /// only the header comes here.
    pub(super) fn new_session_ticket(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        if is_header_alone(message) {
            return Ok(State::Connected(self));
        }
        let ticket: NewSessionTicket13<'_> = decode(message, Field::new_session_ticket)?;
        if let Some(tickets) = &self.tickets {
            tickets.keep(env, self.suite, &ticket);
        }
        Ok(State::Connected(self))
    }

    /// The server sends by new keys from here on, and may ask us to do the same.
    pub(super) fn key_update(mut self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let KeyUpdate { request_update } = decode(message, Field::key_update)?;
        let requested = match request_update {
            KeyUpdateRequest::update_requested => true,
            KeyUpdateRequest::update_not_requested => false,
            _ => return Err(Fault::IllegalParameter(Field::request_update)),
        };
        self.server = self.server.next();
        env.actions.push(Action::InstallReadKeys(self.server.keys(self.suite)));
        if requested {
            env.actions.push(Action::KeyUpdateRequested);
        }
        Ok(State::Connected(self))
    }

    /// We send by new keys from here on; the message itself goes out under the old ones. The
    /// server counts its own records, so it is not asked to do the same.
    pub(crate) fn update_keys(&mut self, env: &mut Env<'_>) -> Result<(), Fault> {
        let update = KeyUpdate { request_update: KeyUpdateRequest::update_not_requested };
        env.actions.send(HandshakeType::key_update, |writer| update.encode(writer))?;
        self.client = self.client.next();
        env.actions.push(Action::InstallWriteKeys(self.client.keys(self.suite)));
        Ok(())
    }
}
