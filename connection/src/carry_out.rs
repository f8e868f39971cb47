//! Does what the machine says, in the order in which it says it.

use alloc::vec::Vec;

use handclasp_codec::ContentType;
use handclasp_handshake::{Action, Actions};
use handclasp_report::{Fault, Tag};

use crate::{Config, Connection, KeyLogLine};

impl Connection {
    /// Carries out the actions that a call of the machine left behind.
    pub(crate) fn carry_out(&mut self, config: &Config) -> Result<(), Fault> {
        let mut list = self.actions.take_list();
        let outcome = list.drain(..).try_for_each(|action| self.carry_out_one(config, action));
        self.actions.reuse(list);
        if self.is_connected() {
            // Once connected, the handshake's memory is given back.
            self.actions = Actions::default();
        }
        outcome
    }

    fn carry_out_one(&mut self, config: &Config, action: Action) -> Result<(), Fault> {
        match action {
            Action::Send(range) => {
                let messages = self.actions.flight().get(range).unwrap_or_default();
                self.outbound.send(ContentType::handshake, messages, config.record_size)
            }
            Action::SendChangeCipherSpec => self.outbound.send_change_cipher_spec(),
            Action::InstallReadKeys(keys) => self.inbound.install(keys),
            Action::InstallWriteKeys(keys) => self.outbound.install(keys),
            Action::KeyLog { label, client_random, secret } => {
                if config.key_log {
                    self.key_log.push(KeyLogLine { label, client_random, secret });
                }
                Ok(())
            }
            Action::Connected(connected) => {
                self.report.note(self.machine.side(), Tag::Connected, &[]);
                self.connected = Some(connected);
                Ok(())
            }
        }
    }

    /// The secrets for a key log that came up since the last call; none unless
    /// [`Config::key_log`] is set.
    pub fn take_key_log(&mut self) -> Vec<KeyLogLine> {
        core::mem::take(&mut self.key_log)
    }

    /// Notes an alert in the story.
    pub(crate) fn note_alert(&mut self, sent: bool, description: handclasp_codec::AlertDescription) {
        let own = self.machine.side();
        let (from, tag) = if sent { (own, Tag::AlertSent) } else { (own.other(), Tag::AlertReceived) };
        self.report.note(from, tag, &[description.0]);
    }
}
