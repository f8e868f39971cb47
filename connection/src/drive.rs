//! The main loop of a connection, one message or one record at a time, and how it ends.

use core::ops::Range;

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, HandshakeType, ProtocolVersion};
use handclasp_handshake::Input;
use handclasp_report::{Event, Failed, Fault, FaultCode, Flood, Misuse, Tag};

use crate::{
    Connection, Context,
    alert::{Heard, hear},
    inbound::Record,
    machine::Turn,
};

impl Connection {
    /// Processes the bytes that came, until more input or an answer is needed, or plaintext can be
    /// read.
    ///
    /// # Errors
    /// Why the connection ended, as [`Connection::received`].
    pub fn proceed(&mut self, context: &mut Context<'_>) -> Result<(), FaultCode> {
        self.run(context, false).map(|_| ()).map_err(|failed| self.core.report.code_of(failed))
    }

    /// As [`Connection::proceed`], for at most one message or one record, so that a device can serve
    /// its network in between. Returns false when there is nothing to do.
    ///
    /// # Errors
    /// As [`Connection::proceed`].
    pub fn proceed_once(&mut self, context: &mut Context<'_>) -> Result<bool, FaultCode> {
        self.run(context, true).map_err(|failed| self.core.report.code_of(failed))
    }

    /// The one caller of `step`, which is then inlined with all that a record passes through: two callers
    /// cost hosts 6 % of the instructions of a small record.
    fn run(&mut self, context: &mut Context<'_>, once: bool) -> Result<bool, Failed> {
        self.unless_ended(context)?;
        loop {
            match self.step(context) {
                Ok(true) if !once => {}
                Ok(worked) => return Ok(worked),
                Err(failed) => return Err(self.end(failed)),
            }
        }
    }

    /// One message or one record; false when there is nothing to do.
    fn step(&mut self, context: &mut Context<'_>) -> Result<bool, Failed> {
        if self.closed_by_peer || !self.inbound.readable().is_empty() || self.core.machine.need().is_some() {
            return Ok(false);
        }
        let is_connected = self.is_connected;
        let may_skip = is_connected && self.core.machine.version() == Some(ProtocolVersion::TLS_1_3);
        let message = self.inbound.next_message(may_skip);
        if let Some(message) = message.map_err(|code| self.core.report.fail_code(code))? {
            if is_connected || message.first() == Some(&HandshakeType::hello_request.0) {
                // None of these messages carries data.
                let kind = match message.first().copied().map(HandshakeType) {
                    Some(HandshakeType::key_update) => Flood::KeyUpdates,
                    _ => Flood::PostHandshakeMessages,
                };
                self.budget.spend(kind).map_err(|code| self.core.report.fail_code(code))?;
            }
            self.core.proceed(context, Turn::Input(Input::Message(message)))?;
            self.carry_out(context.config)?;
            return Ok(true);
        }
        match self.record().map_err(|code| self.core.report.fail_code(code))? {
            Received::Nothing => Ok(false),
            Received::Record => Ok(true),
            Received::ChangeCipherSpec => {
                self.turn(context, Turn::Input(Input::ChangeCipherSpec))?;
                Ok(true)
            }
        }
    }

    /// Takes the next record, if one is whole.
    fn record(&mut self) -> Result<Received, FaultCode> {
        let record = self.inbound.next_record(self.core.machine.version(), !self.is_connected)?;
        let Some(Record { content_type, content, protected }) = record else {
            return Ok(Received::Nothing);
        };
        let expected = match content_type {
            // RFC 8446 §5.1: no other record may stand inside a fragmented message.
            other if other != ContentType::handshake && self.inbound.is_inside_message() => {
                Event::Record(ContentType::handshake)
            }
            ContentType::handshake => {
                self.inbound.keep_messages(content);
                return Ok(Received::Record);
            }
            ContentType::alert => {
                self.alert(content)?;
                return Ok(Received::Record);
            }
            ContentType::change_cipher_spec if !protected => {
                if self.inbound.bytes(content) != [1] {
                    return Err(Fault::MalformedRecord(content_type).code());
                }
                self.budget.spend(Flood::ChangeCipherSpecs)?;
                return Ok(Received::ChangeCipherSpec);
            }
            ContentType::application_data if self.is_connected && protected => {
                self.inbound.lend(content);
                match self.inbound.readable().is_empty() {
                    true => self.budget.spend(Flood::EmptyRecords)?,
                    false => self.budget.application_data(),
                }
                return Ok(Received::Record);
            }
            _ => self.core.machine.expects(),
        };
        Err(Fault::Unexpected { expected, found: event(content_type) }.code())
    }

