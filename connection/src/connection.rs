//! The connection itself: what may be done now, and how each call drives the rest.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{AlertDescription, AlertLevel, ContentType, ProtocolVersion};
use handclasp_handshake::{
    Actions, Answer, Client, ClientStart, Connected, Env, Input, Need, Server,
};
use handclasp_report::{Event, Fault, Internal, Misuse, Report, Side, Tag};

use crate::{
    Config, Given, KeyLogLine,
    alert::{Heard, hear},
    inbound::{Inbound, Opened},
    machine::{Machine, peer},
    outbound::Outbound,
};

/// One end of a TLS connection.
pub struct Connection {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) actions: Actions,
    pub(crate) report: Report,
    pub(crate) inbound: Inbound,
    pub(crate) outbound: Outbound,
    pub(crate) connected: Option<Box<Connected>>,
    pub(crate) key_log: Vec<KeyLogLine>,
    /// Generation of the configuration that the handshake began with.
    generation: u64,
    /// Why it ended, if it did.
    ended: Option<Fault>,
    closed_by_us: bool,
    closed_by_peer: bool,
}

/// What may be done now. Nothing else is ever needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// Bytes of the transport are welcome: [`Connection::receive_space`].
    pub receive: bool,
    /// Bytes wait for the transport: [`Connection::transmit`].
    pub transmit: bool,
    /// Plaintext waits for the application: [`Connection::readable`].
    pub read: bool,
    /// The application may write: [`Connection::write`].
    pub write: bool,
    /// The handshake waits for an answer: [`Connection::need`].
    pub answer: bool,
}

/// Splits the borrow of a connection into what a machine works with.
macro_rules! env {
    ($connection:ident, $given:ident) => {
        Env {
            config: &$given.config.handshake,
            now: $given.now,
            random: &mut *$given.random,
            report: &mut $connection.report,
            actions: &mut $connection.actions,
        }
    };
}

impl Connection {
    /// A client; its ClientHello waits in [`Connection::transmit`].
    ///
    /// # Errors
    /// A configuration with nothing to offer, or no randomness.
    pub fn client(given: &mut Given<'_>, start: ClientStart<'_>) -> Result<Self, Fault> {
        Self::start(given, Side::Client, |env| Ok(Box::new(Client::start(env, start)?)))
    }

    /// A server, waiting for a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to choose from.
    pub fn server(given: &mut Given<'_>) -> Result<Self, Fault> {
        Self::start(given, Side::Server, |env| Ok(Box::new(Server::new(env)?)))
    }

    fn start(
        given: &mut Given<'_>,
        own: Side,
        machine: impl FnOnce(&mut Env<'_>) -> Result<Box<dyn Machine>, Fault>,
    ) -> Result<Self, Fault> {
        given.config.check()?;
        let mut report = Report::new(own);
        let mut actions = Actions::default();
        let machine = machine(&mut Env {
            config: &given.config.handshake,
            now: given.now,
            random: &mut *given.random,
            report: &mut report,
            actions: &mut actions,
        })?;
        // RFC 8446 §5.1: a first ClientHello says TLS 1.0 for old middleboxes, all else 1.2.
        let plain_version = match own {
            Side::Client => ProtocolVersion::TLS_1_0,
            Side::Server => ProtocolVersion::TLS_1_2,
        };
        let mut connection = Self {
            machine,
            actions,
            report,
            inbound: Inbound::new(given.config.message_limit),
            outbound: Outbound::new(plain_version),
            connected: None,
            key_log: Vec::new(),
            generation: given.config.handshake.generation,
            ended: None,
            closed_by_us: false,
            closed_by_peer: false,
        };
        connection.carry_out(given.config)?;
        connection.outbound.first_flight_is_over();
        Ok(connection)
    }

    /// What may be done now.
    pub fn may(&self) -> May {
        let answer = self.ended.is_none() && self.machine.need().is_some();
        let read = !self.inbound.readable().is_empty();
        May {
            receive: self.ended.is_none() && !self.closed_by_peer && !answer && !read,
            transmit: !self.outbound.waiting().is_empty(),
            read,
            write: self.is_connected() && self.ended.is_none() && !self.closed_by_us,
            answer,
        }
    }

    // ---- the transport

    /// Room to read into; tell how much came with [`Connection::received`].
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.inbound.space()
    }

    /// `count` bytes came into [`Connection::receive_space`].
    ///
    /// # Errors
    /// Why the connection ended. The alert for the peer then waits in
    /// [`Connection::transmit`].
    pub fn received(&mut self, given: &mut Given<'_>, count: usize) -> Result<(), Fault> {
        self.inbound.received(count);
        self.proceed(given)
    }

