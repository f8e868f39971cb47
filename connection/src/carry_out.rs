//! Executes the state machine's actions in order.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{AlertLevel, ContentType};
use handclasp_handshake::{Action, Actions, KeyLogLine, Session};
use handclasp_report::{Fault, Internal, Tag};

use crate::{Config, Connection};

/// Sessions that wait for [`Connection::take_sessions`]: OpenSSL gives 2, others up to 4.
const SESSIONS_MAX: usize = 4;

impl Connection {
    /// Executes the actions that a call of the machine returned.
    pub(crate) fn carry_out(&mut self, config: &Config) -> Result<(), Fault> {
        let mut list = self.actions.take_list();
        self.outbound.reserve(self.actions.flight().len());
        let outcome = list.drain(..).try_for_each(|action| self.carry_out_one(config, action));
        self.actions.reuse(list);
        if self.is_connected() {
            // Once connected, the handshake's memory is freed.
            self.actions = Actions::default();
            self.core.machine.drop_installed_keys();
        }
        outcome
    }

    fn carry_out_one(&mut self, config: &Config, action: Action) -> Result<(), Fault> {
        match action {
            Action::Send(range) => {
                // We answer a whole flight of the peer's; what began behind it before our answer
                // left cannot be meant for what comes after it.
                if !self.is_connected() && self.inbound.is_inside_message() {
                    return Err(Fault::KeyChangeInsideMessage);
                }
                let messages = self.actions.flight().get(range).unwrap_or_default();
                self.outbound.send(ContentType::handshake, messages, config.record_size)?;
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
                let keys = self.core.machine.read_keys(epoch).ok_or(Fault::Internal(Internal::Bug))?;
                keys.with(|keys| self.inbound.install(keys))?;
            }
            Action::InstallWriteKeys(epoch) => {
                let keys = self.core.machine.write_keys(epoch).ok_or(Fault::Internal(Internal::Bug))?;
                keys.with(|keys| self.outbound.install(keys))?;
            }
            // What a program is built without does not come; without the condition it would be linked.
            Action::KeyLog(line) => {
                if cfg!(feature = "key-log") {
                    self.key_log.get_or_insert_default().push(line);
                }
            }
            Action::Ticket(session) => {
                if cfg!(feature = "tickets") {
                    self.keep_session(session);
                }
            }
            Action::SkipEarlyData => {
                self.inbound.skip_early_data();
            }
            Action::KeyUpdateRequested => {
                self.key_update_owed = true;
            }
            Action::Connected(connected) => {
                self.connected = Some(connected);
            }
        }
        Ok(())
    }

    /// Of more sessions than are ever offered the newest are kept.
    fn keep_session(&mut self, session: Session) {
        let sessions = self.sessions.get_or_insert_default();
        if sessions.len() >= SESSIONS_MAX {
            sessions.remove(0);
        }
        sessions.push(session);
    }

    /// Returns the secrets for a key log since the last call; none unless `key_log` of the
    /// handshake's configuration is set.
    pub fn take_key_log(&mut self) -> Vec<Box<KeyLogLine>> {
        self.key_log.take().map(|lines| *lines).unwrap_or_default()
    }

    /// Returns the sessions whose tickets came since the last call; none unless the handshake's
    /// configuration resumes sessions. In TLS 1.3 tickets come after the handshake.
    pub fn take_sessions(&mut self) -> Vec<Session> {
        self.sessions.take().map(|sessions| *sessions).unwrap_or_default()
    }

    /// Notes an alert in the report.
    pub(crate) fn note_alert(&mut self, sent: bool, description: handclasp_codec::AlertDescription) {
        let own = self.core.machine.side();
        let (from, tag) = if sent { (own, Tag::AlertSent) } else { (own.other(), Tag::AlertReceived) };
        self.core.report.note(from, tag, &[description.0]);
    }
}
