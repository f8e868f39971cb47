//! The connection: what the caller may do, and the calls that move bytes and answers.

use alloc::boxed::Box;

use handclasp_codec::{AlertDescription, ProtocolVersion};
use handclasp_handshake::{
    Actions, Answer, ClientStart, Connected, Context as HandshakeContext, Handshake, Need,
};
use handclasp_record::Budget;
use handclasp_report::{CertificateError, Failed, Fault, FaultCode, Misuse, Report, Side, Tag};

use crate::{Context, inbound::Inbound, machine::Turn, outbound::Outbound};

/// One end of a TLS connection.
pub struct Connection {
    pub(crate) core: Box<Core>,
    pub(crate) inbound: Inbound,
    /// Records and messages without data that the peer may still send.
    pub(crate) budget: Budget,
    pub(crate) outbound: Outbound,
    pub(crate) is_connected: bool,
    /// Generation of the configuration that the handshake began with.
    pub(crate) generation: u64,
    /// Whether a fault ended the connection; the report has it.
    pub(crate) ended: bool,
    /// Whether the peer requested a KeyUpdate that was not sent yet.
    pub(crate) key_update_owed: bool,
    #[cfg(feature = "key-update-count")]
    pub(crate) key_updates: crate::KeyUpdates,
    pub(crate) closed_by_us: bool,
    pub(crate) closed_by_peer: bool,
}

/// The report, which is large, what the handshake wants done, and the handshake: in one allocation, so that a
/// connection can be moved at little cost.
pub(crate) struct Core {
    pub(crate) report: Report,
    pub(crate) actions: Actions,
    pub(crate) machine: Handshake,
}

/// What the caller may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct May {
    /// Input is accepted: [`Connection::receive_space`].
    pub receive: bool,
    /// Output is queued: [`Connection::transmit`].
    pub transmit: bool,
    /// Plaintext can be read: [`Connection::readable`].
    pub read: bool,
    /// The application may write: [`Connection::write`].
    pub write: bool,
    /// The handshake waits for an answer: [`Connection::need`].
    pub answer: bool,
}

impl Core {
    /// Lets the machine proceed. Its actions are in the queue: [`Connection::carry_out`].
    pub(crate) fn proceed(&mut self, context: &mut Context<'_>, turn: Turn<'_>) -> Result<(), Failed> {
        let Self { report, actions, machine } = self;
        let Context { config, now, random } = context;
        let mut context =
            HandshakeContext { config: &config.handshake, now: *now, random: &mut **random, report, actions };
        match turn {
            Turn::Input(input) => machine.handle(&mut context, input),
            Turn::Answer(answer) => machine.answer(&mut context, answer),
            Turn::UpdateKeys => machine.update_keys(&mut context),
        }
    }

    /// Notes an alert in the report.
    pub(crate) fn note_alert(&mut self, sent: bool, description: AlertDescription) {
        let own = self.report.own();
        let (from, tag) = if sent { (own, Tag::AlertSent) } else { (own.other(), Tag::AlertReceived) };
        self.report.note(from, tag, &[description.0]);
    }
}