    fn alert(&mut self, content: Range<usize>) -> Result<(), FaultCode> {
        let [level, description] = *self.inbound.bytes(content) else {
            return Err(Fault::MalformedRecord(ContentType::alert).code());
        };
        let (level, description) = (AlertLevel(level), AlertDescription(description));
        self.core.note_alert(false, description);
        match hear(level, description, self.core.machine.version(), &mut self.budget)? {
            Heard::Warning => Ok(()),
            Heard::CloseNotify if !self.is_connected => {
                Err(Fault::ClosedInHandshake { expected: self.core.machine.expects() }.code())
            }
            Heard::CloseNotify => {
                let peer = self.core.report.own().other();
                self.core.report.note(peer, Tag::CloseNotify, &[]);
                self.closed_by_peer = true;
                // TLS 1.2 knows no half-close: the answer is due at once (RFC 5246 §7.2.1).
                if self.core.machine.version() == Some(ProtocolVersion::TLS_1_2) {
                    self.close();
                }
                Ok(())
            }
        }
    }

    pub(crate) fn unless_ended(&mut self, context: &Context<'_>) -> Result<(), Failed> {
        if let Some(failed) = self.failure() {
            return Err(failed);
        }
        if !self.is_connected && context.config.handshake.generation != self.generation {
            return Err(self.fail(Fault::Misuse(Misuse::ConfigurationChanged)));
        }
        // A close during the handshake abandons it: no flight follows close_notify.
        if !self.is_connected && self.closed_by_us {
            return Err(self.fail(Fault::Misuse(Misuse::Closed)));
        }
        Ok(())
    }

    /// Ends the connection with this fault, unless it is over.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fail(&mut self, fault: Fault) -> Failed {
        let failed = self.core.report.fail(fault);
        self.end(failed)
    }

    /// Whether a fault ended the connection.
    pub(crate) fn failure(&self) -> Option<Failed> {
        self.core.report.failure().filter(|_| self.ended)
    }

    /// Ends the connection and queues the alert, unless it is over.
    pub(crate) fn end(&mut self, failed: Failed) -> Failed {
        if core::mem::replace(&mut self.ended, true) {
            return failed;
        }
        let code = self.core.report.code_of(failed);
        // After our close_notify nothing may follow, an alert neither (RFC 8446 §6.1).
        if let Some(description) = code.alert().filter(|_| !self.closed_by_us) {
            let level = match description {
                AlertDescription::user_canceled => AlertLevel::warning,
                _ => AlertLevel::fatal,
            };
            self.send_alert(level, description);
            if level == AlertLevel::warning {
                self.close_behind_warning();
            }
        }
        self.forget_secrets(code.is_truncated());
        failed
    }

    /// The secrets and keys of a failed connection are forgotten (RFC 8446 §6), and so are tickets
    /// that were not taken yet, unless all that failed is the transport.
    fn forget_secrets(&mut self, keep_sessions: bool) {
        self.core.machine.end();
        self.core.actions.free();
        self.inbound.forget_keys();
        self.outbound.forget_keys();
        if let Some(connected) = &mut self.core.actions.connected {
            connected.exporter = None;
        }
        if !keep_sessions {
            drop(self.core.actions.take_sessions());
        }
    }

    /// user_canceled is followed by close_notify (RFC 8446 §6.1).
    fn close_behind_warning(&mut self) {
        self.closed_by_us = true;
        self.send_alert(AlertLevel::warning, AlertDescription::close_notify);
    }

    pub(crate) fn send_alert(&mut self, level: AlertLevel, description: AlertDescription) {
        self.core.note_alert(true, description);
        let content = [level.0, description.0];
        // An alert that cannot be encrypted is not sent.
        let _unsealed = self.outbound.send(ContentType::alert, &content, content.len());
    }
}

/// Outcome of receiving a record.
enum Received {
    /// The next record is not whole yet.
    Nothing,
    /// The record was processed; its messages or data wait to be read.
    Record,
    /// The record is an event for the state machine.
    ChangeCipherSpec,
}

/// The event that a record of this type is, for a fault.
fn event(content_type: ContentType) -> Event {
    match content_type {
        ContentType::application_data => Event::ApplicationData,
        ContentType::change_cipher_spec => Event::ChangeCipherSpec,
        other => Event::Record(other),
    }
}
