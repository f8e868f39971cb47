//! The connection itself: what may be done now, and how each call drives the rest.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{
    Actions, Answer, Client, ClientStart, Connected, Context as HandshakeContext, KeyLogLine, Need, Server,
    Session,
};
use handclasp_record::Budget;
use handclasp_report::{CertificateFault, Fault, Misuse, Report, Side, Tag};

use crate::{Context, inbound::Inbound, machine::Machine, outbound::Outbound};

/// One end of a TLS connection.
pub struct Connection {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) actions: Actions,
    pub(crate) report: Report,
    pub(crate) inbound: Inbound,
    /// What the peer may still send without getting anywhere.
    pub(crate) budget: Budget,
    pub(crate) outbound: Outbound,
    pub(crate) connected: Option<Box<Connected>>,
    /// One word where no key log is kept. A list that grows leaves no copy of a secret behind: its
    /// elements are pointers.
    #[expect(clippy::box_collection, reason = "see above")]
    pub(crate) key_log: Option<Box<Vec<Box<KeyLogLine>>>>,
    /// Boxed, since few connections have any to take.
    #[expect(clippy::box_collection, reason = "one word in an idle connection")]
    pub(crate) sessions: Option<Box<Vec<Session>>>,
    /// Generation of the configuration that the handshake began with.
    pub(crate) generation: u64,
    /// Why it ended, if it did.
    pub(crate) ended: Option<Fault>,
    /// Whether the peer waits for a KeyUpdate of ours.
    pub(crate) key_update_owed: bool,
    pub(crate) closed_by_us: bool,
    pub(crate) closed_by_peer: bool,
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
    ($connection:ident, $context:ident) => {
        HandshakeContext {
            config: &$context.config.handshake,
            now: $context.now,
            random: &mut *$context.random,
            report: &mut $connection.report,
            actions: &mut $connection.actions,
        }
    };
}

pub(crate) use env;

impl Connection {
    /// A client; its ClientHello waits in [`Connection::transmit`].
    ///
    /// # Errors
    /// A configuration with nothing to offer, or no randomness.
    pub fn client(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Self, Fault> {
        Self::start(context, Side::Client, |env| Ok(Box::new(Client::start(env, start)?)))
    }

    /// A server, waiting for a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to choose from.
    pub fn server(context: &mut Context<'_>) -> Result<Self, Fault> {
        Self::start(context, Side::Server, |env| Ok(Box::new(Server::new(env)?)))
    }

    fn start(
        context: &mut Context<'_>,
        own: Side,
        machine: impl FnOnce(&mut HandshakeContext<'_>) -> Result<Box<dyn Machine>, Fault>,
    ) -> Result<Self, Fault> {
        context.config.check()?;
        let mut report = Report::new(own);
        let mut actions = Actions::default();
        let machine = machine(&mut HandshakeContext {
            config: &context.config.handshake,
            now: context.now,
            random: &mut *context.random,
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
            inbound: Inbound::new(context.config.message_limits),
            budget: Budget::new(),
            outbound: Outbound::new(plain_version),
            connected: None,
            key_log: None,
            sessions: None,
            generation: context.config.handshake.generation,
            ended: None,
            key_update_owed: false,
            closed_by_us: false,
            closed_by_peer: false,
        };
        connection.carry_out(context.config)?;
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

    /// Whether there is such room, or memory would be asked for first: nothing is held in between
    /// where [`Connection::release_buffers`] gave it back.
    pub fn has_receive_space(&self) -> bool {
        self.inbound.has_space()
    }

    /// `count` bytes came into [`Connection::receive_space`].
    ///
    /// # Errors
    /// Why the connection ended. The alert for the peer then waits in
    /// [`Connection::transmit`].
    pub fn received(&mut self, context: &mut Context<'_>, count: usize) -> Result<(), Fault> {
        self.inbound.received(count);
        self.proceed(context)
    }

    /// As [`Connection::received`], from bytes that lie elsewhere.
    ///
    /// # Errors
    /// As [`Connection::received`].
    pub fn receive(&mut self, context: &mut Context<'_>, mut bytes: &[u8]) -> Result<(), Fault> {
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
        self.proceed(context)
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

    /// Whether the bytes that came end inside a record or a handshake message: an end of the
    /// transport there has certainly cut something off.
    pub fn is_inside_record(&self) -> bool {
        self.inbound.is_inside_record()
    }

    /// The handshake took too long.
    pub fn time_out(&mut self) -> Fault {
        let expected = self.machine.expects();
        self.give_up(Fault::TimedOut { expected, anything_came: self.inbound.anything_came })
    }

    /// The caller does not want this connection, at whatever point it is: the peer is told by
    /// access_denied (RFC 8446 §6.2), and nothing more is sent. While the handshake asks,
    /// [`Answer::Refuse`] does the same.
    pub fn refuse(&mut self) -> Fault {
        self.give_up(Fault::CallerRefused)
    }

    /// The caller no longer believes the peer: its key was withdrawn since the session that this
    /// connection resumes ([`Connected::peer`]), or a judgement that takes long came out against
    /// it. The peer gets the alert of that fault, and nothing more is sent.
    pub fn refuse_peer(&mut self, why: CertificateFault) -> Fault {
        self.give_up(Fault::Certificate(why))
    }

    /// Ends the connection because of a mistake of the caller; the peer gets internal_error.
    pub fn end_by_misuse(&mut self, why: Misuse) -> Fault {
        self.give_up(Fault::Misuse(why))
    }

    /// Ends the connection unless it is over; returns why it ended.
    fn give_up(&mut self, fault: Fault) -> Fault {
        match self.end(fault) {
            Ok(()) => fault,
            Err(ended) => ended,
        }
    }

    /// Why the connection ended, if it failed. Nothing is sent behind what waits then.
    pub fn fault(&self) -> Option<Fault> {
        self.ended
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
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Fault> {
        self.unless_ended(context)?;
        if self.machine.need().is_none() {
            return self.end(Fault::Misuse(Misuse::WrongAnswer));
        }
        let answered = self.machine.answer(&mut env!(self, context), answer);
        let outcome = answered.and_then(|()| self.carry_out(context.config));
        match outcome {
            Ok(()) => self.proceed(context),
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

    /// Adds to the report what the caller saw while it answered a need and the handshake cannot
    /// know: the key and names of a certificate that it refuses, why it shows none. Never a secret.
    pub fn note(&mut self, from: Side, tag: Tag, bytes: &[u8]) {
        self.report.note(from, tag, bytes);
    }
}