impl Connection {
    /// Starts a client; its ClientHello is in [`Connection::transmit`].
    ///
    /// # Errors
    /// A configuration with nothing to offer, or the random number generator failed.
    pub fn client(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Self, FaultCode> {
        Self::start(context, Side::Client, |context| Handshake::client(context, start))
    }

    /// Starts a server, which waits for a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to choose from.
    pub fn server(context: &mut Context<'_>) -> Result<Self, FaultCode> {
        Self::start(context, Side::Server, Handshake::server)
    }

    #[inline(never)]
    fn start(
        context: &mut Context<'_>,
        own: Side,
        machine: impl FnOnce(&mut HandshakeContext<'_>) -> Result<Handshake, Failed>,
    ) -> Result<Self, FaultCode> {
        context.config.check()?;
        let mut report = Report::new(own);
        let mut actions = Actions::default();
        let started = machine(&mut HandshakeContext {
            config: &context.config.handshake,
            now: context.now,
            random: &mut *context.random,
            report: &mut report,
            actions: &mut actions,
        });
        let machine = started.map_err(|failed| report.code_of(failed))?;
        // RFC 8446 §5.1: a first ClientHello says TLS 1.0 for old middleboxes, all else 1.2.
        let plain_version = match own {
            Side::Client => ProtocolVersion::TLS_1_0,
            Side::Server => ProtocolVersion::TLS_1_2,
        };
        let mut connection = Self {
            core: Box::new(Core { report, actions, machine }),
            inbound: Inbound::new(context.config),
            budget: Budget::new(),
            outbound: Outbound::new(plain_version),
            is_connected: false,
            generation: context.config.handshake.generation,
            ended: false,
            key_update_owed: false,
            #[cfg(feature = "key-update-count")]
            key_updates: crate::KeyUpdates::default(),
            closed_by_us: false,
            closed_by_peer: false,
        };
        // Without keys nothing of it can fail.
        if let Err(failed) = connection.carry_out(context.config) {
            let _failed = connection.end(failed);
        }
        connection.outbound.first_flight_is_over();
        Ok(connection)
    }

    /// What the caller may do now.
    pub fn may(&self) -> May {
        let answer = !self.ended && self.core.machine.need().is_some();
        let read = !self.inbound.readable().is_empty();
        May {
            receive: !self.ended && !self.closed_by_peer && !answer && !read,
            transmit: !self.outbound.waiting().is_empty(),
            read,
            write: self.is_connected && !self.ended && !self.closed_by_us,
            answer,
        }
    }

    // ---- the transport

    /// A buffer to read input into; [`Connection::received`] takes the count.
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.inbound.space()
    }

    /// Whether that buffer is allocated: after [`Connection::release_buffers`] it is not.
    pub fn has_receive_space(&self) -> bool {
        self.inbound.has_space()
    }

    /// Takes the first `count` bytes of [`Connection::receive_space`].
    ///
    /// # Errors
    /// The fault that ended the connection. The alert for the peer is in [`Connection::transmit`].
    pub fn received(&mut self, context: &mut Context<'_>, count: usize) -> Result<(), FaultCode> {
        self.buffered(count);
        self.proceed(context)
    }

    /// As [`Connection::received`], without processing the bytes: [`Connection::proceed_once`] does.
    pub fn buffered(&mut self, count: usize) {
        self.inbound.received(count);
    }

    /// As [`Connection::received`], for bytes in a buffer of the caller.
    ///
    /// # Errors
    /// As [`Connection::received`].
    pub fn receive(&mut self, context: &mut Context<'_>, mut bytes: &[u8]) -> Result<(), FaultCode> {
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

    /// Takes the end of the transport.
    ///
    /// # Errors
    /// [`Fault::Truncated`] unless the peer sent close_notify.
    pub fn end_of_input(&mut self) -> Result<(), FaultCode> {
        if self.closed_by_peer {
            return Ok(());
        }
        let expected = (!self.is_connected).then(|| self.core.machine.expects());
        let failed = self.fail(Fault::Truncated { expected, anything_came: self.inbound.anything_came });
        Err(self.core.report.code_of(failed))
    }

    /// Whether the input ends inside a record or a handshake message: an end of the transport there
    /// has cut off data.
    pub fn is_inside_record(&self) -> bool {
        self.inbound.is_inside_record()
    }

    /// Ends the handshake because its time limit has passed.
    pub fn time_out(&mut self) -> FaultCode {
        let expected = self.core.machine.expects();
        let failed = self.fail(Fault::TimedOut { expected, anything_came: self.inbound.anything_came });
        self.core.report.code_of(failed)
    }

    /// Ends the connection with the alert access_denied (RFC 8446 §6.2), at any point. As an answer to a
    /// need, [`Answer::Refuse`] does the same.
    pub fn refuse(&mut self) -> FaultCode {
        let failed = self.fail(Fault::CallerRefused);
        self.core.report.code_of(failed)
    }

    /// Ends the connection because the peer is no longer trusted: its key was revoked after the session
    /// that this connection resumes ([`Connected::peer`]), or a check that takes long failed. The peer
    /// gets the alert of that fault.
    pub fn refuse_peer(&mut self, why: impl Into<CertificateError>) -> FaultCode {
        let failed = self.core.report.refuse(why.into());
        let failed = self.end(failed);
        self.core.report.code_of(failed)
    }

    /// Ends the connection because of a mistake of the caller; the peer gets internal_error.
    pub fn end_by_misuse(&mut self, why: Misuse) -> FaultCode {
        let failed = self.fail(Fault::Misuse(why));
        self.core.report.code_of(failed)
    }

    /// The fault that ended the connection. Only queued output is sent after it.
    pub fn fault(&self) -> Option<Fault> {
        self.failure().map(|failed| self.core.report.fault_of(failed))
    }

    /// The same as one number.
    pub fn fault_code(&self) -> Option<FaultCode> {
        self.failure().map(|failed| self.core.report.code_of(failed))
    }

    /// Output for the transport; [`Connection::transmitted`] removes what it took.
    pub fn transmit(&self) -> &[u8] {
        self.outbound.waiting()
    }

    /// Removes the first `count` bytes of [`Connection::transmit`].
    pub fn transmitted(&mut self, count: usize) {
        self.outbound.transmitted(count);
    }

    // ---- the handshake

    /// The need that the handshake waits for.
    pub fn need(&self) -> Option<Need<'_>> {
        if self.ended { None } else { self.core.machine.need() }
    }

    /// Answers the need, and proceeds.
    ///
    /// # Errors
    /// The fault that ended the connection, as [`Connection::received`].
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), FaultCode> {
        self.answer_once(context, answer)?;
        self.proceed(context)
    }

    /// Answers the need and does nothing further: [`Connection::proceed_once`] goes on.
    ///
    /// # Errors
    /// As [`Connection::answer`].
    pub fn answer_once(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), FaultCode> {
        let answered = self.unless_ended(context).and_then(|()| match self.core.machine.need() {
            None => Err(self.fail(Fault::Misuse(Misuse::WrongAnswer))),
            Some(_) => self.turn(context, Turn::Answer(answer)).map_err(|failed| self.end(failed)),
        });
        answered.map_err(|failed| self.core.report.code_of(failed))
    }

    /// What was negotiated, once the handshake is complete.
    pub fn connected(&self) -> Option<&Connected> {
        self.core.actions.connected.as_deref().filter(|_| self.is_connected)
    }

    /// The report so far.
    pub fn report(&self) -> &Report {
        &self.core.report
    }

    /// Adds to the report what only the caller knows of its answers: the key and names of a
    /// certificate that it refuses, the reason why it sends none. Never a secret. Of tags that do not tell of
    /// answers ([`Tag::is_of_answers`]) nothing is added: faults, alerts and messages are what the connection saw.
    pub fn note(&mut self, from: Side, tag: Tag, bytes: &[u8]) {
        if tag.is_of_answers() {
            self.core.report.note(from, tag, bytes);
        }
    }
}
