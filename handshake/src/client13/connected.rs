//! CONNECTED: what may come after the handshake: tickets (RFC 8446 §4.6.1) and new keys
//! (§4.6.3). Post-handshake authentication is not offered, so no request for it may come.

use handclasp_codec::{Encode, Field, HandshakeType, KeyUpdate, KeyUpdateRequest, NewSessionTicket13};
use handclasp_crypto::Suite;
use handclasp_report::{Failed, Fault};
use handclasp_schedule::{ApplicationSecrets, Epoch, KeySource, Sender};

use super::{State, tickets::Tickets};
use crate::{
    Action, Context,
    message::{decode, is_header_alone},
};

/// Both Finished are good.
pub(crate) struct Connected {
    pub(super) suite: &'static Suite,
    pub(super) secrets: ApplicationSecrets,
    /// What tickets are made sessions by, where they are wanted.
    pub(super) tickets: Option<Tickets>,
}

impl Connected {
    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match epoch {
            Epoch::Handshake => None,
            Epoch::Application => Some(KeySource::derived(self.secrets.traffic(sender), self.suite)),
        }
    }

    /// A ticket; without wish for one it is read and dropped. Of one that is longer than we hold
    /// only the header comes here.
    #[inline(never)]
    pub(super) fn new_session_ticket(
        self,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        if is_header_alone(message) {
            return Ok(State::Connected(self));
        }
        let ticket: NewSessionTicket13<'_> = decode(message, Field::new_session_ticket, context.report)?;
        if let Some(tickets) = &self.tickets {
            tickets.keep(context, &self.secrets, &ticket);
        }
        Ok(State::Connected(self))
    }

    /// The server sends by new keys from here on, and may ask us to do the same.
    #[inline(never)]
    pub(super) fn key_update(mut self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        let KeyUpdate { request_update } = decode(message, Field::key_update, context.report)?;
        let requested = match request_update {
            KeyUpdateRequest::update_requested => true,
            KeyUpdateRequest::update_not_requested => false,
            _ => return Err(context.fail(Fault::IllegalParameter(Field::request_update))),
        };
        self.secrets.update(Sender::Server);
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        if requested {
            context.actions.push(Action::KeyUpdateRequested);
        }
        Ok(State::Connected(self))
    }

    /// We send by new keys from here on; the message itself goes out under the old ones. The
    /// server counts its own records, so it is not asked to do the same.
    pub(crate) fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        let update = KeyUpdate { request_update: KeyUpdateRequest::update_not_requested };
        context.send(HandshakeType::key_update, |writer| update.encode(writer))?;
        self.secrets.update(Sender::Client);
        context.actions.push(Action::InstallWriteKeys(Epoch::Application));
        Ok(())
    }
}
