//! CONNECTED: nothing but KeyUpdate, in both directions (RFC 8446 §4.6.3).

use handclasp_codec::{Encode, Field, HandshakeType, KeyUpdate, KeyUpdateRequest};
use handclasp_report::{Failed, Fault};
use handclasp_schedule::{ApplicationSecrets, Epoch, KeySource, Sender};

use super::{State, handshake::Handshake};
use crate::{Action, Context, message::decode};

/// The present generation of secrets.
pub(crate) struct Connected {
    pub(super) secrets: ApplicationSecrets,
}

impl Connected {
    /// See `State::keys`.
    pub(super) fn keys(&self, shared: &Handshake, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match epoch {
            Epoch::Handshake => None,
            Epoch::Application => Some(KeySource::derived(self.secrets.traffic(sender), shared.suite)),
        }
    }

    /// The client sends by new keys from here on, and may ask us to do the same.
    #[inline(never)]
    pub(super) fn key_update(mut self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        let KeyUpdate { request_update } = decode(message, Field::key_update, context.report)?;
        let requested = match request_update {
            KeyUpdateRequest::update_requested => true,
            KeyUpdateRequest::update_not_requested => false,
            _ => return Err(context.fail(Fault::IllegalParameter(Field::request_update))),
        };
        self.secrets.update(Sender::Client);
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        if requested {
            context.actions.push(Action::KeyUpdateRequested);
        }
        Ok(State::Connected(self))
    }

    /// We send by new keys from here on; the message itself goes out under the old ones. The
    /// client counts its own records, so it is not asked to do the same: two that ask each
    /// other would never end.
    pub(crate) fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        let message = KeyUpdate { request_update: KeyUpdateRequest::update_not_requested };
        context.send(HandshakeType::key_update, |writer| message.encode(writer))?;
        self.secrets.update(Sender::Server);
        context.actions.push(Action::InstallWriteKeys(Epoch::Application));
        Ok(())
    }
}