    /// As [`Connection::received`], from bytes that lie elsewhere.
    ///
    /// # Errors
    /// As [`Connection::received`].
    pub fn receive(&mut self, given: &mut Given<'_>, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let space = self.inbound.space();
            let count = space.len().min(bytes.len());
            let (now, later) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
            if let Some(room) = space.get_mut(..count) {
                room.copy_from_slice(now);
            }
            bytes = later;
            self.inbound.received(count);
        }
        self.proceed(given)
    }

    /// The transport ended.
    ///
    /// # Errors
    /// [`Fault::Truncated`] where the peer had not said that it would.
    pub fn end_of_input(&mut self) -> Result<(), Fault> {
        if self.closed_by_peer {
            return Ok(());
        }
        let expected = (!self.is_connected()).then(|| self.machine.expects());
        self.end(Fault::Truncated { expected, anything_came: self.inbound.anything_came })
    }

    /// The handshake took too long.
    pub fn time_out(&mut self) -> Fault {
        let expected = self.machine.expects();
        let fault = Fault::TimedOut { expected, anything_came: self.inbound.anything_came };
        match self.end(fault) {
            Ok(()) => fault,
            Err(ended) => ended,
        }
    }

    /// Bytes for the transport; tell how much it took with [`Connection::transmitted`].
    pub fn transmit(&self) -> &[u8] {
        self.outbound.waiting()
    }

    /// The transport took `count` bytes.
    pub fn transmitted(&mut self, count: usize) {
        self.outbound.transmitted(count);
    }

    // ---- the handshake

    /// What the handshake needs from outside.
    pub fn need(&self) -> Option<Need<'_>> {
        if self.ended.is_some() { None } else { self.machine.need() }
    }

    /// Answers the need.
    ///
    /// # Errors
    /// Why the connection ended, as [`Connection::received`].
    pub fn answer(&mut self, given: &mut Given<'_>, answer: Answer<'_>) -> Result<(), Fault> {
        self.unless_ended(given)?;
        if self.machine.need().is_none() {
            return self.end(Fault::Misuse(Misuse::WrongAnswer));
        }
        let answered = self.machine.answer(&mut env!(self, given), answer);
        let outcome = answered.and_then(|()| self.carry_out(given.config));
        match outcome {
            Ok(()) => self.proceed(given),
            Err(fault) => self.end(fault),
        }
    }

    /// What was agreed, once the handshake is complete.
    pub fn connected(&self) -> Option<&Connected> {
        self.connected.as_deref()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connected.is_some()
    }

    /// The story so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    // ---- the application

    /// Plaintext of the peer's, lent out; give it back with [`Connection::consume`], then
    /// call [`Connection::proceed`] for what stands behind it.
    pub fn readable(&self) -> &[u8] {
        self.inbound.readable()
    }

    /// `count` bytes of [`Connection::readable`] are done with.
    pub fn consume(&mut self, count: usize) {
        self.inbound.consume(count);
    }

    /// Whether the peer said that it sends nothing more, and all it sent was read.
    pub fn is_peer_closed(&self) -> bool {
        self.closed_by_peer && self.inbound.readable().is_empty()
    }

    /// Seals as much of `data` as the queue may hold; returns how many bytes were taken.
    ///
    /// # Errors
    /// Not connected, closed, or a key that reached its limit and cannot be changed.
    pub fn write(&mut self, given: &mut Given<'_>, data: &[u8]) -> Result<usize, Fault> {
        if let Some(fault) = self.ended {
            return Err(fault);
        }
        if !self.is_connected() {
            return Err(Fault::Misuse(Misuse::NotConnected));
        }
        if self.closed_by_us {
            return Err(Fault::Misuse(Misuse::Closed));
        }
        let room = given.config.transmit_limit.saturating_sub(self.outbound.waiting().len());
        let taken = data.get(..data.len().min(room)).unwrap_or_default();
        for fragment in handclasp_record::fragments(taken, given.config.record_size) {
            let sealed = self.renew_worn_key(given).and_then(|()| {
                self.outbound.send(ContentType::application_data, fragment, given.config.record_size)
            });
            if let Err(fault) = sealed {
                return self.end(fault).map(|()| 0);
            }
        }
        Ok(taken.len())
    }

    /// Before the limit of its AEAD a key is changed (TLS 1.3) or not used further (1.2).
    fn renew_worn_key(&mut self, given: &mut Given<'_>) -> Result<(), Fault> {
        if !self.outbound.key_is_worn() {
            return Ok(());
        }
        self.machine.update_keys(&mut env!(self, given))?;
        self.carry_out(given.config)
    }

    /// Keying material for the application (RFC 8446 §7.5, RFC 5705).
    ///
    /// # Errors
    /// Before the handshake is complete, in TLS 1.2 without extended_master_secret, or for a
    /// length beyond what the RFC permits.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), Fault> {
        let connected = self.connected().ok_or(Fault::Misuse(Misuse::NotConnected))?;
        let exporter = connected.exporter.as_ref().ok_or(Fault::NoExtendedMasterSecret)?;
        exporter.export(label, context, out).map_err(|_| Fault::Misuse(Misuse::InvalidInput))
    }

    /// Tells the peer that we send nothing more; reading may go on (half-close).
    pub fn close(&mut self) {
        if self.closed_by_us || self.ended.is_some() {
            return;
        }
        self.closed_by_us = true;
        self.send_alert(AlertLevel::warning, AlertDescription::close_notify);
    }

    /// Gives back the memory of buffers in which nothing waits; for idle connections.
    pub fn release_buffers(&mut self) {
        self.inbound.release();
        self.outbound.release();
    }

    // ---- what drives all of it

    /// Works through what came, until more is needed: of the transport, of the caller, or
    /// until plaintext waits.
    ///
    /// # Errors
    /// Why the connection ended, as [`Connection::received`].
    pub fn proceed(&mut self, given: &mut Given<'_>) -> Result<(), Fault> {
        self.unless_ended(given)?;
        loop {
            match self.step(given) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(fault) => return self.end(fault),
            }
        }
    }

    /// One message or one record; false when there is nothing to do.
    fn step(&mut self, given: &mut Given<'_>) -> Result<bool, Fault> {
        if self.closed_by_peer || !self.inbound.readable().is_empty() || self.machine.need().is_some() {
            return Ok(false);
        }
        if let Some(message) = self.inbound.messages.take()? {
            if self.is_connected() {
                self.inbound.budget.post_handshake_message()?;
            }
            self.machine.handle(&mut env!(self, given), Input::Message(&message))?;
            self.carry_out(given.config)?;
            return Ok(true);
        }
        match self.inbound.next_record(self.machine.version(), !self.is_connected())? {
            None => Ok(false),
            Some(record) => self.record(given, record).map(|()| true),
        }
    }

    fn record(&mut self, given: &mut Given<'_>, record: Opened) -> Result<(), Fault> {
        let Opened { content_type, content, protected } = record;
        // RFC 8446 §5.1: no other record may stand inside a fragmented message.
        if content_type != ContentType::handshake && !self.inbound.messages.is_empty() {
            return Err(self.unexpected(content_type));
        }
        match content_type {
            ContentType::handshake => self.inbound.add_to_messages(content),
            ContentType::alert => self.alert(content),
            ContentType::change_cipher_spec if !protected => {
                if self.inbound.content(content) != [1] {
                    return Err(Fault::MalformedRecord(content_type));
                }
                self.inbound.budget.change_cipher_spec()?;
                self.machine.handle(&mut env!(self, given), Input::ChangeCipherSpec)?;
                self.carry_out(given.config)
            }
            ContentType::application_data if self.is_connected() && protected => {
                self.inbound.budget.application_data(content.len())?;
                self.inbound.lend(content);
                Ok(())
            }
            _ => Err(self.unexpected(content_type)),
        }
    }

    fn unexpected(&self, content_type: ContentType) -> Fault {
        let found = match content_type {
            ContentType::application_data => Event::ApplicationData,
            ContentType::change_cipher_spec => Event::ChangeCipherSpec,
            other => Event::Record(other),
        };
        Fault::Unexpected { expected: self.machine.expects(), found }
    }

    fn alert(&mut self, content: core::ops::Range<usize>) -> Result<(), Fault> {
        let inbound = &mut self.inbound;
        let heard: [u8; 2] =
            inbound.content(content).try_into().map_err(|_| Fault::MalformedRecord(ContentType::alert))?;
        self.note_alert(false, AlertDescription(heard[1]));
        match hear(&heard, self.machine.version(), &mut self.inbound.budget)? {
            (_, Heard::Warning) => Ok(()),
            (_, Heard::CloseNotify) if !self.is_connected() => {
                Err(Fault::ClosedInHandshake { expected: self.machine.expects() })
            }
            (_, Heard::CloseNotify) => {
                self.report.note(peer(self.machine.side()), Tag::CloseNotify, &[]);
                self.closed_by_peer = true;
                Ok(())
            }
        }
    }

    fn unless_ended(&mut self, given: &Given<'_>) -> Result<(), Fault> {
        if let Some(fault) = self.ended {
            return Err(fault);
        }
        if !self.is_connected() && given.config.handshake.generation != self.generation {
            return self.end(Fault::Misuse(Misuse::ConfigurationChanged));
        }
        Ok(())
    }

    /// Ends the connection: the story is closed and the peer told, once.
    fn end<R>(&mut self, fault: Fault) -> Result<R, Fault> {
        if let Some(earlier) = self.ended {
            return Err(earlier);
        }
        self.ended = Some(fault);
        self.report.fault(&fault);
        if let Some(description) = fault.alert() {
            let level = match description {
                AlertDescription::user_canceled => AlertLevel::warning,
                _ => AlertLevel::fatal,
            };
            self.send_alert(level, description);
        }
        Err(fault)
    }

    fn send_alert(&mut self, level: AlertLevel, description: AlertDescription) {
        self.note_alert(true, description);
        // An alert that cannot be sealed is not sent: there is nobody left to tell.
        let _: Result<(), Fault> = self
            .outbound
            .send(ContentType::alert, &[level.0, description.0], 2)
            .map_err(|_| Fault::Internal(Internal::KeyExhausted));
    }
}
