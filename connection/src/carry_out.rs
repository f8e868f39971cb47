//! Executes the state machine's actions in order.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{AlertLevel, ContentType};
use handclasp_crypto::WrongKeyLength;
use handclasp_handshake::{Action, KeyLogLine, Session};
use handclasp_record::RecordKeys;
use handclasp_report::{Failed, Fault, Internal};
use handclasp_schedule::KeySource;

use crate::{Config, Connection, Context, machine::Turn};

impl Connection {
    /// Lets the machine proceed, and executes its actions.
    pub(crate) fn turn(&mut self, context: &mut Context<'_>, turn: Turn<'_>) -> Result<(), Failed> {
        self.core.proceed(context, turn)?;
        self.carry_out(context.config)
    }

    /// Executes the actions that a call of the machine returned.
    pub(crate) fn carry_out(&mut self, config: &Config) -> Result<(), Failed> {
        self.outbound.reserve(self.core.actions.flight().len());
        // Bytes of the flight that were sent.
        let mut sent = 0;
        let mut index = 0_usize;
        while let Some(action) = self.core.actions.get(index) {
            self.carry_out_one(config, action, &mut sent)?;
            index = index.saturating_add(1);
        }
        self.core.actions.clear();
        if self.is_connected {
            // Once connected, the handshake's memory is freed.
            self.core.actions.free();
            self.core.machine.drop_installed_keys();
        }
        Ok(())
    }

    fn carry_out_one(&mut self, config: &Config, action: Action, sent: &mut usize) -> Result<(), Failed> {
        match action {
            Action::Send(until) => {
                // We answer a whole flight of the peer's; what began behind it before our answer
                // left cannot be meant for what comes after it.
                if !self.is_connected {
                    self.refuse_inside_message()?;
                }
                let messages = self.core.actions.flight().get(*sent..until).unwrap_or_default();
                *sent = until;
                let sealed = self.outbound.send(ContentType::handshake, messages, config.record_size);
                self.internal(sealed)?;
            }
            Action::LimitRecords(limits) => {
                self.inbound.limit(limits);
                self.outbound.limit(limits);
            }
            Action::Warn(description) => {
                // A peer that does not read gets no more of them.
                if !self.closed_by_us && self.outbound.waiting().is_empty() {
                    self.send_alert(AlertLevel::warning, description);
                }
            }
            Action::SendChangeCipherSpec => self.outbound.send_change_cipher_spec(),
            Action::InstallReadKeys(epoch) => {
                // Never inside a record or message (RFC 8446 §5.1).
                self.refuse_inside_message()?;
                let installed = install(self.core.machine.read_keys(epoch), &mut self.inbound.keys);
                self.internal(installed)?;
                #[cfg(feature = "key-update-count")]
                if self.is_connected {
                    self.key_updates.received = self.key_updates.received.saturating_add(1);
                }
            }
            Action::InstallWriteKeys(epoch) => {
                let installed = install(self.core.machine.write_keys(epoch), &mut self.outbound.keys);
                self.internal(installed)?;
                #[cfg(feature = "key-update-count")]
                if self.is_connected {
                    self.key_updates.sent = self.key_updates.sent.saturating_add(1);
                }
            }
            Action::SkipEarlyData => self.inbound.skip_early_data(),
            Action::KeyUpdateRequested => self.key_update_owed = true,
            Action::Connected => self.is_connected = true,
        }
        Ok(())
    }

    /// The peer must not have begun a message here.
    fn refuse_inside_message(&mut self) -> Result<(), Failed> {
        match self.inbound.is_inside_message() {
            true => Err(self.core.report.fail(Fault::KeyChangeInsideMessage)),
            false => Ok(()),
        }
    }

    /// The error is ours.
    pub(crate) fn internal(&mut self, outcome: Result<(), Internal>) -> Result<(), Failed> {
        outcome.map_err(|internal| self.core.report.fail(Fault::Internal(internal)))
    }

    /// Returns the secrets for a key log since the last call; none unless `key_log` of the
    /// handshake's configuration is set.
    pub fn take_key_log(&mut self) -> Vec<Box<KeyLogLine>> {
        self.core.actions.take_key_log()
    }

    /// Returns the sessions whose tickets came since the last call; none unless the handshake's
    /// configuration resumes sessions. In TLS 1.3 tickets come after the handshake.
    pub fn take_sessions(&mut self) -> Vec<Session> {
        self.core.actions.take_sessions()
    }
}

/// Puts keys of the machine in place, for records from here on.
fn install(source: Option<KeySource<'_>>, place: &mut Option<RecordKeys>) -> Result<(), Internal> {
    let source = source.ok_or(Internal::Bug)?;
    let installed = source.with(|keys| RecordKeys::install(place, keys));
    installed.map_err(|WrongKeyLength| Internal::Crypto)
}
